import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { z } from "zod";
import { projectRoot } from "../../src/platform/root.ts";

const File = z.object({
  everyone: z.array(z.string()),
  roles: z.record(z.string(), z.object({ permissions: z.array(z.string()) })),
  gates: z.record(z.string(), z.object({ kind: z.string(), level: z.string().optional() })),
});

const file = File.parse(parse(readFileSync(join(projectRoot(), "policies/access.yaml"), "utf8")));

/** Read past the code that the console reads it with: what the file says is what has to happen. */
export const roles: ReadonlyMap<string, ReadonlySet<string>> = new Map(
  Object.entries(file.roles).map(([role, { permissions }]) => [
    role,
    new Set([...file.everyone, ...permissions]),
  ]),
);

/** Commands with any gate before them. */
export const gated: readonly string[] = Object.keys(file.gates);

/** Commands before which a second factor has to be shown again. */
export const steppedUp: readonly string[] = Object.entries(file.gates).flatMap(([command, gate]) =>
  gate.kind === "step-up" ? [command] : [],
);
