import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { z } from "zod";
import { modules, vocabularyOf } from "../../src/app.ts";
import { membersModule } from "../../src/mall/members/index.ts";
import { importMachine } from "../../src/mall/members/import/model.ts";
import { personalFields } from "../../src/mall/members/fields.ts";
import { reviewMachine, statusMachine } from "../../src/mall/members/model.ts";
import { revealField } from "../../src/mall/members/reveal.ts";
import { compilePolicy, readShipped } from "../../src/platform/policy/index.ts";
import { projectRoot } from "../../src/platform/root.ts";
import { partOf } from "../surface/validation.ts";

const policy = compilePolicy(await readShipped(projectRoot()), vocabularyOf(modules));

const plainFields = ["member_no", "tier", "consents", "review_state", "status"];
/** What changes a state without being given the field: its machine's events. */
const movers: Record<string, readonly string[]> = {
  review_state: ["members.review", "members.edit"],
  status: ["members.freeze", "members.unfreeze"],
  consents: ["members.consent.record"],
};

/** Commands of the module whose input takes the field, and the import, which takes every column. */
function writersOf(field: string): string[] {
  const takes = membersModule.commands.filter(({ crud, input }) => {
    const { properties } = partOf(input as z.ZodType);
    return (crud === "c" || crud === "u") && properties !== undefined && field in properties;
  });
  const imported = plainFields.slice(3).includes(field) || field === "tier" ? [] : ["members.import.start"];
  return [...new Set([...takes.map(({ name }) => name), ...(movers[field] ?? []), ...imported])];
}

const holders = (permission: string) => {
  const roles = policy.holders(permission);
  return `\`${permission}\` (${roles.length === 0 ? "nobody" : roles.join(", ")})`;
};
const opened: readonly string[] =
  partOf(revealField.input as z.ZodType).properties?.["field"]?.enum?.map(String) ?? [];

const row = (field: string) => {
  const personal = opened.includes(field);
  const shown = personal ? "a mask" : "as it is";
  const plain = personal ? holders("members.reveal") : "";
  return `| \`${field}\` | ${shown}: ${holders("members.view")} | ${plain} | ${writersOf(field).map(holders).join("; ")} |`;
};

const arrows = (machine: readonly { from: string; event: string; to: string }[]) =>
  machine.map(({ from, event, to }) => `| ${from} | ${event} | ${to} |`);

const page = [
  "# Fields of a member: who sees them, who opens them, who changes them",
  "",
  "Generated from the schemas, the state machines and access.yaml; do not edit:",
  "`npx vitest run test/asvs/v8.test.ts -u` writes it anew.",
  "",
  "| field | is seen | is opened | is changed |",
  "|---|---|---|---|",
  ...[...personalFields, ...plainFields].map(row),
  "",
  "By state: a frozen member's data can be read and changed. Restricted data shows no mask, changes by nothing, is not",
  "exported, and opens on a named legal basis only; erased data is gone.",
  "",
  ...Object.entries({ review_state: reviewMachine, status: statusMachine, import: importMachine }).flatMap(
    ([name, machine]) => [`## ${name}`, "", "| from | event | to |", "|---|---|---|", ...arrows(machine), ""],
  ),
].join("\n");

describe("V8 authorization", () => {
  test("8.1.2 who sees, opens and changes which field stands on a page, and a change shows in a diff: docs/fields.md", async () => {
    await expect(page).toMatchFileSnapshot("../../docs/fields.md");
  });

  test("8.1.2 every personal field is masked and opened by one command alone", () => {
    expect(opened).toEqual([...personalFields]);
    for (const field of personalFields) expect(writersOf(field).length).toBeGreaterThan(2);
  });

  test("8.1.3, 8.1.4 every figure that decides by circumstances is named on the page about access", () => {
    const text = readFileSync(join(projectRoot(), "docs/access.md"), "utf8");
    const section = text.split("## What is asked about the circumstances")[1]?.split("\n## ")[0] ?? "";
    const named = [...section.matchAll(/`([a-z]\w*_\w+)`/g)].map(([, name = ""]) => name);
    const known = modules.flatMap(({ params }) => params.map(({ name }) => name));
    expect(named.filter((name) => !known.includes(name))).toEqual([]);
    const circumstances = known.filter((name) =>
      /^(session|pending|throttle|device|link|step_up|bound|just_in|break_glass|factor_lock|reveal_(minutes|budgets)|saved_)|_(per_minute|person_\w+|export_hours|wait_hours)$/.test(
        name,
      ),
    );
    expect(
      circumstances.filter((name) => !named.includes(name) && name !== "anonymous_events_per_minute"),
    ).toEqual([]);
    expect(circumstances.length).toBeGreaterThan(20);
  });
});
