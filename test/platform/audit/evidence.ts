import { mkdtempSync } from "node:fs";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { createHash } from "node:crypto";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { PassThrough } from "node:stream";
import { inflateRawSync } from "node:zlib";
import { afterAll } from "vitest";
import { writeBundle, type BundleEntry, type BundleInput } from "../../../src/platform/audit/bundle.ts";
import { canonicalBody } from "../../../src/platform/audit/canonical.ts";
import { signCheckpoint } from "../../../src/platform/audit/checkpoint.ts";
import { addCosignatures, cosign } from "../../../src/platform/audit/cosignature.ts";
import { formatManifest } from "../../../src/platform/audit/gatehouse-verify.ts";
import { leafHash, type NodeReader } from "../../../src/platform/audit/merkle.ts";
import { COSIGNATURE_V1, ed25519Signer, parseNote } from "../../../src/platform/audit/note.ts";
import { formatPolicy } from "../../../src/platform/audit/policy.ts";
import { zipWriter } from "../../../src/platform/audit/zip.ts";
import { CompactRange } from "../../support/tree.ts";

export const logSigner = ed25519Signer("mall.example/log", Buffer.alloc(32, 1));
export const witnessSigner = ed25519Signer("witness.example/w1", Buffer.alloc(32, 2), COSIGNATURE_V1);
export const policy = formatPolicy([logSigner.key], [{ name: "w1", key: witnessSigner.key }], 1);
export const startOfLog = Date.UTC(2026, 10, 22);

/** The body of an invented event; a second apart, written by two writers in turn. */
export function eventBody(index: number, extra: Record<string, string> = {}): Buffer {
  return canonicalBody({
    v: 1,
    at: new Date(startOfLog + index * 1000).toISOString(),
    writer: { id: index % 2 === 0 ? "even" : "odd", seq: Math.floor(index / 2) + 1 },
    action: "members.reveal",
    ...extra,
  });
}

/** A log in memory with its tree, able to sign and to have witnessed any size it has had. */
export function inventLog(bodies: readonly Buffer[]) {
  const nodes = new Map<string, Buffer>();
  const range = new CompactRange();
  const roots = [range.root()];
  for (const body of bodies) {
    for (const { level, index, hash } of range.append(leafHash(body))) nodes.set(`${level}/${index}`, hash);
    roots.push(range.root());
  }
  const read: NodeReader = async (ids) =>
    ids.map(({ level, index }) => {
      const hash = nodes.get(`${level}/${index}`);
      if (!hash) throw new Error(`the tree has no node ${level}/${index}`);
      return hash;
    });
  const head = (size: number) => ({ size, root: roots[size] ?? Buffer.alloc(32) });
  const signed = (size: number) => signCheckpoint(head(size), logSigner);
  const witnessed = async (size: number) => {
    const note = await signed(size);
    const line = await cosign(parseNote(Buffer.from(note)).text, witnessSigner, startOfLog + size * 1000);
    return addCosignatures(note, line, [witnessSigner.key]);
  };
  async function* entries(from: number, to: number): AsyncGenerator<BundleEntry> {
    for (const [i, body] of bodies.slice(from, to).entries()) yield { index: from + i, body };
  }
  return { bodies, read, head, signed, witnessed, entries };
}

export const eventLog = (size: number) =>
  inventLog(Array.from({ length: size }, (_, index) => eventBody(index)));

/** Writes a bundle of entries from..to of a log, as its zip. */
export async function bundleOf(
  log: ReturnType<typeof inventLog>,
  from: number,
  to: number,
  more: Partial<BundleInput> = {},
): Promise<Buffer> {
  return collect((out) =>
    writeBundle(out, {
      content: { kind: "range", from, to },
      source: { entries: log.entries(from, to), nodes: log.read },
      checkpoints: { last: "" },
      policy,
      query: { asked_by: "a compliance officer" },
      ...more,
    }),
  );
}

async function collect(write: (out: PassThrough) => Promise<unknown>): Promise<Buffer> {
  const out = new PassThrough();
  const [chunks] = await Promise.all([Array.fromAsync<Buffer>(out), write(out)]);
  return Buffer.concat(chunks);
}

/** Unpacks a zip of ours. */
export function unzip(zip: Buffer): Map<string, Buffer> {
  const files = new Map<string, Buffer>();
  const end = zip.lastIndexOf("PK\u0005\u0006");
  let at = zip.readUInt32LE(end + 16);
  for (let i = 0; i < zip.readUInt16LE(end + 10); i++) {
    const nameEnd = at + 46 + zip.readUInt16LE(at + 28);
    const data = zip.readUInt32LE(at + 42) + 30 + zip.readUInt16LE(at + 28);
    const packed = zip.subarray(data, data + zip.readUInt32LE(at + 20));
    const content = zip.readUInt16LE(at + 10) === 8 ? inflateRawSync(packed) : packed;
    files.set(zip.toString("latin1", at + 46, nameEnd), content);
    at = nameEnd;
  }
  return files;
}

/** Packs files as our writer would, whatever they are. */
export function packAnew(files: ReadonlyMap<string, Buffer>): Promise<Buffer> {
  return collect(async (out) => {
    const zip = zipWriter(out);
    for (const [name, content] of files) await zip.add(name, content);
    await zip.finish();
  });
}

/** What a forger who knows the format does after changing a file: states it in the manifest. */
export function restateManifest(files: ReadonlyMap<string, Buffer>): Map<string, Buffer> {
  const listed = [...files].filter(([name]) => name !== "manifest.json");
  const manifest = formatManifest(
    new Map(
      listed.map(([name, content]) => [
        name,
        { bytes: content.length, sha256: createHash("sha256").update(content).digest("hex") },
      ]),
    ),
  );
  return new Map([...listed, ["manifest.json", Buffer.from(manifest)]]);
}

const place = mkdtempSync(join(tmpdir(), "evidence-"));
afterAll(() => rm(place, { recursive: true }));

/** A directory with these files, in a place of its own. */
export async function directoryOf(files: ReadonlyMap<string, Buffer>): Promise<string> {
  const root = await mkdtemp(join(place, "e-"));
  for (const [name, content] of files) {
    await mkdir(dirname(join(root, name)), { recursive: true });
    await writeFile(join(root, name), content);
  }
  return root;
}

/** A file with this content, in a place of its own. */
export async function fileOf(content: Uint8Array | string, name = "evidence"): Promise<string> {
  const path = join(await mkdtemp(join(place, "e-")), name);
  await writeFile(path, content);
  return path;
}

export function changeByte(content: Buffer, at: number, change: number): Buffer {
  const changed = Buffer.from(content);
  changed.writeUInt8(changed.readUInt8(at) ^ change, at);
  return changed;
}
