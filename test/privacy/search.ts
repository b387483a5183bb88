import { readdir, readFile } from "node:fs/promises";
import { join, relative } from "node:path";
import { Client, escapeIdentifier } from "pg";
import { type Canary, tracesOf } from "./canaries.ts";

/** Looks for canaries in bytes, in one pass over them; gives one line for each that it finds. */
export function watcher(canaries: readonly Canary[]) {
  const wanted = canaries.flatMap(({ what, text }) => tracesOf(text).map((trace) => ({ what, trace })));
  const byStart = Map.groupBy(wanted, ({ trace }) => trace.readUInt16BE(0));
  // most pairs of bytes begin no trace: a flag is quicker to ask than a map
  const begins = new Uint8Array(65_536);
  for (const pair of byStart.keys()) begins[pair] = 1;

  return (where: string, bytes: Buffer): string[] => {
    const found = new Set<string>();
    let pair = bytes[0] ?? 0;
    for (let at = 1; at < bytes.length; at += 1) {
      pair = ((pair << 8) | (bytes[at] ?? 0)) & 0xffff;
      if (begins[pair] === 0) continue;
      for (const { what, trace } of byStart.get(pair) ?? []) {
        if (bytes[at + 1] !== trace[2] || !bytes.subarray(at - 1, at - 1 + trace.length).equals(trace))
          continue;
        found.add(`${what} in ${where} as ${trace.toString("latin1")}`);
      }
    }
    return [...found];
  };
}

export type Watcher = ReturnType<typeof watcher>;

/** Every byte of every file below a directory. Gives what was found and how many bytes were read. */
export async function searchFiles(
  directory: string,
  watch: Watcher,
): Promise<{ found: string[]; bytes: number }> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  const found: string[] = [];
  let read = 0;
  for (const entry of entries) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    const bytes = await readFile(path);
    read += bytes.length;
    found.push(...watch(relative(directory, path), bytes));
  }
  return { found, bytes: read };
}

/** Every row of every table, as a dump would write it: what lies compressed in the files is readable here. */
export async function searchTables(
  url: string,
  watch: Watcher,
): Promise<{ found: string[]; tables: number }> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    const { rows } = await client.query<{ schema: string; name: string }>(
      `SELECT n.nspname AS schema, c.relname AS name FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
       WHERE c.relkind IN ('r', 'm') AND n.nspname NOT IN ('pg_catalog', 'information_schema')
         AND n.nspname NOT LIKE 'pg_toast%'`,
    );
    const found: string[] = [];
    for (const { schema, name } of rows) {
      const table = `${escapeIdentifier(schema)}.${escapeIdentifier(name)}`;
      const all = await client.query<{ line: string }>(`SELECT row::text AS line FROM ${table} AS row`);
      const text = Buffer.from(all.rows.map(({ line }) => line).join("\n"));
      found.push(...watch(`${schema}.${name}`, text));
      // bytes are written as hex: what a bytea holds is looked at as bytes too
      found.push(...watch(`${schema}.${name}`, bytesIn(text)));
    }
    return { found, tables: rows.length };
  } finally {
    await client.end();
  }
}

/** The contents of every bytea in the text of rows. */
function bytesIn(copied: Buffer): Buffer {
  const hexes = copied.toString("latin1").matchAll(/\\\\x([0-9a-f]{4,})/g);
  return Buffer.concat([...hexes].map(([, hex = ""]) => Buffer.from(hex, "hex")));
}
