import { expect, test } from "vitest";
import { modules } from "../../src/app.ts";
import { logEvents } from "../../src/platform/log.ts";
import { furtherActions, ownActions, renderLogInventory } from "../support/log-inventory.ts";
import { filesWith, occurrences, sources } from "./source.ts";

test("16.1.1 what is logged shows in a diff: docs/log-inventory.md", async () => {
  await expect(renderLogInventory(modules)).toMatchFileSnapshot("../../docs/log-inventory.md");
});

test("16.1.1 every event of the operator's log is said somewhere, and none that is not in the list", () => {
  const text = sources
    .filter(({ path }) => path !== "src/platform/log.ts")
    .map((source) => source.text)
    .join("\n");
  expect(Object.keys(logEvents).filter((event) => !text.includes(`"${event}"`))).toEqual([]);
  const said = [...text.matchAll(/\blog\.(?:info|warn|error)\(\s*"(\w+)"/g)].map(([, event = ""]) => event);
  expect(said.length).toBeGreaterThan(5);
  for (const event of said) expect(logEvents).toHaveProperty([event]);
});

test("16.1.1 the log's own actions are those that it can write", () => {
  const [declared = ""] = occurrences(/action: "audit\.[^,]+/g);
  const written = [...declared.matchAll(/"([\w.]+)"/g)].map(([, action]) => action);
  expect(written.toSorted()).toEqual(Object.keys(ownActions).toSorted());
});

test("16.1.1 what stands beside a command's own event is in the list", () => {
  const further = occurrences(/\b(?:eventOf\(|also\(\{)\s*(?:action: )?"[\w.]+"/g).map(
    (found) => /"([\w.]+)"/.exec(found)?.[1] ?? "",
  );
  expect(further.toSorted()).toEqual(Object.keys(furtherActions).toSorted());
  // one who adds events under another name has to come here
  expect(filesWith(/\brecord\.also\(/)).toEqual([
    "src/access/reviews/lapse.ts",
    "src/mall/members/import/step.ts",
  ]);
});
