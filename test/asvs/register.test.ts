import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { projectRoot } from "../../src/platform/root.ts";

const page = readFileSync(join(projectRoot(), "docs/asvs.md"), "utf8");
const rows = [...page.matchAll(/^\| ([\d./–]+) \| (.*) \| (.*) \| (proved|open|later) \|$/gm)].map(
  ([, id = "", , proof = "", state = ""]) => ({ id, proof, state }),
);

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
      expect(readFileSync(path, "utf8")).toContain(words);
    }
  });
});
