import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { AnyCommand } from "../../src/door/command.ts";
import { Refusal } from "../../src/door/refusal.ts";
import { type TestConsole, testConsole } from "../support/console.ts";
import { sessionId } from "../../src/access/sessions.ts";
import { NOBODY } from "./address.ts";
import { occurrences } from "../asvs/source.ts";
import { gated, roles, steppedUp } from "./policy.ts";

/** What each gated command takes; that there is nothing under these ids is found out behind the gate. */
const inputs: Record<string, unknown> = {
  "access.elevate": { role: "responder", hours: 1, reason: "nobody else is there tonight" },
  "access.recovery.regenerate": {},
  "access.totp.start": {},
  "approvals.decide": { request: NOBODY, decision: "approve", digest: "a".repeat(43) },
  "audit.export": { format: "bundle", from: "0", to: "1" },
  "members.export.download": { export: NOBODY, passphrase: undefined },
  "members.freeze": { member: NOBODY, version: 1, reason: "fraud_suspected" },
  "members.reveal": { member: NOBODY, field: "phone", purpose: "identity_check", ticket: null },
  "members.reveal_change": {
    member: NOBODY,
    event: NOBODY,
    field: "phone",
    purpose: "identity_check",
    ticket: null,
  },
  "members.unfreeze": { member: NOBODY, version: 1 },
  "staff.break_glass.open": { reason: "nobody else can be reached tonight" },
  "staff.disable": { person: NOBODY, reason: "has left the company" },
  "staff.enable": { person: NOBODY, reason: "is back with the company" },
  "staff.invite": { login: "new.person", name: "New Person" },
  "staff.reset_password": { person: NOBODY, reason: "forgot it over the holidays" },
  "staff.roles.grant": { person: NOBODY, role: "marketing", reason: "moves to marketing" },
  "staff.roles.keep": { person: NOBODY, grant: NOBODY },
  "staff.roles.revoke": { person: NOBODY, grant: NOBODY, reason: "leaves the department" },
};

let world: TestConsole;

beforeAll(async () => {
  world = await testConsole({ with: "people" });
  for (const role of roles.keys()) await world.person(role, { role });
}, 120_000);
afterAll(async () => await world.close());

/** The commands that buttons are marked by: in `command="…"`, in `command={… ? "…" : "…"}`, and in a list of deeds. */
const named = occurrences(/\bcommand=(?:"[^"]*"|\{[^}]*"[^}]*\})|\bpermission: "[^"]*"/g).flatMap((found) =>
  [...found.matchAll(/"([^"]+)"/g)].map(([, name = ""]) => name),
);

/** The mark comes from the policy, by the name of the command: a name that is none would be a button without a mark. */
test("every button that names the command behind it names one that exists", () => {
  const names = new Set(world.console.modules.flatMap(({ commands }) => commands).map(({ name }) => name));
  expect(named.length).toBeGreaterThan(10);
  expect(named.filter((name) => !names.has(name))).toEqual([]);
});

test("a gated command has a marked button somewhere", () => {
  // the button of `staff.roles.grant`: which of the two it is depends on the role, and the role says so in the list
  const marked = new Set([...named, "staff.roles.grant_dangerous"]);
  expect(gated.filter((name) => !marked.has(name))).toEqual([]);
});

/** What the door says to somebody who may, with a second factor of so many minutes ago. */
async function answer(name: string, factorAgo: number): Promise<string> {
  const command = world.console.modules.flatMap(({ commands }) => commands).find((c) => c.name === name);
  if (command === undefined) throw new Error(`there is no ${name}`);
  const role = [...roles].find(([, permissions]) => permissions.has(name))?.[0] ?? "";
  const token = (await world.session(role, { factorAgo })).cookies.get("gatehouse") ?? "";
  const credential = {
    type: "session",
    person: await world.personId(role),
    session: sessionId(token),
  } as const;
  const input = name === "members.export.download" ? await exportInput() : inputs[name];
  const { door } = world.console;
  try {
    await passing(door, command)(credential, input);
    return "done";
  } catch (error) {
    if (error instanceof Refusal) return error.code;
    throw error;
  }
}

function passing(door: TestConsole["console"]["door"], command: AnyCommand) {
  return async (credential: Parameters<typeof door.execute>[1], input: unknown) =>
    command.kind === "reveal"
      ? await door.reveal(command, credential, input)
      : await door.execute(command, credential, input);
}

async function exportInput() {
  const { newPassphrase } = await import("../../src/mall/members/sealed-file.ts");
  return { export: NOBODY, passphrase: newPassphrase() };
}

describe("a second factor that was shown too long ago", () => {
  test("is known for every command that asks for one", () => {
    expect(Object.keys(inputs).sort()).toEqual([...steppedUp].sort());
  });

  test.each([...steppedUp])("does not do for %s", async (name) => {
    expect(await answer(name, 11)).toBe("step_up");
  });

  test.each([...steppedUp])(
    "and one that was just shown does for %s only where the rules say so",
    async (name) => {
      const policy = await world.console.rules(world.console.read);
      const gate = policy.gate(name);
      const bound = gate.kind === "step-up" && gate.level === "bound";
      if (bound) expect(await answer(name, 0)).toBe("step_up");
      else expect(await answer(name, 0)).not.toBe("step_up");
    },
  );
});
