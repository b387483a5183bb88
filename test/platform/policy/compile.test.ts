import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import { compileInForce, compilePolicy } from "../../../src/platform/policy/compile.ts";
import { accessText, documentText, errorsOf, minutes, sources, vocabulary } from "./files.ts";

const compile = (access?: string, ...documents: string[]) =>
  compilePolicy(sources(access, ...documents), vocabulary);
/** The errors after one change of the good file. */
const inAccess = (from: string | RegExp, to: string) => errorsOf(() => compile(accessText.replace(from, to)));
const inDocument = (from: string | RegExp, to: string) =>
  errorsOf(() => compile(accessText, documentText.replace(from, to)));

describe("good files", () => {
  test("say who may what, behind which gate, and give the parameters", () => {
    const policy = compile();
    expect([...policy.permissionsOf(["keeper"])].toSorted()).toEqual(["goods.edit", "goods.list", "me.view"]);
    expect([...policy.permissionsOf(["nobody", "constructor"])]).toEqual(["me.view"]);
    expect(policy.holders("goods.approve")).toEqual(["boss"]);
    expect([...policy.service("scheduler")]).toEqual(["goods.edit"]);
    expect(policy.gate("goods.edit")).toMatchObject({ kind: "four-eyes", from: ["boss"], minutes: 24 * 60 });
    expect(policy.gate("goods.approve")).toEqual({ kind: "none" });
    expect(policy.params(minutes)).toBe(10);
    expect(policy.isDangerous("goods.approve")).toBe(true);
    expect(policy.access.duties.static).toMatchObject([
      { id: "edit-and-approve", one: ["goods.edit"], other: ["goods.approve"] },
    ]);
  });

  test("may come from an editor that writes a byte order mark and CRLF", () => {
    const windows = (text: string) => `\uFEFF${text.replaceAll("\n", "\r\n")}`;
    expect(compile(windows(accessText), windows(documentText)).params(minutes)).toBe(10);
    expect(
      errorsOf(() => compile(windows(accessText), windows(documentText.replace("10\n", "999\n")))),
    ).toEqual([expect.stringMatching(/^documents\/POL-GOODS.md:9: parameter reveal_minutes: /)]);
  });

  test("may be large: a megabyte is read in a moment", () => {
    const prose = "我们只在需要时查看。\n".repeat(35_000);
    expect(compile(accessText, documentText + prose).params(minutes)).toBe(10);
    const permissions = Array.from(
      { length: 20_000 },
      (_, i) => `goods.many_${"x".repeat(20)}_${letters(i)}`,
    );
    const access = accessText.replace("  operator: []", `  operator:\n    - ${permissions.join("\n    - ")}`);
    expect(access.length).toBeGreaterThan(700_000);
    const wide = { ...vocabulary, permissions: new Set([...vocabulary.permissions, ...permissions]) };
    const start = performance.now();
    expect(compilePolicy(sources(access), wide).service("operator").size).toBe(20_000);
    expect(performance.now() - start).toBeLessThan(10_000);
  });
});

const letters = (n: number) =>
  Array.from(n.toString(26))
    .map((d) => String.fromCharCode(97 + parseInt(d, 26)))
    .join("");

