import { z } from "zod";
import { stepUpMinutes } from "../../../src/door/door.ts";
import { param } from "../../../src/door/param.ts";
import type { PolicySource, Vocabulary } from "../../../src/platform/policy/compile.ts";
import { PolicyFileError } from "../../../src/platform/policy/yaml-file.ts";

export const minutes = param("reveal_minutes", z.int().min(1).max(30));

/** A small program, and files that fit it. */
export const vocabulary: Vocabulary = {
  permissions: new Set(["goods.list", "goods.edit", "goods.approve", "goods.look", "me.view"]),
  queries: new Set(["goods.list", "me.view"]),
  reveals: new Set(["goods.look"]),
  params: [stepUpMinutes, minutes],
};

export const accessText = `schema: access/1
id: access
version: 1.0.0
everyone: [me.view]
roles:
  keeper:
    title: { zh-CN: 管库, en: Keeper }
    unit: operations
    home: queue
    granted_by: [boss]
    permissions:
      - goods.list
      - goods.edit
  boss:
    title: { zh-CN: 主管, en: Boss }
    unit: general_manager
    home: queue
    granted_by: [boss]
    permissions: [goods.approve, goods.list]
services:
  scheduler: [goods.edit]
  operator: []
dangerous: [goods.approve]
break_glass: { holders_at_least: 2, permissions: [goods.list] }
gates:
  goods.edit: { kind: four-eyes, quorum: 1, from: [boss], hours: 24 }
duties:
  static:
    - id: edit-and-approve
      why: { zh-CN: 互斥, en: No one person }
      one: [goods.edit]
      other: [goods.approve]
  dynamic: []
`;

export const documentText = `---
schema: policy/1
id: POL-GOODS
version: 1.0.0
title: { zh-CN: 商品, en: Goods }
owner: role:boss
effective: 2026-01-01
parameters:
  reveal_minutes: 10
  step_up_minutes: 10
---
# Goods
`;

export const sources = (access = accessText, ...documents: string[]): PolicySource[] => [
  { document: "access", file: "policies/access.yaml", text: access },
  ...(documents.length === 0 ? [documentText] : documents).map((text) => {
    const id = /^id: (\S+)/m.exec(text)?.[1] ?? "POL-X";
    return { document: id, file: `policies/documents/${id}.md`, text };
  }),
];

/** What is wrong, as `file:line: message`. */
export function errorsOf(work: () => unknown): string[] {
  try {
    work();
    return [];
  } catch (error) {
    if (!(error instanceof PolicyFileError)) throw error;
    return error.errors.map(
      ({ file, line, message }) => `${file.replace("policies/", "")}:${line}: ${message}`,
    );
  }
}
