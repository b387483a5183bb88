import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { stripTypeScriptTypes } from "node:module";
import type { Writable } from "node:stream";
import { fileURLToPath } from "node:url";
import { bundleReadme } from "./bundle-readme.ts";
import { canonicalJson, type CanonicalValue } from "./canonical.ts";
import { bundleTileName, formatManifest, formatProof, parseNote, tilesOfRange } from "./gatehouse-verify.ts";
import type { BundleContent, BundleTile, ManifestFile } from "./gatehouse-verify.ts";
import { parseCheckpoint, type Checkpoint } from "./checkpoint.ts";
import { consistencyProof, inclusionProof, type NodeReader } from "./merkle.ts";
import { TILE_HEIGHT, TILE_WIDTH } from "./tiles.ts";
import { zipWriter, type ZipContent } from "./zip.ts";

export { verifyPath, type Report } from "./gatehouse-verify.ts";

export interface BundleEntry {
  readonly index: number;
  /** The verbatim bytes that were hashed. */
  readonly body: Buffer;
}

/** The value behind a commitment, laid open for this bundle; or word that it was erased. */
export type BundleDetail =
  | { readonly commit: string; readonly salt: string; readonly value: string }
  | { readonly commit: string; readonly erased: true };

export interface BundleInput {
  /** All entries of a range, which the bundle proves complete; or chosen ones, which it proves authentic. */
  readonly content: BundleContent;
  readonly source: {
    /** Ascending by index; of a range every one. */
    readonly entries: AsyncIterable<BundleEntry>;
    /** Nodes of the tree of the last checkpoint. */
    readonly nodes: NodeReader;
  };
  readonly checkpoints: {
    /** The newest one from before the entries, if there was one. */
    readonly first?: string;
    /** Signed, and as far as there are any cosigned; covers all entries. */
    readonly last: string;
  };
  /** The tlog-policy that the console publishes. An auditor should bring their own copy. */
  readonly policy: string;
  /** What was asked for, by whom and when, for people to read. */
  readonly query: { readonly [name: string]: CanonicalValue };
  readonly reviews?: AsyncIterable<CanonicalValue>;
  readonly details?: AsyncIterable<BundleDetail>;
  /** RFC 3161 timestamps over the last checkpoint, by a name of letters, digits and hyphens. */
  readonly anchors?: ReadonlyMap<string, Buffer>;
  /** Defaults to the verifier that this console runs itself. */
  readonly verifier?: Buffer;
}

export interface WrittenBundle {
  /** Worth logging with the export: it names every byte of the bundle. */
  readonly manifestSha256: string;
  readonly entries: number;
}

/** A selection carries a proof file for each entry; past this number, export the range that holds them. */
export const MAX_SELECTION = 20_000;

/**
 * Writes an evidence bundle as a zip to a stream, holding no more than a tile and a batch of entries in memory.
 * Refuses a range that its source does not fill without holes, and a last checkpoint that does not cover it.
 * On a refusal half way the stream must be destroyed: what was written is no bundle.
 */
export async function writeBundle(out: Writable, input: BundleInput): Promise<WrittenBundle> {
  const zip = zipWriter(out);
  const manifest = new Map<string, ManifestFile>();
  const add = async (name: string, content: ZipContent | string): Promise<void> => {
    manifest.set(name, await zip.add(name, typeof content === "string" ? Buffer.from(content) : content));
  };
  const { content, source, checkpoints } = input;
  const head = headOf(checkpoints.last);
  if (content.kind === "range" && !(content.from < content.to && content.to <= head.size))
    throw new RangeError(`entries ${content.from} to ${content.to} are not all in the tree of ${head.size}`);

  await add("README", bundleReadme(content, head));
  await add("query.json", `${canonicalJson({ ...input.query, ...content, v: 1, origin: head.origin })}\n`);
  await add("policy.tlog-policy", input.policy);
  await add("checkpoints/last", checkpoints.last);
  if (checkpoints.first !== undefined) {
    const first = headOf(checkpoints.first);
    await add("checkpoints/first", checkpoints.first);
    await add("proofs/consistency", hashLines(await consistencyProof(first.size, head.size, source.nodes)));
  }
  if (content.kind === "range")
    for (const tile of tilesOfRange(content.from, content.to, head.size))
      await add(bundleTileName(tile), Buffer.concat(await source.nodes(nodesOf(tile))));

  const indexes: number[] = [];
  await add("entries.jsonl", entryLines(source.entries, content, indexes));
  if (content.kind === "selection") {
    for (const index of indexes) {
      const path = await inclusionProof(index, head.size, source.nodes);
      await add(
        `proofs/${index}.tlog-proof`,
        formatProof({ index, path, checkpoint: Buffer.from(checkpoints.last) }),
      );
    }
  }
  await add("reviews.jsonl", jsonLines(input.reviews ?? none()));
  if (input.details) await add("details.jsonl", jsonLines(input.details));
  for (const [name, token] of input.anchors ?? []) await add(`anchors/${name}.tsr`, token);
  await add("gatehouse-verify.mjs", input.verifier ?? (await verifierSource()));

  const text = formatManifest(manifest);
  await zip.add("manifest.json", Buffer.from(text));
  await zip.finish();
  const entries = content.kind === "range" ? content.to - content.from : indexes.length;
  return { manifestSha256: createHash("sha256").update(text).digest("hex"), entries };
}

/** The verifier as one file that Node runs anywhere. */
export async function verifierSource(): Promise<Buffer> {
  const compiled = !import.meta.url.endsWith(".ts");
  const path = new URL(compiled ? "gatehouse-verify.js" : "gatehouse-verify.ts", import.meta.url);
  const source = await readFile(fileURLToPath(path));
  return compiled ? source : Buffer.from(stripTypeScriptTypes(source.toString()));
}

function headOf(note: string): Checkpoint {
  return parseCheckpoint(parseNote(Buffer.from(note)).text);
}

function nodesOf({ level, index, width }: BundleTile) {
  const first = index * TILE_WIDTH;
  return Array.from({ length: width }, (_, i) => ({ level: level * TILE_HEIGHT, index: first + i }));
}

const hashLines = (hashes: readonly Buffer[]) =>
  hashes.map((hash) => `${hash.toString("base64")}\n`).join("");

async function* entryLines(
  entries: AsyncIterable<BundleEntry>,
  content: BundleContent,
  indexes: number[],
): AsyncGenerator<Buffer> {
  let next = content.kind === "range" ? content.from : 0;
  for await (const { index, body } of entries) {
    if (index < next || (content.kind === "range" && index > next))
      throw new RangeError(`entry ${index} came where ${next} was due`);
    if (content.kind === "selection") {
      indexes.push(index);
      if (indexes.length > MAX_SELECTION)
        throw new RangeError(`a selection has at most ${MAX_SELECTION} entries`);
    }
    next = index + 1;
    yield Buffer.concat([body, NEWLINE]);
  }
  if (content.kind === "range" && next !== content.to) throw new RangeError(`entry ${next} is missing`);
}

const NEWLINE = Buffer.from("\n");

async function* jsonLines(values: AsyncIterable<CanonicalValue>): AsyncGenerator<Buffer> {
  for await (const value of values) yield Buffer.from(`${canonicalJson(value)}\n`);
}

async function* none(): AsyncGenerator<CanonicalValue> {
  // A bundle without reviews holds an empty list of them.
}
