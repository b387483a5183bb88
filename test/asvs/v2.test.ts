import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { z } from "zod";
import { sessionId } from "../../src/access/sessions.ts";
import { modules } from "../../src/app.ts";
import { uuidv7 } from "../../src/door/ids.ts";
import { Refusal } from "../../src/door/refusal.ts";
import { register } from "../../src/mall/members/register.ts";
import { projectRoot } from "../../src/platform/root.ts";
import { rulesOf } from "../../src/platform/together.ts";
import { type TestConsole, testConsole } from "../support/console.ts";

const NOBODY = uuidv7();
const offers = modules.flatMap(({ commands, queries }) => [...commands, ...queries]);

const someone = {
  member_no: "M900001",
  name: "张小凤",
  phone: "13900000001",
  email: null,
  sex: null,
  birth_date: null,
  tier: "standard",
  consents: ["service"],
  channel: "counter",
};
/** Fields of a form on which nothing was typed. */
const untouched = { name: null, phone: null, email: null, sex: null, birth_date: null, tier: "standard" };
const young = `${new Date().getUTCFullYear() - 5}-01-01`;
const backwards = { filter: { from: "2026-03-02", to: "2026-03-01" } };
const unknown = { filter: { actor: "nobody.here" } };
const look = { member: NOBODY, field: "phone", ticket: null };
const bothWays = { page: { after: "x", before: "x" } };

/** For every rule between fields: who may, and an input that breaks it and nothing else, with where that is said. */
const broken: Record<string, [login: string, input: object | (() => object), at: string]> = {
  "access.elevate: hours is just_in_time_hours at most": [
    "he.jing",
    { role: "incident_commander", hours: 9, reason: "nobody else is there" },
    "hours",
  ],
  "audit.export: from lies before to": ["emma.stone", { format: "bundle", from: 2, to: 1 }, "to"],
  "audit.export: to is what the log holds at most": [
    "emma.stone",
    { format: "bundle", from: 0, to: 9e9 },
    "to",
  ],
  "audit.export: filter.from is no later than filter.to": [
    "emma.stone",
    { format: "csv", ...backwards },
    "filter.to",
  ],
  "audit.export: filter.actor, filter.target and filter.action name somebody or something": [
    "emma.stone",
    { format: "csv", ...unknown },
    "filter.actor",
  ],
  "audit.search: filter.actor, filter.target and filter.action name somebody or something": [
    "emma.stone",
    unknown,
    "filter.actor",
  ],
  "audit.histogram: filter.actor, filter.target and filter.action name somebody or something": [
    "emma.stone",
    unknown,
    "filter.actor",
  ],
  "audit.search: filter.from is no later than filter.to": ["emma.stone", backwards, "filter.to"],
  "audit.histogram: filter.from is no later than filter.to": ["emma.stone", backwards, "filter.to"],
  "members.register: phone or email is given": ["ma.jun", { ...someone, phone: null }, "phone"],
  "members.register: consents name service": ["ma.jun", { ...someone, consents: ["marketing"] }, "consents"],
  "members.register: birth_date is at least member_min_age years ago": [
    "ma.jun",
    { ...someone, birth_date: young },
    "birth_date",
  ],
  "members.edit: phone or email remains": [
    "ma.jun",
    () => ({ member, version: 1, ...untouched, clear: ["phone"] }),
    "phone",
  ],
  "members.edit: birth_date is at least member_min_age years ago": [
    "ma.jun",
    () => ({ member, version: 1, ...untouched, birth_date: young }),
    "birth_date",
  ],
  "members.reveal: purpose is one of reveal_purposes": [
    "ma.jun",
    { ...look, purpose: "curiosity" },
    "purpose",
  ],
  "members.reveal: ticket is given where the purpose asks for one": [
    "ma.jun",
    { ...look, purpose: "service_request" },
    "ticket",
  ],
  "members.reveal_change: purpose is one of reveal_purposes": [
    "lin.wei",
    { ...look, event: NOBODY, purpose: "curiosity" },
    "purpose",
  ],
  "members.reveal_change: ticket is given where the purpose asks for one": [
    "lin.wei",
    { ...look, event: NOBODY, purpose: "service_request" },
    "ticket",
  ],
  "members.list: page.after and page.before exclude each other": ["ma.jun", bothWays, "page"],
  "members.review_queue: page.after and page.before exclude each other": ["ma.jun", bothWays, "page"],
};

/** Rules that need more around them than one input: the test that breaks each. */
const elsewhere: Record<string, [file: string, title: string]> = {
  "approvals.decide: deny gives a reason": ["access/approvals", "one denial closes, and says why"],
  "audit.export: to is export_range_events after from at most": [
    "audit/explorer",
    "a bundle needs a range that exists and that the policy allows",
  ],
  "members.import.upload: bytes of all pieces come to import_max_megabytes at most": [
    "mall/members/import/import",
    "refuses a file beyond the policy's size, clearly",
  ],
  "members.import.upload: no counts the pieces of one import from 0 without a gap": [
    "mall/members/import/import",
    "keeps pieces out of turn and other people's pieces out of an upload",
  ],
};

let member = "";
let world: TestConsole;

beforeAll(async () => {
  world = await testConsole({ with: "people" });
  const { door } = world.console;
  member = (
    await door.execute(register, await credentialOf("ma.jun"), {
      ...someone,
      member_no: "M900000",
      phone: "13900000000",
    })
  ).value.member;
}, 120_000);
afterAll(async () => await world.close());

async function credentialOf(login: string) {
  const token = (await world.session(login)).cookies.get("gatehouse") ?? "";
  return { type: "session", person: await world.personId(login), session: sessionId(token) } as const;
}

/** What is said against an input: its fields, or the kind of the refusal. */
async function refusalOf(name: string, login: string, input: unknown): Promise<string[]> {
  const credential = await credentialOf(login);
  const offer = offers.find((one) => one.name === name);
  if (offer === undefined) throw new Error(`there is no ${name}`);
  const { door } = world.console;
  try {
    if (offer.kind === "query") await door.ask(offer, credential, input);
    else if (offer.kind === "reveal") await door.reveal(offer, credential, input);
    else await door.execute(offer, credential, input);
    return ["taken"];
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return error.kind === "invalid" ? (error.details.issues ?? []).map(({ path }) => path) : [error.kind];
  }
}

describe("V2 what has to hold between fields", () => {
  const rules = offers.flatMap(({ name, input }) =>
    rulesOf(input as z.ZodType).map((rule) => `${name}: ${rule}`),
  );

  test("2.1.2, 2.2.3 every rule that is written down has an input that breaks it, here or in the test it names", () => {
    expect([...Object.keys(broken), ...Object.keys(elsewhere)].sort()).toEqual([...rules].sort());
  });

  test.each(Object.entries(broken))("2.2.3 %s", async (rule, [login, input, at]) => {
    const given = typeof input === "function" ? input() : input;
    expect(await refusalOf(rule.split(":")[0] ?? "", login, given)).toEqual([at]);
  });

  test.each(Object.entries(elsewhere))("2.2.3 %s: its test is there", (_, [file, title]) => {
    expect(readFileSync(join(projectRoot(), `test/${file}.test.ts`), "utf8")).toContain(`"${title}"`);
  });
});
