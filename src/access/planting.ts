import { z } from "zod";
import { command } from "../door/command.ts";
import { Id } from "../door/ids.ts";
import { Refusal } from "../door/refusal.ts";
import { about } from "./about.ts";
import { makeRecoveryCodes } from "./factor/recovery.ts";
import { TOTP_LABEL } from "./factor/use.ts";
import { ruleOf } from "./grants/commands.ts";
import { syncDuties } from "./grants/duties.ts";
import type { Access } from "./open.ts";
import { boundStepUpMinutes } from "./params.ts";
import { HashedPassword, hashOf, newPassword, storePassword } from "./password/new-password.ts";
import { createSession, newHandle, sessionId } from "./sessions.ts";
import { addPerson, DisplayName, Login } from "./staff/people.ts";

/*
 * What only a demo may: people, sessions and step-ups that nobody proved. Apart from the front of this module, because
 * nothing that a console in earnest loads may reach it: `main.ts` loads the demo when it was asked for one, and a test
 * follows the imports.
 */

/** Somebody of the demo, with what they sign in with. */
export interface PlantedPerson {
  login: string;
  name: string;
  language: "zh-CN" | "en";
  roles: readonly string[];
  password: string;
  /** Base32, as an authenticator takes it. */
  totpSecret: string;
}

const Planted = z.strictObject({
  login: Login,
  name: DisplayName,
  language: z.enum(["zh-CN", "en"]),
  roles: z.array(z.string().max(60)),
  password: HashedPassword,
  totpSecret: z.string().regex(/^[A-Z2-7]{32}$/),
});

/** Puts people into an empty console, enrolled and with their roles, and closes the set-up. Refuses once one exists. */
export const plant = command({
  name: "demo.staff",
  input: z.strictObject({ people: z.array(Planted).max(100) }),
  crud: "c",
  category: "access",
  // no route leads here, and no other console has it
  anonymous: true,
  severity: 3,
  async run({ tx, vault, access, input, params, record, now, newId }) {
    const policy = await access.rules(tx);
    const setup = await tx.selectFrom("access.setup").selectAll().forUpdate().executeTakeFirstOrThrow();
    const somebody = await tx.selectFrom("access.person").select("id").limit(1).executeTakeFirst();
    if (setup.closed_at !== null || somebody !== undefined) throw new Refusal("conflict", "setup_closed");
    await syncDuties(tx, policy);
    for (const planted of input.people) {
      const id = newId();
      const { login, name, language } = planted;
      await addPerson(tx, { id, login, name, by: "demo", now });
      await tx.updateTable("access.person").set({ state: "active" }).where("id", "=", id).execute();
      await tx.updateTable("access.preference").set({ language }).where("person_id", "=", id).execute();
      await about(tx, id);
      await storePassword(tx, id, hashOf(planted.password, "password"), now);
      const secret = await vault.seal(tx, TOTP_LABEL, Buffer.from(planted.totpSecret), id);
      await tx
        .insertInto("access.totp")
        .values({ id: newId(), person_id: id, secret, state: "active", created_at: now, confirmed_at: now })
        .execute();
      await makeRecoveryCodes({ tx, params, now }, id);
      for (const role of planted.roles)
        await tx
          .insertInto("access.role_grant")
          .values({
            id: newId(),
            person_id: id,
            role,
            kind: ruleOf(policy, role).just_in_time ? "eligible" : "standing",
            granted_by: "demo",
            granted_at: now,
          })
          .execute();
      record.target({ type: "staff", id, label: login });
    }
    await tx.updateTable("access.setup").set({ closed_at: now }).execute();
    record.fact("people", input.people.length);
  },
});

/** Hashes the passwords, then plants everybody in one transaction. Refuses `conflict` when somebody is there already. */
export async function plantStaff(access: Access, people: readonly PlantedPerson[]): Promise<void> {
  const { runtime } = access;
  const policy = await runtime.rules(runtime.read);
  const planted = await Promise.all(
    people.map(async ({ login, name, language, roles, password, totpSecret }) => ({
      login,
      name,
      language,
      totpSecret,
      roles: [...roles],
      password: await newPassword(runtime.hashing, policy, runtime.blocklist, {
        password,
        names: [login, name],
      }),
    })),
  );
  await runtime.door().execute(plant, { type: "operator", osUser: "demo" }, { people: planted });
}

/** Minutes that a session of the demo's loading lives. */
const MINUTES = 60;

/** A session of somebody while the demo is loaded; no cookie of it ever exists. */
export const plantSession = command({
  name: "demo.session",
  input: z.strictObject({ person: Id }),
  crud: "c",
  // no route leads here, and no other console has it
  anonymous: true,
  category: "staff",
  target: (input) => ({ type: "staff", id: input.person }),
  async run({ tx, input, now }) {
    const clock = { now: () => now };
    const token = await createSession(tx, clock, {
      person: input.person,
      handle: newHandle(clock),
      level: 2,
      authenticatedAt: now,
      factorAt: now,
      expiresAt: new Date(now.getTime() + MINUTES * 60_000),
      address: "",
      agent: "demo",
      device: null,
    });
    return { session: sessionId(token) };
  },
});

/** Says that such a session has just shown password and factor for one input. Stands for the form that a person fills in. */
export const plantStepUp = command({
  name: "demo.step_up",
  input: z.strictObject({
    session: z.string().regex(/^[0-9a-f]{64}$/),
    digest: z.string().regex(/^[\w-]{43}$/),
  }),
  crud: "c",
  // no route leads here, and no other console has it
  anonymous: true,
  category: "staff",
  async run({ tx, input, params, now, newId }) {
    await tx
      .insertInto("access.step_up")
      .values({
        id: newId(),
        session_id: input.session,
        digest: Buffer.from(input.digest, "base64url"),
        created_at: now,
        expires_at: new Date(now.getTime() + params(boundStepUpMinutes) * 60_000),
      })
      .execute();
  },
});
