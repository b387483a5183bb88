import { expect, test } from "vitest";
import { compileInForce, compilePolicy } from "../../../src/platform/policy/compile.ts";
import { accessText, errorsOf, sources, vocabulary } from "./files.ts";

const granting = { ...vocabulary, permissions: new Set([...vocabulary.permissions, "staff.roles.grant"]) };
const able = accessText.replace(
  "[goods.approve, goods.list]",
  "[goods.approve, goods.list, staff.roles.grant]",
);

test("a role that is to grant others holds the right to grant at all", () => {
  const errors = errorsOf(() => compilePolicy(sources(accessText), granting));
  expect(errors).toContain("access.yaml:10: role boss grants nothing: it lacks staff.roles.grant");
  expect(errorsOf(() => compilePolicy(sources(able), granting))).toEqual([]);
});

test("such an entry in a file that is in force already gives nobody anything, and stops nothing", () => {
  expect(errorsOf(() => compileInForce(sources(accessText), [], granting))).toEqual([]);
});
