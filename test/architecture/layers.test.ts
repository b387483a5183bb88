import { describe, expect, test } from "vitest";
import { projectRoot } from "../../src/platform/root.ts";
import { importsOf, readImports } from "./imports.ts";
import { violations } from "./rules.ts";

test("no import goes up a floor, into another module, round in a circle, or past a keeper", async () => {
  const imports = await readImports(projectRoot(), ["src", "views"]);
  expect(imports.length).toBeGreaterThan(50);
  expect(violations(imports)).toEqual([]);
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
      "nobody forges a release",
      "src/platform/vault/a.ts",
      'import {\n  type Release,\n  makeRelease,\n} from "../../door/release.ts";',
    ],
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
    ["sessions may", "src/access/sessions.ts", 'import { Lucia } from "lucia";'],
  ])("allows: %s", (_rule, file, source) => {
    expect(judge(file, source)).toEqual([]);
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
