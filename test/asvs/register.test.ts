import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { projectRoot } from "../../src/platform/root.ts";

const page = readFileSync(join(projectRoot(), "docs/asvs.md"), "utf8");
const rows = [...page.matchAll(/^\| ([\d./–]+) \| (.*) \| (.*) \| (proved|open|later) \|$/gm)].map(
  ([, id = "", , proof = "", state = ""]) => ({ id, proof, state }),
);

/**
 * The names of a file's tests and groups: the first argument of `test`, `it` and `describe`, and of their `each`. Where
 * an `each` is named by `%s`, the first word of each row of its table is the name.
 */
function titlesIn(source: string): string[] {
  const text = String.raw`("(?:[^"\\\n]|\\.)*"|${"`"}[^${"`"}]*${"`"})`;
  const call = new RegExp(String.raw`(?:\b(?:test|it|describe)(?:\.\w+)*\(|[\])\w]\)\()\s*${text}`, "g");
  const table = /\.each\(\[\n([\s\S]*?)\n {2,4}\](?: as [^)]+)?\)\(\s*["`][^"`]*%s/g;
  const row = new RegExp(String.raw`^ +\[\s*${text}`, "gm");
  const named = [...source.matchAll(table)].flatMap(([, rows = ""]) => [...rows.matchAll(row)]);
  return [...source.matchAll(call), ...named].map(([, literal = ""]) =>
    literal.slice(1, -1).replaceAll('\\"', '"'),
  );
}

test("a title is the name of a test, not a comment, a value or an expected text", () => {
  const source = `test("one", () => {
    // "two"
    expect(name).toBe("three");
  });
  test.each([1])("four", () => {});
  describe.skipIf(!here)("five", () => {});
  test.each([
    ["six", "seven"],
  ])("%s", () => {});`;
  expect(titlesIn(source)).toEqual(["one", "four", "five", "%s", "six"]);
});

describe("the register of the ASVS", () => {
  test("has every row once, and counts them as it says", () => {
    expect(new Set(rows.map(({ id }) => id)).size).toBe(rows.length);
    const count = (state: string) => rows.filter((row) => row.state === state).length;
    expect(page).toContain(`${count("proved")} proved, ${count("open")} open, ${count("later")} later.`);
    expect(rows.length).toBe(213);
  });

  test.each(rows.filter(({ state }) => state === "proved"))("$id names a test that exists", ({ proof }) => {
    // a row may name several, each with its file
    for (const one of proof.split(/; (?=`)/)) {
      const [, file = "", title = ""] = /^`([^`]+)`: (.+)$/.exec(one) ?? [];
      const path = join(projectRoot(), file);
      expect(existsSync(path)).toBe(true);
      const words = title.replace(/^\(|\)$/g, "");
      // the words stand in the name of a test: a comment or a value that holds them proves nothing
      const titles = titlesIn(readFileSync(path, "utf8"));
      expect(
        titles.filter((name) => name.includes(words)),
        `${words}, among ${titles.length} titles`,
      ).not.toEqual([]);
    }
  });
});