describe("access.yaml is refused with its line for", () => {
  test("an unknown key", () => {
    expect(inAccess("    unit: operations", "    unit: operations\n    colour: red")).toEqual([
      "access.yaml:9: unknown key roles.keeper.colour",
    ]);
  });
  test("a permission that no module offers", () => {
    expect(inAccess("      - goods.edit", "      - goods.eat")).toEqual([
      "access.yaml:13: no module offers goods.eat",
    ]);
  });
  test("a permission twice in one list", () => {
    expect(inAccess("      - goods.edit", "      - goods.list")).toEqual([
      "access.yaml:13: goods.list stands twice",
    ]);
  });
  test("a role that breaks a duty by itself", () => {
    expect(inAccess("[goods.approve, goods.list]", "[goods.approve, goods.edit]")).toEqual([
      "access.yaml:19: role boss breaks the duty edit-and-approve: goods.edit and goods.approve",
    ]);
  });
  test("a role that breaks a duty with what everybody may", () => {
    expect(inAccess("everyone: [me.view]", "everyone: [me.view, goods.edit]")).toContain(
      "access.yaml:19: role boss breaks the duty edit-and-approve: goods.edit and goods.approve",
    );
  });
  test("a role that does not exist, also one that every object has", () => {
    expect(inAccess("granted_by: [boss]", "granted_by: [chief]")).toEqual([
      "access.yaml:10: there is no role chief",
    ]);
    expect(inAccess("from: [boss]", "from: [constructor]")).toEqual([
      "access.yaml:26: there is no role constructor",
    ]);
  });
  test("four eyes before a reveal, whose requester is gone by then", () => {
    expect(inAccess("  goods.edit: {", "  goods.look: {")).toEqual([
      "access.yaml:26: goods.look shows plaintext; four eyes belongs before the command that asks for it",
    ]);
  });
  test("a gate before a query, where nobody stands", () => {
    expect(inAccess(/ {2}goods.edit: {.*/, "  goods.list: { kind: step-up, level: fresh }")).toEqual([
      "access.yaml:26: goods.list only reads; a gate stands before a command",
    ]);
  });
  test("a value that is not allowed", () => {
    expect(inAccess("hours: 24", "hours: 2400")).toEqual([
      expect.stringMatching(/^access.yaml:26: gates.goods.edit.hours: /),
    ]);
  });
  test("a key twice", () => {
    expect(inAccess("everyone: [me.view]", "everyone: [me.view]\neveryone: []")).toEqual([
      expect.stringMatching(/^access.yaml:5: .*unique/i),
    ]);
  });
  test("anchors, aliases, and tags", () => {
    expect(inAccess("granted_by: [boss]", "granted_by: &x [boss]")).toEqual([
      "access.yaml:10: anchors and aliases are not allowed",
    ]);
    expect(
      inAccess("everyone: [me.view]", "everyone: &x [me.view]").concat(
        inAccess("dangerous: [goods.approve]", "dangerous: *x"),
      ),
    ).toHaveLength(2);
    expect(inAccess("everyone: [me.view]", "everyone: !!seq [me.view]")).toEqual([
      "access.yaml:4: tags are not allowed",
    ]);
    expect(inAccess("everyone: [me.view]", "everyone: !evil [me.view]")).toEqual([
      expect.stringMatching(/^access.yaml:4: .*tag/i),
    ]);
  });
  test("being no YAML, a list, empty, or two documents in one", () => {
    for (const text of ["a: [", "- a", "", `${accessText}---\n${accessText}`])
      expect(errorsOf(() => compile(text))[0]).toMatch(/^access.yaml:\d+: /);
  });
  test("being away", () => {
    expect(errorsOf(() => compilePolicy(sources().slice(1), vocabulary))).toEqual([
      "access.yaml:1: is missing",
    ]);
  });
});

describe("a document is refused with its line for", () => {
  test("an unknown key", () => {
    expect(inDocument("effective:", "colour: red\neffective:")).toEqual([
      "documents/POL-GOODS.md:7: unknown key colour",
    ]);
  });
  test("a parameter that nothing reads", () => {
    expect(inDocument("parameters:", "parameters:\n  colour: 1")).toEqual([
      "documents/POL-GOODS.md:9: parameter colour is read by nothing",
    ]);
  });
  test("a parameter past the ceiling of the code", () => {
    expect(inDocument("reveal_minutes: 10", "reveal_minutes: 31")).toEqual([
      expect.stringMatching(/^documents\/POL-GOODS.md:9: parameter reveal_minutes: /),
    ]);
  });
  test("a parameter that stands in two documents", () => {
    const other = documentText.replace("POL-GOODS", "POL-OTHER");
    expect(errorsOf(() => compile(accessText, documentText, other))).toEqual([
      "documents/POL-OTHER.md:9: parameter reveal_minutes stands in two documents",
      "documents/POL-OTHER.md:10: parameter step_up_minutes stands in two documents",
    ]);
  });
  test("a parameter that no document gives", () => {
    expect(inDocument("  reveal_minutes: 10\n", "")).toEqual(unread("reveal_minutes"));
  });
  test("an owner who is no role", () => {
    expect(inDocument("role:boss", "role:chief")).toEqual([
      "documents/POL-GOODS.md:6: there is no role chief",
    ]);
  });
  test("another name than its file's", () => {
    const [access, document] = sources();
    if (access === undefined || document === undefined) throw new Error("two files");
    expect(
      errorsOf(() => compilePolicy([access, { ...document, document: "POL-ELSE" }], vocabulary)),
    ).toEqual(["documents/POL-GOODS.md:3: the file of POL-GOODS has another name"]);
  });
  test("no front matter", () => {
    expect(errorsOf(() => compile(accessText, "# POL\n"))[0]).toMatch(/no front matter/);
  });
  const unread = (...names: string[]) =>
    names.map((name) => `documents:1: no document gives the parameter ${name}`);
});

test("every error of every file is told at once", () => {
  const access = accessText
    .replace("- goods.edit", "- goods.eat")
    .replace("granted_by: [boss]", "granted_by: [x]");
  const errors = errorsOf(() => compile(access, documentText.replace("role:boss", "role:y")));
  expect(errors).toHaveLength(3);
});

describe("the digest of what is in force", () => {
  const setOf = (of: ReturnType<typeof sources>, shipped = sources()) =>
    compileInForce(of, shipped, vocabulary).set;
  const other = documentText.replace("reveal_minutes: 10", "reveal_minutes: 11");

  test("is the same for the same files in any order, and another one for one parameter", () => {
    expect(setOf(sources())).toMatch(/^[0-9a-f]{64}$/);
    expect(setOf(sources().toReversed())).toBe(setOf(sources()));
    expect(compilePolicy(sources(), vocabulary).set).toBe(setOf(sources()));
    expect(setOf(sources(accessText, other))).not.toBe(setOf(sources()));
  });

  test("can be made again from the digests that the log has of each file", () => {
    const line = ({ document, text }: { document: string; text: string }) =>
      `${document} ${createHash("sha256").update(text).digest("hex")}\n`;
    const lines = sources().map(line).toSorted().join("");
    expect(setOf(sources())).toBe(createHash("sha256").update(lines).digest("hex"));
  });

  test("knows a value that only the shipped files give", () => {
    const older = sources(accessText, documentText.replace("  reveal_minutes: 10\n", ""));
    expect(setOf(older, sources(accessText, other))).not.toBe(setOf(older, sources()));
  });
});

describe("what is in force is obeyed by a program of another version", () => {
  const newer = { ...vocabulary, permissions: new Set([...vocabulary.permissions].slice(0, 4)) };
  const held = (access = accessText, document = documentText) => sources(access, document);

  test("a name that it does not know any more gives nothing", () => {
    const policy = compileInForce(held(), [], newer);
    expect(policy.params(minutes)).toBe(10);
    expect(policy.permissionsOf(["boss"]).has("goods.approve")).toBe(true);
    const odd = documentText.replace("parameters:", "parameters:\n  gone: 1");
    expect(compileInForce(held(accessText, odd), [], newer).params(minutes)).toBe(10);
  });

  test("a parameter that is newer than what is in force comes from the shipped file", () => {
    const older = documentText.replace("  reveal_minutes: 10\n", "");
    const shipped = documentText
      .replace("reveal_minutes: 10", "reveal_minutes: 7")
      .replace("step_up_minutes: 10", "step_up_minutes: 55");
    const policy = compileInForce(held(accessText, older), sources("broken: [", shipped), vocabulary);
    expect(policy.params(minutes)).toBe(7);
    expect(policy.params(vocabulary.params[0] ?? minutes)).toBe(10);
  });

  test("a value in force that the code refuses is not overruled by the shipped one", () => {
    const over = documentText.replace("reveal_minutes: 10", "reveal_minutes: 31");
    expect(errorsOf(() => compileInForce(held(accessText, over), sources(), vocabulary))).toEqual([
      expect.stringMatching(/reveal_minutes/),
    ]);
  });

  test("a role that breaks a duty is not obeyed", () => {
    const broken = accessText.replace("[goods.approve, goods.list]", "[goods.approve, goods.edit]");
    expect(errorsOf(() => compileInForce(held(broken), [], vocabulary))).toHaveLength(1);
  });
});
