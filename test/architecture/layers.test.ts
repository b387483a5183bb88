import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { projectRoot } from "../../src/platform/root.ts";
import { importsOf, readImports } from "./imports.ts";
import { sideDoors, violations } from "./rules.ts";

test("no import goes up a floor, into another module, round in a circle, or past a keeper", async () => {
  const imports = await readImports(projectRoot(), ["src", "views"]);
  expect(imports.length).toBeGreaterThan(50);
  expect(violations(imports)).toEqual([]);
});

test("the command line is no second way in: it goes through the door", async () => {
  const files = (await readdir(join(projectRoot(), "src/cli"))).map((file) => `src/cli/${file}`);
  expect(files).toContain("src/cli/audit.ts");
  const sources = await Promise.all(
    files.map(async (file) => await readFile(join(projectRoot(), file), "utf8")),
  );
  expect(files.flatMap((file, at) => sideDoors(file, sources[at] ?? ""))).toEqual([]);
});

describe("the judge itself", () => {
  const judge = (file: string, source: string) => violations(importsOf(file, source));

  test.each([
    ["the door knows no platform", "src/door/door.ts", 'import { a } from "../platform/root.ts";'],
    ["nor types of it", "src/door/door.ts", 'import type { A } from "../platform/root.ts";'],
    ["the platform knows no module", "src/platform/a.ts", 'import { a } from "../access/index.ts";'],
    ["the platform knows no page", "src/platform/a.ts", 'export * from "../../views/page.tsx";'],
    ["a module does not know the top", "src/access/a.ts", 'import { a } from "../app.ts";'],
    ["nor another one's inside", "src/mall/members/a.ts", 'import { a } from "../../access/sessions.ts";'],
    ["nor by a dynamic import", "src/mall/members/a.ts", 'const a = await import("../orders/model.ts");'],
    ["a view calls nothing", "views/a.tsx", 'import { door } from "../src/door/door.ts";'],
    ["a view reads no file", "views/a.tsx", 'import { readFile } from "node:fs/promises";'],
    ["a view asks no database", "views/a.tsx", 'import { Kysely } from "kysely";'],
    [
      "nobody takes write connections",
      "src/access/a.ts",
      'import { openWritePool } from "../platform/database/index.ts";',
    ],
    [
      "not even renamed",
      "src/access/a.ts",
      'import { openWritePool as o } from "../platform/database/pools.ts";',
    ],
    [
      "nor names what would hold them",
      "src/access/runtime.ts",
      'import type { Statement, WritePool } from "../door/ports.ts";',
    ],
    [
      "nobody forges a release",
      "src/platform/vault/a.ts",
      'import {\n  type Release,\n  makeRelease,\n} from "../../door/release.ts";',
    ],
    [
      "evidence has one way out",
      "src/cli/audit.ts",
      'import { exportBundle } from "../platform/audit/evidence.ts";',
    ],
    ["nobody plants people", "src/access/module.ts", 'import { plant } from "./planting.ts";'],
    ["sessions have one seam", "src/access/staff.ts", 'import { Lucia } from "lucia";'],
    ["a new folder needs a floor", "src/helpers/a.ts", 'import { z } from "zod";'],
  ])("catches: %s", (_rule, file, source) => {
    expect(judge(file, source)).toHaveLength(1);
  });

  test.each([
    [
      "a module uses the floors below",
      "src/mall/members/routes.tsx",
      'import { a } from "../../../views/members/list.tsx";',
    ],
    ["and another's front", "src/mall/members/a.ts", 'import { staff } from "../../access/index.ts";'],
    [
      "a view names types",
      "views/members/list.tsx",
      'import type { Member } from "../../src/mall/members/model.ts";',
    ],
    ["in braces too", "views/a.tsx", 'import { type A, type B } from "../src/door/event.ts";'],
    ["a view translates", "views/a.tsx", 'import { formatDate } from "../src/platform/i18n/formats.ts";'],
    [
      "the top uses everything",
      "src/app.ts",
      'import { openWritePool } from "./platform/database/index.ts";',
    ],
    [
      "a keeper's neighbour is free",
      "src/access/a.ts",
      'import { openReadPool } from "../platform/database/index.ts";',
    ],
    [
      "the narrow writers are bound in one file",
      "src/access/narrow.ts",
      'import type { WritePool } from "../door/ports.ts";',
    ],
    ["sessions may", "src/access/sessions.ts", 'import { Lucia } from "lucia";'],
  ])("allows: %s", (_rule, file, source) => {
    expect(judge(file, source)).toEqual([]);
  });

  test.each([
    ["by its name", "const rows = await (await work.console()).read.selectFrom('audit.checkpoint');", 1],
    ["taken out", "const { vault, read } = await work.console();", 1],
    ["renamed", "const { read: tx } = await work.console();", 1],
    ["a file, which is none", "const { door } = await work.console();\nawait readFile(file);", 0],
  ])("catches a connection on the command line: %s", (_how, source, found) => {
    expect(sideDoors("src/cli/a.ts", source)).toHaveLength(found);
    expect(sideDoors("src/app.ts", source)).toEqual([]);
  });

  test("catches a circle of three modules, once", () => {
    const circle = [
      ...importsOf("src/mall/orders/a.ts", 'import { a } from "../payments/index.ts";'),
      ...importsOf("src/mall/payments/a.ts", 'import { a } from "../members/index.ts";'),
      ...importsOf("src/mall/members/a.ts", 'import type { A } from "../orders/index.ts";'),
    ];
    expect(violations(circle)).toEqual([
      "modules in a circle: src/mall/orders → src/mall/payments → src/mall/members → src/mall/orders",
    ]);
  });
});
