import type { Command } from "../../door/command.ts";
import { Refusal } from "../../door/refusal.ts";
import type { Page } from "../../platform/http/page.ts";
import { get, post, type Route } from "../../platform/module.ts";
import { LinkMadePage } from "../../../views/access/links.tsx";
import { MatrixPage } from "../../../views/access/matrix.tsx";
import { PersonPage, RevokePage } from "../../../views/access/person.tsx";
import { InvitePage, StaffPage } from "../../../views/access/staff.tsx";
import { grantDangerousRole, grantRole, revokeRole } from "../grants/commands.ts";
import { linkAddress } from "../links/address.ts";
import type { MadeLink } from "../links/link.ts";
import { runtimeOf } from "../runtime.ts";
import { disable, enable, endSessions, invite, resetFactor, resetPassword } from "./commands.ts";
import { matrix } from "./matrix.ts";
import { listStaff, type StaffView, viewStaff } from "./queries.ts";

export const staffRoutes: readonly Route[] = [
  get("/staff", listStaff, async (page) => {
    const { state, role, after } = page.query;
    const given = Object.entries({ state, role, after }).filter(
      ([, value]) => value !== undefined && value !== "",
    );
    const { people, more } = await page.ask(listStaff, Object.fromEntries(given));
    const runtime = runtimeOf(page);
    const roles = [...(await runtime.rules(runtime.read)).roles.keys()];
    const last = people.at(-1);
    const next = more && last !== undefined ? nextOf(page, last.login) : undefined;
    return await page.html(
      <StaffPage v={page.v} people={people} filter={{ state, role }} roles={roles} next={next} />,
    );
  }),

  get("/staff/invite", invite, async (page) => await page.html(<InvitePage v={page.v} />)),

  post("/staff/invite", invite, async (page) => {
    const form = await page.form();
    const values = { login: form.get("login"), name: form.get("name") };
    return await page.submit(invite, values, {
      done: (made) => linkMade(page, made.person, values.login, made),
      again: ({ errors }) => <InvitePage v={page.v} values={values} errors={errors} />,
    });
  }),

  get("/staff/matrix", matrix, async (page) => {
    return await page.html(<MatrixPage v={page.v} matrix={await page.ask(matrix, {})} />);
  }),

  get("/staff/:person", viewStaff, async (page) => await personPage(page)),

  post("/staff/:person/disable", disable, async (page) => await act(page, disable)),
  post("/staff/:person/enable", enable, async (page) => await act(page, enable)),
  post("/staff/:person/sessions", endSessions, async (page) => await act(page, endSessions)),
  post("/staff/:person/reset-factor", resetFactor, async (page) => await act(page, resetFactor, true)),

  post("/staff/:person/reset-password", resetPassword, async (page) => {
    const person = await page.ask(viewStaff, { person: page.param("person") });
    const reason = (await page.form()).get("reason");
    return await page.submit(
      resetPassword,
      { person: person.id, reason },
      {
        done: (made) => linkMade(page, person.id, person.login, made),
        again: ({ errors }) => <PersonPage v={page.v} person={person} problem={errors[0]?.message ?? ""} />,
      },
    );
  }),

  // one form for both: which command it is follows from the role, and the door would refuse the wrong one
  post("/staff/:person/roles", grantRole, async (page) => {
    const form = await page.form();
    const person = await page.ask(viewStaff, { person: page.param("person") });
    const role = form.get("role");
    const dangerous = person.grantable.find((g) => g.role === role)?.dangerous === true;
    const input = { person: person.id, role, reason: form.get("reason") };
    return dangerous
      ? await give(page, grantDangerousRole, person, { ...input, version: Number(form.get("version")) })
      : await give(page, grantRole, person, input);
  }),

  get("/staff/:person/roles/:grant", revokeRole, async (page) => {
    const { person, grant } = await grantOf(page);
    return await page.html(<RevokePage v={page.v} person={person} grant={grant} />);
  }),

  post("/staff/:person/roles/:grant", revokeRole, async (page) => {
    const { person, grant } = await grantOf(page);
    const reason = (await page.form()).get("reason");
    return await page.submit(
      revokeRole,
      { person: person.id, grant: grant.id, reason },
      {
        done: () => page.redirect(`/staff/${person.id}`, "access.notice.revoked"),
        again: ({ errors }) => <RevokePage v={page.v} person={person} grant={grant} errors={errors} />,
      },
    );
  }),
];

async function grantOf(page: Page) {
  const person = await page.ask(viewStaff, { person: page.param("person") });
  const grant = person.grants.find(({ id }) => id === page.param("grant"));
  if (grant === undefined) throw new Refusal("not-found", "not_found");
  return { person, grant };
}

async function personPage(page: Page): Promise<Response> {
  const person = await page.ask(viewStaff, { person: page.param("person") });
  return await page.html(<PersonPage v={page.v} person={person} />);
}

async function give<I>(
  page: Page,
  command: Command<I, { grant: string }>,
  person: StaffView,
  input: unknown,
): Promise<Response> {
  return await page.submit(command, input, {
    done: () => page.redirect(`/staff/${person.id}`, "access.notice.granted"),
    again: ({ errors }) => <PersonPage v={page.v} person={person} problem={errors[0]?.message ?? ""} />,
  });
}

/** A deed upon a person that takes a reason, and the version that the page showed where two people have to agree. */
async function act<I>(page: Page, command: Command<I, void>, versioned = false): Promise<Response> {
  const person = await page.ask(viewStaff, { person: page.param("person") });
  const form = await page.form();
  const version = versioned ? { version: Number(form.get("version")) } : {};
  return await page.submit(
    command,
    { person: person.id, reason: form.get("reason"), ...version },
    {
      done: () => page.redirect(`/staff/${person.id}`, "access.notice.staff-changed"),
      again: ({ errors }) => <PersonPage v={page.v} person={person} problem={errors[0]?.message ?? ""} />,
    },
  );
}

async function linkMade(page: Page, person: string, login: string, made: MadeLink): Promise<Response> {
  return await page.html(
    <LinkMadePage
      v={page.v}
      login={login}
      address={linkAddress(page, made.token)}
      expiresAt={made.expiresAt}
      back={`/staff/${person}`}
    />,
  );
}

function nextOf(page: Page, after: string): string {
  const query = new URLSearchParams({ ...page.query, after });
  if (query.get("notice") !== null) query.delete("notice");
  return `/staff?${query.toString()}`;
}
