import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { sql } from "kysely";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { filterKeys } from "../../src/audit/filter.ts";
import { modules } from "../../src/app.ts";
import { routeTable } from "../../src/platform/http/mount.ts";
import type { Language } from "../../src/platform/i18n/index.ts";
import { written } from "../../src/access/demo.ts";
import { roster as people } from "../../src/demo/roster.ts";
import { projectRoot } from "../../src/platform/root.ts";
import { transforms } from "../../src/platform/vault/transforms.ts";
import { isMessageKey, messages } from "../../views/messages/index.ts";
import { type TestConsole, testConsole } from "../support/console.ts";
import { permissionOf } from "./address.ts";
import { crawl, type Found } from "./crawl.ts";
import { roles } from "./policy.ts";

const languages: readonly Language[] = ["zh-CN", "en"];
let world: TestConsole;
const crawled = new Map<string, Found[]>();

beforeAll(async () => {
  world = await testConsole({ with: "demo" });
  for (const role of roles.keys()) await world.person(loginFor(role), { role });
}, 300_000);
afterAll(async () => await world.close());

/** A login that is no name of ours, or the pages that show it could not be told from those that show the role's name. */
const loginFor = (role: string) => role.replaceAll("_", "-");

/** All pages that a role can click its way to, in one language. */
async function pagesOf(role: string, language: Language): Promise<Found[]> {
  const name = `${role} ${language}`;
  const known = crawled.get(name);
  if (known !== undefined) return known;
  const client = await world.session(loginFor(role));
  await client.submit("/me", { language, return_to: "/" }, "/preferences");
  const found = await crawl(client);
  crawled.set(name, found);
  return found;
}

describe.each([...roles.keys()])("%s", (role) => {
  test("meets no link that leads to a no, to nothing or to an error", async () => {
    const wrong = (await pagesOf(role, "en")).filter(({ status }) => status >= 400);
    expect(wrong.map(({ status, address }) => `${status} ${address}`)).toEqual([]);
  }, 120_000);

  test("is offered no form that the role may not send", async () => {
    const actions = routeTable(world.console.modules).filter(({ method }) => method === "post");
    const wrong: string[] = [];
    for (const { address, forms } of await pagesOf(role, "en")) {
      for (const form of forms) {
        const path = new URL(form, "http://x").pathname;
        const route = actions.find((action) => patternOf(action.path).test(path));
        const permission = route === undefined ? `no route for ${path}` : permissionOf(route);
        if (permission !== null && roles.get(role)?.has(permission) !== true)
          wrong.push(`${address}: ${path} (${permission})`);
      }
    }
    expect(wrong).toEqual([]);
  }, 120_000);

  test.each(languages)(
    "reads every page in %s, with no name of ours for a word",
    async (language) => {
      const wrong: string[] = [];
      for (const { address, html } of await pagesOf(role, language)) {
        if (html === "") continue;
        if (!html.includes(`<html lang="${language}"`)) wrong.push(`${address}: lang`);
        const words = textOf(html);
        for (const name of innerNames(html)) wrong.push(`${address}: ${name}`);
        for (const key of words.match(/\b[a-z][a-z-]*(?:[._][a-z_-]+)+\b/g) ?? [])
          if (isMessageKey(key) || kinds.some((kind) => isMessageKey(`${kind}.${key}`))) {
            const at = words.indexOf(key);
            const around = words.slice(Math.max(0, at - 60), at + 60).replaceAll(/\s+/g, " ");
            wrong.push(`${address}: ${key} in “${around}”`);
          }
      }
      expect([...new Set(wrong)]).toEqual([]);
    },
    120_000,
  );

  test("reads English without Chinese, but for names", async () => {
    const wrong = (await pagesOf(role, "en")).flatMap(({ address, html }) =>
      [...ownWords(html).matchAll(/[\p{Script=Han}，。：；（）]+/gu)].map(([text]) => `${address}: ${text}`),
    );
    expect([...new Set(wrong)]).toEqual([]);
  }, 120_000);

  test("reads Chinese where there is Chinese for it", async () => {
    const english = new Map(
      Object.entries(messages)
        // one word may be a name; a sentence is a sentence
        .filter(([, text]) => /\p{Script=Han}/u.test(text["zh-CN"]) && /\w+ \w+ \w+/.test(text.en))
        .filter(([, text]) => !text.en.includes("{"))
        .map(([key, text]) => [text.en, key]),
    );
    const wrong: string[] = [];
    for (const { address, html } of await pagesOf(role, "zh-CN"))
      for (const [, text = ""] of html.matchAll(/>([^<>]{8,})</g)) {
        const key = english.get(decoded(text).trim());
        if (key !== undefined) wrong.push(`${address}: ${key}`);
      }
    expect([...new Set(wrong)]).toEqual([]);
  }, 120_000);
});

/** What is named by data, each under its own kind of message. */
const kinds = ["action", "role", "fact", "members.purpose", "audit.correlation", "keys.transform"];

/** Labels of facts and values of lists that are one of our names as it stands, short ones included. */
function innerNames(html: string): string[] {
  const labels = [...html.matchAll(/<dt\b[^>]*>([^<]*)<\/dt>/g)].map(([, label = ""]) =>
    decoded(label).trim(),
  );
  return labels.filter(
    (label) => isMessageKey(`fact.${label}`) || isMessageKey(`audit.correlation.${label}`),
  );
}

/** A pattern of the route table as a regular expression; only our own table comes here. */
function patternOf(path: string): RegExp {
  const source = path.replaceAll(/:\w+(\{[^/]*\}+)?/g, "[^/]+").replace("*", ".*");
  return new RegExp(`^${source}$`);
}

