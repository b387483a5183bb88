import { z } from "zod";
import { PolicyFileError, readYaml, type YamlFile } from "./yaml-file.ts";

const Words = z.strictObject({ "zh-CN": z.string().min(1), en: z.string().min(1) });

/** Front matter of `policies/documents/<ID>.md`, as far as it is obeyed now: identity and parameters. */
const FrontMatter = z.strictObject({
  schema: z.literal("policy/1"),
  id: z.string().regex(/^POL-[A-Z-]+$/),
  version: z.string().regex(/^\d+\.\d+\.\d+$/),
  title: Words,
  owner: z.string().regex(/^role:[a-z_]+$/),
  effective: z.iso.date(),
  clauses: z
    .array(z.strictObject({ id: z.string(), spec: z.array(z.string()).default([]), text: Words }))
    .default([]),
  parameters: z.record(z.string().regex(/^[a-z][a-z0-9_]*$/), z.unknown()),
});

export type PolicyDocument = z.output<typeof FrontMatter>;

/** Splits the front matter off and reads it. Line numbers in errors are those of the file. */
export function readDocument(file: string, text: string): YamlFile<PolicyDocument> {
  // an editor's byte order mark and line ends are nobody's mistake
  const match = /^\uFEFF?---\r?\n([\s\S]*?)\r?\n---(\r?\n|$)/.exec(text);
  if (match === null)
    throw new PolicyFileError([{ file, line: 1, message: "no front matter between two lines of ---" }]);
  return readYaml(file, match[1] ?? "", FrontMatter, 2);
}
