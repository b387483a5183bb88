import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { settingNames } from "../../src/platform/config.ts";
import { projectRoot } from "../../src/platform/root.ts";
import { filesWith } from "./source.ts";

const page = readFileSync(join(projectRoot(), "docs/communications.md"), "utf8");
const [, listeners = "", clients = ""] = page.split(/^## (?:In|Out)$/m);

/** The files that a part of the page lists, in the second column of its table. */
const listed = (part: string) =>
  [...new Set([...part.matchAll(/^\| [^|]+ \| `(src\/[^`]+)` \|/gm)].map(([, file]) => file))].sort();

describe("13.1.1 every communication stands in docs/communications.md", () => {
  test("every listener, and no other", () => {
    const listening = filesWith(/\bcreate(Secure)?Server\(|\bDeno\.serve\(|\bcreateSocket\(/);
    expect(listed(listeners)).toEqual(listening.sort());
  });

  test("every client, and no other", () => {
    const calling =
      /\bfetch\(\s*(url|["'`]|new URL)|\bnew (Client|Pool|Socket|WebSocket|EventSource)\(|http(s)?Request\b|\b(tls|net)?\.?[cC]onnect\(\{|\bcreateConnection\(|\bcreateTransport\(/;
    expect(listed(clients)).toEqual(
      filesWith(calling)
        .filter((path) => path.startsWith("src/"))
        .sort(),
    );
  });

  test("no file takes a module of the network that this test would not notice", () => {
    const known = [...listed(listeners), ...listed(clients)];
    const taking = filesWith(
      /import \{[^}]*\b(?!(?:isIP|isIPv4|isIPv6|BlockList|LookupFunction|Server|IncomingMessage|ServerResponse|type)\b)\w+[^}]*\} from "node:(?:http|https|http2|net|tls|dgram)"/,
    );
    expect(taking.filter((file) => !known.includes(file))).toEqual([]);
  });

  test("every setting that names a place", () => {
    const places = settingNames.filter((name) => /HOST|PORT|URL|ORIGIN$|PROXIES|WITNESSES/.test(name));
    // the name under which the log is signed is no place
    const expected = places.filter((name) => name !== "LOG_ORIGIN");
    expect(expected.length).toBeGreaterThan(5);
    expect(expected.filter((name) => !page.includes(`\`${name}\``))).toEqual([]);
  });
});

describe("13.4.2 there is nothing for debugging in what runs", () => {
  test("nothing asks what kind of machine this is: there is no mode in which more is told", () => {
    expect(filesWith(/NODE_ENV|NODE_DEBUG|env(\.|\[")DEBUG\b/)).toEqual([]);
    expect(filesWith(/\bdebugger\b|node:(inspector|repl|trace_events)/)).toEqual([]);
  });

  test("the program is started without an inspector, and built without maps of its source", () => {
    const scripts = readFileSync(join(projectRoot(), "package.json"), "utf8");
    expect(scripts).not.toMatch(/--inspect|--enable-source-maps|--trace/);
    expect(readFileSync(join(projectRoot(), "tsconfig.json"), "utf8")).toContain('"sourceMap": false');
  });
});
