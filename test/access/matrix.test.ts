import { expect, test } from "vitest";
import { accessMatrix, renderMatrix } from "../../src/access/index.ts";
import { modules, vocabularyOf } from "../../src/app.ts";
import { compilePolicy, readShipped } from "../../src/platform/policy/index.ts";
import { projectRoot } from "../../src/platform/root.ts";
import { MatrixPage } from "../../views/access/matrix.tsx";
import { messages } from "../../views/messages/index.ts";
import { rendered, testView } from "../views/context.ts";

const shipped = await readShipped(projectRoot());
const policy = compilePolicy(shipped, vocabularyOf(modules));
const offers = modules.flatMap((module) => [...module.commands, ...module.queries]);
const matrix = accessMatrix(policy, offers);

test("a change of rights shows in a diff: policies/access-matrix.md", async () => {
  await expect(renderMatrix(matrix)).toMatchFileSnapshot("../../policies/access-matrix.md");
});

test("whoever administers people reads no member, auditors write nothing, operators read no evidence", () => {
  const held = (role: string) => [...policy.permissionsOf([role])];
  expect(held("people_administrator").filter((name) => name.startsWith("members."))).toEqual([]);
  expect(
    held("platform_operator").filter((name) => /^(members|audit\.(entries|search|event))/.test(name)),
  ).toEqual([]);
  const writes = new Set(modules.flatMap((module) => module.commands.map((command) => command.name)));
  const own = new Set(policy.access.everyone);
  expect(
    held("auditor").filter((name) => writes.has(name) && !own.has(name) && name !== "audit.export"),
  ).toEqual([]);
});

test("no command is open to everybody but signing in, links, and the first set-up", () => {
  const anonymous = matrix.rows.filter((row) => row.holders.includes("anybody")).map((row) => row.permission);
  expect(anonymous).toEqual(["access.forged", "access.link.accept", "access.setup.begin", "access.sign_in"]);
});

test("every role and every permission of this module has a name in both languages", () => {
  const missing = [...policy.roles.keys()].filter((role) => !Object.hasOwn(messages, `role.${role}`));
  expect(missing).toEqual([]);
  const unnamed = matrix.rows
    .map((row) => row.permission)
    .filter((name) => /^(access|staff|approvals)\./.test(name) && !Object.hasOwn(messages, `action.${name}`));
  expect(unnamed).toEqual([]);
});

test("a role has the name that the rules give it, on every page and in both languages", () => {
  const named = [...policy.roles.keys()].map((role) => [
    role,
    Object.entries(messages).find(([key]) => key === `role.${role}`)?.[1],
  ]);
  expect(named).toEqual([...policy.roles].map(([role, { title }]) => [role, title]));
});

test("the page of the matrix calls a role as the rules do, and says what they keep apart and why", async () => {
  const later = shipped.map((file) => ({
    ...file,
    text: file.text.replace("zh-CN: 审计员, en: Auditor", "zh-CN: 内审员, en: Internal auditor"),
  }));
  const renamed = accessMatrix(compilePolicy(later, vocabularyOf(modules)), offers);
  const page = await rendered(MatrixPage({ v: testView({ language: "en" }), matrix: renamed }));
  expect(page).toContain("Internal auditor");
  const { duties } = policy.access;
  for (const { why } of [...duties.static, ...duties.dynamic]) expect(page).toContain(why.en);
});