/** What a reader reads: no tags, no code, and no ids where a column says that it shows some. */
function textOf(html: string): string {
  const shown = html
    .replaceAll(/<(code|pre|script|style)\b[^>]*>[\s\S]*?<\/\1>/g, " ")
    .replaceAll(/<(td|dd|span)\b[^>]*\bclass="[^"]*\bmono\b[^"]*"[^>]*>[\s\S]*?<\/\1>/g, " ")
    .replaceAll(/<[^>]+>/g, "\n");
  return decoded(shown);
}

/** The words that the console itself says: without what is marked as another language, and without names of people. */
function ownWords(html: string): string {
  const masked = /<span class="mask-value">[^<]*<\/span>/g;
  const marked = /<(?!html)(\w+)\b[^>]*\blang="zh-CN"[^>]*>[\s\S]*?<\/\1>/g;
  let text = textOf(html.replaceAll(masked, " ").replaceAll(marked, " "));
  // a name behind its mask, in a list
  text = text.replaceAll(/\p{L}\*+/gu, " ");
  // people are called what they are called, and write in their own language
  for (const words of [...people.map(({ name }) => name), ...Object.values(written)])
    text = text.replaceAll(words, " ");
  return text;
}

function decoded(text: string): string {
  const signs: Record<string, string> = {
    "&amp;": "&",
    "&lt;": "<",
    "&gt;": ">",
    "&quot;": '"',
    "&#39;": "'",
  };
  return text.replaceAll(/&(amp|lt|gt|quot|#39);/g, (sign) => signs[sign] ?? sign);
}

describe("there is a message, in both languages, for", () => {
  const both = (key: string) =>
    isMessageKey(key) && messages[key]["zh-CN"].trim() !== "" && messages[key].en.trim() !== "";
  const missing = (keys: Iterable<string>) => [...new Set(keys)].filter((key) => !both(key)).sort();

  test("every action", () => {
    const all = modules.flatMap((module) => [...module.commands, ...module.queries]);
    expect(missing(all.map(({ name }) => `action.${name}`))).toEqual([]);
  });

  test("every role", () => {
    expect(missing([...roles.keys()].map((role) => `role.${role}`))).toEqual([]);
  });

  test("every entry of the navigation", () => {
    expect(missing(modules.flatMap(({ nav }) => nav.map(({ label }) => label)))).toEqual([]);
  });

  const sources = sourceFiles(join(projectRoot(), "src"));

  test("every refusal that the source can give", () => {
    const codes = sources.flatMap(({ text }) =>
      [...text.matchAll(/new Refusal\(\s*"[\w-]+",\s*"([\w-]+)"/g)].map(([, code]) => `refusal.${code}`),
    );
    expect(codes.length).toBeGreaterThan(30);
    // some are called as their kind is
    expect(missing(codes.filter((code) => !both(code.replaceAll("_", "-"))))).toEqual([]);
  });

  test("every fault of input that the source can name", () => {
    const codes = sources.flatMap(({ text }) =>
      [...text.matchAll(/params: \{ code: "([\w-]+)"|issues: \[\{ path: "[^"]*", code: "([\w-]+)"/g)].map(
        ([, one, other]) => `invalid.${one ?? other}`,
      ),
    );
    expect(codes.length).toBeGreaterThan(5);
    expect(missing(codes)).toEqual([]);
  });

  test("every fact that the source can record, and every one that stands in the log by now", async () => {
    const named = sources.flatMap(({ text }) =>
      [...text.matchAll(/record\.fact\(\s*"(\w+)"/g)].map(([, name = ""]) => name),
    );
    expect(named.length).toBeGreaterThan(60);
    await world.console.audit.settle();
    const { rows } = await sql<{ name: string }>`
      SELECT DISTINCT jsonb_object_keys(convert_from(body, 'UTF8')::jsonb->'facts') AS name FROM audit.log
    `.execute(world.console.read);
    expect(rows.length).toBeGreaterThan(10);
    const filters = filterKeys.map((key) => `filter_${key}`);
    const all = [...named, ...filters, ...rows.map(({ name }) => name)];
    expect(missing(all.map((name) => `fact.${name}`))).toEqual([]);
  });

  test("every kind of correlation, every transform of an index, every purpose of an event", () => {
    const event = sources.find(({ path }) => path.endsWith("door/event.ts"))?.text ?? "";
    const ids = /correlation\?: \{([^}]*)\}/.exec(event)?.[1]?.match(/\w+(?=\?:)/g) ?? [];
    expect(ids).toContain("command_id");
    const purposes = sources.flatMap(({ text }) =>
      [...text.matchAll(/record\.purpose\("(\w+)"/g)].map(([, code]) => code),
    );
    expect(purposes).toContain("export");
    expect(
      missing([
        ...ids.map((id) => `audit.correlation.${id}`),
        ...Object.keys(transforms).map((name) => `keys.transform.${name}`),
        ...purposes.map((code) => `members.purpose.${code}`),
      ]),
    ).toEqual([]);
  });

  test("every purpose of a look that the policy offers", () => {
    const policy = readFileSync(join(projectRoot(), "policies/documents/POL-PII-ACCESS.md"), "utf8");
    const codes = [...policy.matchAll(/\{code: (\w+), ticket/g)].map(([, code]) => `members.purpose.${code}`);
    expect(codes.length).toBeGreaterThan(3);
    expect(missing(codes)).toEqual([]);
  });
});

function sourceFiles(folder: string): { path: string; text: string }[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((path) => /\.tsx?$/.test(path))
    .map((path) => ({ path, text: readFileSync(join(folder, path), "utf8") }));
}
