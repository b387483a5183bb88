import { expect, test } from "vitest";
import { modules, vocabularyOf } from "../../src/app.ts";
import { importColumns } from "../../src/mall/members/import/columns.ts";
import { RECORD_BYTES } from "../../src/mall/members/import/records.ts";
import { PIECE } from "../../src/mall/members/import/upload.ts";
import { importMegabytes, importPersonFiles, importPersonMegabytes } from "../../src/mall/members/params.ts";
import { compilePolicy, readShipped } from "../../src/platform/policy/index.ts";
import { projectRoot } from "../../src/platform/root.ts";
import { renderOffers, renderParams } from "./validation.ts";

const policy = compilePolicy(await readShipped(projectRoot()), vocabularyOf(modules));

const page = [
  "# What is taken, and how much of it",
  "",
  "Generated from the schemas of all commands and queries and from the policies as shipped; do not edit:",
  "`npx vitest run test/surface/validation.test.ts -u` writes it anew. Unknown fields are refused everywhere.",
  "",
  "## Limits that policy sets",
  "",
  "Per person where the name says so or the clause does; the others hold for the console as a whole.",
  "",
  ...modules.flatMap(({ name, params }) =>
    params.length === 0 ? [] : [`### ${name}`, "", ...renderParams(params, policy.params), ""],
  ),
  "## Files",
  "",
  "One kind of file is taken in: members, as CSV (RFC 4180) in UTF-8 or GB18030. No archive is, so nothing is unpacked.",
  "",
  `* columns: ${importColumns.map((column) => `\`${column}\``).join(", ")}`,
  `* a file: at most ${policy.params(importMegabytes)} MB of 1,000,000 bytes; a row: at most ${RECORD_BYTES} bytes`,
  `* on its way in at a time, per person: at most ${policy.params(importPersonFiles)} files, ${policy.params(importPersonMegabytes)} MB together`,
  `* kept sealed in the database in pieces of ${PIECE} bytes until the import ends; never run, never served`,
  "",
  ...modules.flatMap((module) => {
    const offers = [...module.commands, ...module.queries];
    return offers.length === 0 ? [] : [`## Inputs of ${module.name}`, "", ...renderOffers(offers)];
  }),
].join("\n");

test("2.1.1, 2.1.2, 2.1.3, 5.1.1 a change of a rule, a limit or a kind of file shows in a diff: docs/validation.md", async () => {
  await expect(page).toMatchFileSnapshot("../../docs/validation.md");
});

test("2.1.1 the page says something of every field of every input", () => {
  expect(page).not.toMatch(/undefined|NaN|Infinity|\[object/);
  for (const { name } of modules.flatMap(({ commands, queries }) => [...commands, ...queries]))
    expect(page).toContain(`### ${name}\n`);
});

test("2.1.3 every parameter stands on it with its value", () => {
  const names = modules.flatMap(({ params }) => params.map(({ name }) => name));
  expect(names.filter((name) => !page.includes(`| \`${name}\` | \``))).toEqual([]);
});
