import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "csv-parse/sync";
import { array, assert, constantFrom, oneof, property, string, tuple } from "fast-check";
import { describe, expect, test } from "vitest";
import { csvRows } from "../../src/platform/csv.ts";
import { createTranslator } from "../../src/platform/i18n/index.ts";
import { projectRoot } from "../../src/platform/root.ts";
import { safeHref } from "../../views/components/safe-href.ts";
import { filesWith, occurrences, sources } from "./source.ts";

const read = (path: string) => readFileSync(join(projectRoot(), path), "utf8");

describe("V1 encoding and sanitization", () => {
  test("1.1.2 text goes unescaped into HTML in one file, which writes a constant", () => {
    expect(filesWith(/(?<!\.)\braw\(|dangerouslySetInnerHTML|\.innerHTML\s*=|outerHTML\s*=[^=]/)).toEqual([
      "views/layout/doctype.ts",
    ]);
  });

  test("1.2.2 a link leads to http, https, mail or a path of ours, whatever it is given", () => {
    for (const bad of [
      "javascript:alert(1)",
      " JaVaScRiPt:x",
      "data:text/html,x",
      "vbscript:x",
      "\tjavascript:x",
    ])
      expect(safeHref(bad)).not.toMatch(/^\s*(javascript|data|vbscript):/i);
    assert(
      property(string(), (text) => {
        const url = URL.parse(safeHref(text), "https://mall.example");
        return url === null || ["http:", "https:", "mailto:"].includes(url.protocol);
      }),
    );
  });

  test("1.2.2 no view writes the address of a link past the function that checks it", () => {
    const unchecked = occurrences(/<a\b[^>]*\bhref=\{(?!safeHref\()[^}]*\}/g);
    expect(unchecked).toEqual([
      // a field of the same page, by an id that the code made
      "views/components/error-summary.tsx: <a href={`#${fieldId(field)}",
      // both have been through the function, because the address is needed twice
      'views/components/pagination.tsx: <a class="button small" rel={direction === "next" ? "next" : "prev"} href={address}',
      'views/components/table.tsx: <a class="sort" href={href}',
      // bytes that were encrypted here, as base64, to be saved; nothing that somebody typed
      'views/members/exports.tsx: <a class="button primary" href={`data:application/octet-stream;base64,${Buffer.from(file.content).toString("base64")}',
    ]);
    expect(filesWith(/const (address|href) = safeHref\(/).sort()).toEqual([
      "views/components/pagination.tsx",
      "views/components/table.tsx",
    ]);
  });

  test("1.2.4 SQL is text of ours with values beside it; raw text comes from constants alone", () => {
    expect(occurrences(/\bsql\.(raw|lit)\b/g).sort()).toEqual([
      "src/mall/members/bulk.ts: sql.raw",
      "src/platform/vault/data-keys.ts: sql.raw",
      "src/platform/vault/rotation.ts: sql.raw",
    ]);
    // names of databases and roles cannot be parameters; they are ours, and quoted, and no request is anywhere near
    const start = /^src\/platform\/database\/(open|presence|roles)\.ts: /;
    const built = occurrences(/\bquery(<[^(]*>)?\(\s*(`[^`]*\$\{|"[^"]*"\s*\+)/g);
    expect(built.filter((found) => !start.test(found))).toEqual([]);
  });

  test("1.2.5 programs are started by the files of the embedded database alone, and never by a shell", () => {
    expect(filesWith(/node:child_process/).sort()).toEqual([
      "src/platform/database/cluster.ts",
      "src/platform/database/os-user.ts",
    ]);
    expect(occurrences(/\bexec\(\s*[`"']|execSync|shell:\s*true/g)).toEqual([]);
  });

  test("1.2.9 a regular expression is made of text in three files, all from constants", () => {
    expect(filesWith(/new RegExp\(/).sort()).toEqual([
      "src/mall/members/sealed-file.ts",
      "src/platform/vault/envelope.ts",
      "src/platform/vault/normalise.ts",
    ]);
  });

  test("1.2.10 a file for a spreadsheet reads back as it was, and no text in it is a formula", () => {
    const starts = ["=", "+", "-", "@", "\t", "\0", "\r", "\n", "＝", "＋", "－", "＠"];
    const hostile = tuple(constantFrom(...starts, "", "'", '"', ","), string()).map((parts) =>
      parts.join(""),
    );
    const rows = array(tuple(hostile, oneof(hostile, string({ unit: "binary" })), constantFrom("a", "-1")), {
      minLength: 1,
      maxLength: 5,
    });
    assert(
      property(rows, (given) => {
        const read = parse(csvRows(given), { record_delimiter: "\r\n" });
        expect(read.length).toBe(given.length);
        for (const [at, row] of read.entries())
          for (const [column, cell] of row.entries()) {
            const value = given[at]?.[column] ?? "";
            expect(starts).not.toContain(cell[0]);
            expect(cell).toBe(starts.includes(value[0] ?? "") ? `'${value}` : value);
          }
      }),
    );
    expect(csvRows([[-1, 'two "words"']])).toBe('-1,"two ""words"""\r\n');
  });

  test("1.2.10 no other file writes such files", () => {
    expect(filesWith(/from "csv-stringify/).sort()).toEqual([
      // made people, for the console's own import
      "src/mall/members/demo-people.ts",
      "src/platform/csv.ts",
    ]);
    const sends = filesWith(/text\/csv/).filter((path) => path.startsWith("src/"));
    expect(sends.filter((path) => !/csvRows\(/.test(read(path)))).toEqual([]);
    expect(sends.length).toBeGreaterThan(1);
  });

  test("1.3.2 nothing is evaluated", () => {
    expect(occurrences(/\beval\(|new Function\(|setTimeout\(\s*["'`]/g)).toEqual([]);
    expect(filesWith(/safeEval: false/)).toEqual(["views/layout/document.tsx"]);
  });

  test("1.3.7 no engine of templates is there, and messages are made of the catalogue alone", () => {
    // read as JSON of a known shape
    const lock = JSON.parse(read("package-lock.json")) as { packages: Record<string, { dev?: boolean }> };
    const engines =
      /\/(handlebars|ejs|mustache|nunjucks|pug|eta|liquidjs|dot|hogan\.js|squirrelly|lodash(\.template)?|twig|velocityjs|marko)$/;
    expect(
      Object.entries(lock.packages).flatMap(([name, { dev }]) =>
        engines.test(name) && dev !== true ? [name] : [],
      ),
    ).toEqual([]);
    expect(occurrences(/IntlMessageFormat\([^)]*\)/g).sort()).toEqual([
      // reads the placeholders of a message for the test of the catalogues
      'src/platform/i18n/placeholders.ts: IntlMessageFormat(pattern, "en", undefined, { ignoreTag: true })',
      "src/platform/i18n/translate.ts: IntlMessageFormat(pattern, language, undefined, { ignoreTag: true })",
    ]);
    expect(occurrences(/createTranslator\([^)]*\)/g).sort()).toEqual([
      "src/access/banners.ts: createTranslator(language, messages)",
      "views/context.ts: createTranslator(input.language, messages)",
    ]);
  });

  test("1.3.7 what is put into a message is text, whatever it looks like", () => {
    const t = createTranslator("en", { hello: { "zh-CN": "{name}，您好", en: "Hello, {name}" } });
    const pieces = constantFrom(
      "{name}",
      "{n, plural, one {#} other {#}}",
      "${7*7}",
      "{{7*7}}",
      "<%= 1 %>",
      "'{",
      "#",
    );
    assert(
      property(array(oneof(pieces, string())), (parts) => {
        const name = parts.join("");
        expect(t("hello", { name })).toBe(`Hello, ${name}`);
      }),
    );
  });

  test("1.3.10 the operator's log takes a word of a closed list, never a text that was put together", () => {
    expect(occurrences(/\blog\.(info|warn|error)\(\s*(`|\w+\s*\+|String\()/g)).toEqual([]);
  });

  test("1.5.3 each format has one parser", () => {
    expect(filesWith(/from "yaml"/)).toEqual(["src/platform/policy/yaml-file.ts"]);
    expect(filesWith(/from "csv-parse/)).toEqual(["src/mall/members/import/records.ts"]);
    expect(sources.length).toBeGreaterThan(200);
  });
});
