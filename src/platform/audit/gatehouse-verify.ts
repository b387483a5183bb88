#!/usr/bin/env node
/**
 * gatehouse-verify: checks evidence from a Gatehouse audit log, offline.
 *
 * One file on purpose. An auditor copies it to a machine of their own, reads it, and runs it with nothing but
 * Node: no package, no network, no other file of ours. What the console itself needs of this (hashing, notes,
 * proofs, policies) it imports from here, so that what is written and what is checked cannot drift apart.
 *
 * Formats: RFC 6962 trees, and from C2SP signed-note, tlog-checkpoint, tlog-cosignature, tlog-tiles, tlog-proof
 * and tlog-policy, all unchanged. The evidence bundle around them is described in docs/verify.md.
 *
 * In this file: hashing · proofs · notes and keys · checkpoints · policies · proof files · numbers of writers ·
 * reading a bundle (directory, zip) · verifying it · the command line.
 */
import { isUtf8 } from "node:buffer";
import { createHash, createPublicKey, hash, verify, type KeyObject } from "node:crypto";
import { createReadStream, existsSync, realpathSync } from "node:fs";
import { open, readdir, readFile, stat, type FileHandle } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";
import { fileURLToPath } from "node:url";
import { parseArgs, TextDecoder } from "node:util";
import { crc32, createInflateRaw } from "node:zlib";

/** Evidence whose form is wrong: nothing can be said about what it claims. Exit 3. */
export class Malformed extends Error {}
/** Evidence that contradicts itself, or what was signed. Exit 1. */
export class Tampered extends Error {}
/** Evidence that nobody we trust has vouched for. Exit 2. */
export class Unverifiable extends Error {}

// ---------------------------------------------------------------------------------------------- hashing (RFC 6962)

/** An entry is framed by a 16-bit length in a tlog-tiles entry bundle, so no body can be longer. */
export const MAX_BODY_BYTES = 65_535;
export const HASH_BYTES = 32;
/** A tile of C2SP tlog-tiles: 256 hashes, the leaves of a subtree of height 8. */
export const TILE_WIDTH = 256;

/** The root of the tree without leaves: SHA-256 of nothing. */
export const EMPTY_ROOT: Buffer = createHash("sha256").digest();

// Both inputs are kept and overwritten, and digests travel as one-byte strings: a Buffer per digest costs as much as
// the hashing itself. The first byte (0x00 leaf, 0x01 node) keeps a node from ever passing for an entry.
const leafInput = Buffer.alloc(1 + MAX_BODY_BYTES);
const leafViews: (Buffer | undefined)[] = [];
const nodeInput = Buffer.alloc(1 + 2 * HASH_BYTES);
nodeInput[0] = 0x01;

function digestLeaf(body: Uint8Array): string {
  if (body.length > MAX_BODY_BYTES) throw new Malformed(`an entry of ${body.length} bytes is too long`);
  leafInput.set(body, 1);
  const view = (leafViews[body.length] ??= leafInput.subarray(0, 1 + body.length));
  return hash("sha256", view, "binary");
}

/** SHA-256(0x00 ‖ body): the hash of one entry. Refuses bodies over 65,535 bytes. */
export function leafHash(body: Uint8Array): Buffer {
  return Buffer.from(digestLeaf(body), "latin1");
}

/** SHA-256(0x01 ‖ left ‖ right): the hash of an inner node. */
export function nodeHash(left: Uint8Array, right: Uint8Array): Buffer {
  nodeInput.set(left, 1);
  nodeInput.set(right, 1 + HASH_BYTES);
  return Buffer.from(hash("sha256", nodeInput, "binary"), "latin1");
}

/** Hashes lying side by side, none of them larger than the one before, folded from the right as RFC 6962 does. */
export function foldHashes(hashes: readonly Buffer[]): Buffer {
  return hashes.length === 0 ? EMPTY_ROOT : hashes.reduceRight((right, left) => nodeHash(left, right));
}

/** The root of a perfect subtree whose `width` leaves (a power of two) lie in `tile` from hash number `first`. */
export function foldPerfect(tile: Buffer, first: number, width: number): Buffer {
  const work = Buffer.from(tile.subarray(first * HASH_BYTES, (first + width) * HASH_BYTES));
  for (let left = width; left > 1; left /= 2) {
    for (let pair = 0; pair < left / 2; pair++) {
      work.copy(nodeInput, 1, pair * 2 * HASH_BYTES, (pair + 1) * 2 * HASH_BYTES);
      work.write(hash("sha256", nodeInput, "binary"), pair * HASH_BYTES, "latin1");
    }
  }
  return work.subarray(0, HASH_BYTES);
}

/** The roots of the perfect subtrees that `width` hashes fall into, largest first. */
export function perfectRoots(tile: Buffer, width: number): Buffer[] {
  const roots: Buffer[] = [];
  for (let first = 0, size = TILE_WIDTH; size >= 1; size /= 2) {
    if (width - first < size) continue;
    roots.push(foldPerfect(tile, first, size));
    first += size;
  }
  return roots;
}

/** Receives each tile as it fills up: level, index within the level, 8,192 bytes (reused afterwards: copy to keep). */
export type TileListener = (level: number, index: number, hashes: Buffer) => void;

/**
 * Grows a tree from its entries, in order, holding one unfinished tile a level (a few dozen kilobytes at any size).
 *
 * @example const tree = new TreeHasher(); for (const body of bodies) tree.add(body); tree.root();
 */
export class TreeHasher {
  readonly #unfinished: { hashes: Buffer; width: number; index: number }[] = [];
  readonly #onTile: TileListener | undefined;
  #size = 0;

  constructor(onTile?: TileListener) {
    this.#onTile = onTile;
  }

  /** How many entries have been added. */
  get size(): number {
    return this.#size;
  }

  add(body: Uint8Array): void {
    this.#push(0, digestLeaf(body));
    this.#size++;
  }

  /** The RFC 6962 root of what was added so far. */
  root(): Buffer {
    return foldHashes(
      this.#unfinished
        .map((tile) => perfectRoots(tile.hashes, tile.width))
        .toReversed()
        .flat(),
    );
  }

  #push(level: number, digest: string): void {
    const tile = (this.#unfinished[level] ??= {
      hashes: Buffer.alloc(TILE_WIDTH * HASH_BYTES),
      width: 0,
      index: 0,
    });
    tile.hashes.write(digest, tile.width * HASH_BYTES, "latin1");
    tile.width++;
    if (tile.width < TILE_WIDTH) return;
    this.#onTile?.(level, tile.index, tile.hashes);
    tile.width = 0;
    tile.index++;
    this.#push(level + 1, foldPerfect(tile.hashes, 0, TILE_WIDTH).toString("latin1"));
  }
}

/** What a signed tree head says of a tree: how many entries, and their root. */
export interface TreeHead {
  readonly size: number;
  readonly root: Buffer;
}

/** Entries in order: all at hand, or coming in batches (a promise per entry would cost more than its hash). */
export type Bodies = Iterable<Uint8Array> | AsyncIterable<Iterable<Uint8Array>>;

/**
 * Integrity of a whole log: do these entries, from index 0 on, make the tree that was signed?
 * `visit` sees every body with its index on the way (see WriterLedger), `onTile` every full tile.
 */
export async function verifyIntegrity(
  bodies: Bodies,
  head: TreeHead,
  watch: { visit?: (body: Uint8Array, index: number) => void; onTile?: TileListener } = {},
): Promise<TreeHead & { intact: boolean }> {
  const tree = new TreeHasher(watch.onTile);
  const { visit } = watch;
  const take = (batch: Iterable<Uint8Array>) => {
    for (const body of batch) {
      visit?.(body, tree.size);
      tree.add(body);
    }
  };
  if (Symbol.iterator in bodies) take(bodies);
  else for await (const batch of bodies) take(batch);
  const root = tree.root();
  return { size: tree.size, root, intact: tree.size === head.size && root.equals(head.root) };
}

// ------------------------------------------------------------------------------------- proofs (RFC 9162, 2.1.3, 2.1.4)

const isOdd = (n: number) => n % 2 === 1;
// Not `>> 1`: tree sizes go past 32 bits.
const half = (n: number) => Math.floor(n / 2);

/**
 * The root that an inclusion proof leads to, for the entry with this hash at this index of a tree of this size;
 * undefined when the proof has the wrong length. RFC 9162, 2.1.3.2.
 */
export function rootFromInclusion(
  leaf: Buffer,
  index: number,
  size: number,
  path: readonly Buffer[],
): Buffer | undefined {
  if (index >= size) return undefined;
  let at = index;
  let last = size - 1;
  let root = leaf;
  for (const sibling of path) {
    if (last === 0) return undefined;
    if (isOdd(at) || at === last) {
      root = nodeHash(sibling, root);
      while (!isOdd(at) && at !== 0) [at, last] = [half(at), half(last)];
    } else {
      root = nodeHash(root, sibling);
    }
    [at, last] = [half(at), half(last)];
  }
  return last === 0 ? root : undefined;
}

/** Whether the proof shows the entry with this hash at this index of this tree. */
export function verifyInclusion(
  leaf: Buffer,
  index: number,
  head: TreeHead,
  path: readonly Buffer[],
): boolean {
  return rootFromInclusion(leaf, index, head.size, path)?.equals(head.root) ?? false;
}

/**
 * Whether the proof shows that the newer tree begins with all of the older one. RFC 9162, 2.1.4.2.
 * The empty tree is the beginning of every tree and two trees of one size must be one tree; neither has a proof.
 */
export function verifyConsistency(older: TreeHead, newer: TreeHead, proof: readonly Buffer[]): boolean {
  if (older.size > newer.size) return false;
  if (older.size === newer.size) return proof.length === 0 && older.root.equals(newer.root);
  if (older.size === 0) return proof.length === 0 && older.root.equals(EMPTY_ROOT);

  let at = older.size - 1;
  let last = newer.size - 1;
  while (isOdd(at)) [at, last] = [half(at), half(last)];
  // When the older tree is one perfect subtree its root is the first element, and is left out of the proof.
  const [start, ...rest] = at === 0 ? [older.root, ...proof] : proof;
  if (!start) return false;

  let [oldRoot, newRoot] = [start, start];
  for (const sibling of rest) {
    if (last === 0) return false;
    if (isOdd(at) || at === last) {
      oldRoot = nodeHash(sibling, oldRoot);
      newRoot = nodeHash(sibling, newRoot);
      while (!isOdd(at) && at !== 0) [at, last] = [half(at), half(last)];
    } else {
      newRoot = nodeHash(newRoot, sibling);
    }
    [at, last] = [half(at), half(last)];
  }
  return last === 0 && oldRoot.equals(older.root) && newRoot.equals(newer.root);
}

// --------------------------------------------------------------------------------------------- text, base64, numbers

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

function decodeText(bytes: Uint8Array, what: string): string {
  try {
    return utf8.decode(bytes);
  } catch {
    throw new Malformed(`${what} is not UTF-8`);
  }
}

/** Standard base64, in its one canonical spelling: a second spelling of the same bytes would be an unnoticed change. */
export function decodeBase64(text: string, what: string): Buffer {
  const bytes = Buffer.from(text, "base64");
  if (bytes.toString("base64") !== text) throw new Malformed(`${what} is not canonical base64`);
  return bytes;
}

/** A SHA-256 hash on a line of its own, as all C2SP formats write it. */
export function decodeHash(text: string, what: string): Buffer {
  const bytes = decodeBase64(text, what);
  if (bytes.length !== HASH_BYTES) throw new Malformed(`${what} is not a SHA-256 hash`);
  return bytes;
}

/** An ASCII decimal without leading zeroes, up to 2^53 - 1. */
export function decodeDecimal(text: string, what: string): number {
  const value = /^(0|[1-9][0-9]{0,15})$/.test(text) ? Number(text) : Number.NaN;
  if (!Number.isSafeInteger(value)) throw new Malformed(`${what} is not a number`);
  return value;
}

// ------------------------------------------------------------------------------------- notes and keys (C2SP signed-note)

/** Signature types of C2SP signed-note that are understood here. */
export const ED25519 = 0x01;
export const COSIGNATURE_V1 = 0x04;

/** A public key that is trusted to sign notes under a name. */
export interface NoteKey {
  readonly name: string;
  /** First four bytes of SHA-256(name ‖ "\n" ‖ type ‖ key), in hexadecimal. */
  readonly id: string;
  readonly type: typeof ED25519 | typeof COSIGNATURE_V1;
  /** The 32 bytes of the Ed25519 public key. */
  readonly publicKey: Buffer;
}

export interface NoteSignature {
  readonly name: string;
  readonly keyId: string;
  readonly signature: Buffer;
}

/** A note as it was read; nothing in it is to be believed before `openNote`. */
export interface Note {
  /** With its final newline: the bytes that are signed. */
  readonly text: string;
  readonly signatures: readonly NoteSignature[];
}

/** A key whose signature held, and for a cosignature the time it states (milliseconds since 1970). */
export interface Signed {
  readonly key: NoteKey;
  readonly at?: number;
}

// A key name: not empty, no Unicode space, no plus.
const KEY_NAME = /^[^\s+\p{Zs}\p{Cc}]+$/u;
const MAX_NOTE_BYTES = 65_536;
const MAX_SIGNATURES = 64;

/** Builds a key from its parts; computes the key id. Refuses impossible names, types and lengths. */
export function noteKey(name: string, type: number, publicKey: Buffer): NoteKey {
  if (!KEY_NAME.test(name)) throw new Malformed("a key name is empty, or holds a space or a plus");
  if (type !== ED25519 && type !== COSIGNATURE_V1)
    throw new Malformed(`signature type ${type} is not known here`);
  if (publicKey.length !== 32) throw new Malformed("an Ed25519 key has 32 bytes");
  const id = createHash("sha256")
    .update(`${name}\n`)
    .update(Buffer.from([type]))
    .update(publicKey);
  return { name, type, publicKey, id: id.digest("hex").slice(0, 8) };
}

/** A key in the vkey spelling, `name+keyid+base64(type ‖ key)`. */
export function parseVkey(vkey: string): NoteKey {
  const [, name, id, encoded] = /^([^+]+)\+([0-9a-f]{8})\+(.+)$/u.exec(vkey) ?? [];
  if (!name || !id || !encoded) throw new Malformed("a verifier key is not name+id+key");
  const bytes = decodeBase64(encoded, "a verifier key");
  const key = noteKey(name, bytes[0] ?? -1, bytes.subarray(1));
  if (key.id !== id) throw new Malformed(`the id of verifier key ${name} does not belong to it`);
  return key;
}

/** The vkey spelling of a key. */
export function formatVkey(key: NoteKey): string {
  return `${key.name}+${key.id}+${Buffer.concat([Buffer.from([key.type]), key.publicKey]).toString("base64")}`;
}

/** Reads a signed note. Refuses anything that is not exactly its form. */
export function parseNote(bytes: Uint8Array): Note {
  if (bytes.length > MAX_NOTE_BYTES) throw new Malformed("a note is too long");
  const all = decodeText(bytes, "a note");
  // eslint-disable-next-line no-control-regex -- the format forbids exactly these
  if (/[\u0000-\u0009\u000b-\u001f]/.test(all)) throw new Malformed("a note holds control characters");
  const split = all.lastIndexOf("\n\n");
  if (split < 0 || !all.endsWith("\n")) throw new Malformed("a note has no signatures");
  const lines = all
    .slice(split + 2)
    .split("\n")
    .slice(0, -1);
  if (lines.length === 0 || lines.length > MAX_SIGNATURES)
    throw new Malformed("a note has no signatures, or too many");
  return { text: all.slice(0, split + 1), signatures: lines.map(parseSignatureLine) };
}

/** One line of a signed note: em dash, key name, base64 of key id and signature. */
export function parseSignatureLine(line: string): NoteSignature {
  const [dash, name, encoded, more] = line.split(" ");
  if (dash !== "—" || !name || !encoded || more !== undefined || !KEY_NAME.test(name))
    throw new Malformed("a signature line is not of its form");
  const bytes = decodeBase64(encoded, "a signature");
  if (bytes.length < 5) throw new Malformed("a signature is too short");
  return { name, keyId: bytes.toString("hex", 0, 4), signature: bytes.subarray(4) };
}

/**
 * The keys among `trusted` that signed the note. Signatures of other keys are ignored, as the format demands; one of
 * a trusted key that does not hold condemns the whole note.
 */
export function openNote(note: Note, trusted: readonly NoteKey[]): Signed[] {
  const signed = new Map<NoteKey, Signed>();
  for (const signature of note.signatures) {
    const key = trusted.find((known) => known.name === signature.name && known.id === signature.keyId);
    if (!key) continue;
    const result = checkSignature(note.text, key, signature.signature);
    if (!result) throw new Tampered(`the signature of ${key.name} does not hold`);
    signed.set(key, result);
  }
  return [...signed.values()];
}

function checkSignature(text: string, key: NoteKey, signature: Buffer): Signed | undefined {
  if (key.type === ED25519)
    return verify(null, Buffer.from(text), publicKeyOf(key), signature) ? { key } : undefined;
  if (signature.length !== 8 + 64) return undefined;
  const seconds = signature.readBigUInt64BE(0);
  // Beyond this a time has no meaning in this runtime, and the format caps it at 2^63 - 1 anyway.
  if (seconds > 8_640_000_000_000n) return undefined;
  const message = Buffer.from(cosignedText(text, Number(seconds)));
  const holds = verify(null, message, publicKeyOf(key), signature.subarray(8));
  return holds ? { key, at: Number(seconds) * 1000 } : undefined;
}

/** The message that a witness signs at a time (seconds since 1970). C2SP tlog-cosignature, Ed25519. */
export function cosignedText(text: string, seconds: number): string {
  return `cosignature/v1\ntime ${seconds}\n${text}`;
}

const SPKI_ED25519 = Buffer.from("302a300506032b6570032100", "hex");
const keyObjects = new WeakMap<NoteKey, KeyObject>();

function publicKeyOf(key: NoteKey): KeyObject {
  let object = keyObjects.get(key);
  if (!object) {
    const der = Buffer.concat([SPKI_ED25519, key.publicKey]);
    object = createPublicKey({ key: der, format: "der", type: "spki" });
    keyObjects.set(key, object);
  }
  return object;
}

// --------------------------------------------------------------------------------------- checkpoints (C2SP tlog-checkpoint)

export interface Checkpoint extends TreeHead {
  /** The identity of the log. */
  readonly origin: string;
  /** Opaque further lines; our log writes none. */
  readonly extensions: readonly string[];
}

/** Reads the text of a checkpoint note. */
export function parseCheckpoint(text: string): Checkpoint {
  const lines = text.split("\n");
  if (lines.pop() !== "") throw new Malformed("a checkpoint does not end with a newline");
  const [origin, size, root, ...extensions] = lines;
  if (!origin || size === undefined || root === undefined || extensions.includes(""))
    throw new Malformed("a checkpoint lacks a line, or has an empty one");
  return {
    origin,
    size: decodeDecimal(size, "a tree size"),
    root: decodeHash(root, "a root hash"),
    extensions,
  };
}

// ------------------------------------------------------------------------------------------ policies (C2SP tlog-policy)

/** Which logs are believed, and which witnesses must have seen what they say. */
export interface Policy {
  readonly logs: readonly NoteKey[];
  /** By the name that the policy gives them, which has no meaning outside of it. */
  readonly witnesses: ReadonlyMap<string, NoteKey>;
  readonly groups: ReadonlyMap<string, { readonly threshold: number; readonly members: readonly string[] }>;
  /** The name of a witness or group, or `none`. */
  readonly quorum: string;
  /** Where to reach logs and witnesses, by verifier key id and name, when the policy says so. */
  readonly urls: ReadonlyMap<NoteKey, string>;
}

const MAX_POLICY_BYTES = 65_536;

/** Reads a trust policy. Refuses it as a whole when a single line is wrong. */
export function parsePolicy(bytes: Uint8Array): Policy {
  if (bytes.length > MAX_POLICY_BYTES) throw new Malformed("the policy is too long");
  // Octets above 0x7f are opaque in this format: Latin-1 keeps each of them one character, whatever they mean.
  const text = Buffer.from(bytes).toString("latin1");
  if (/[^\t\n\u0020-\u007e\u0080-\u00ff]/.test(text))
    throw new Malformed("the policy holds control characters");
  if (text !== "" && !text.endsWith("\n")) throw new Malformed("the policy does not end with a newline");

  const logs: NoteKey[] = [];
  const witnesses = new Map<string, NoteKey>();
  const groups = new Map<string, { threshold: number; members: string[] }>();
  const urls = new Map<NoteKey, string>();
  const grouped = new Set<string>();
  let quorum: string | undefined;

  const isDefined = (name: string) => witnesses.has(name) || groups.has(name);
  const define = (name: string | undefined): string => {
    if (!name || name === "none" || isDefined(name))
      throw new Malformed("the policy defines a name twice, or none");
    return name;
  };
  const readKey = (vkey: string | undefined, type: NoteKey["type"], others: Iterable<NoteKey>): NoteKey => {
    const key = parseVkey(Buffer.from(vkey ?? "", "latin1").toString("utf8"));
    if (key.type !== type)
      throw new Malformed(`the policy's key ${key.name} is not of the type for its part`);
    for (const other of others)
      if (other.publicKey.equals(key.publicKey))
        throw new Malformed(`the policy lists the key of ${key.name} twice`);
    return key;
  };

  for (const line of text.split("\n")) {
    const [keyword, ...items] = line.split(/[ \t]+/).filter((item) => item !== "");
    if (keyword === undefined || keyword.startsWith("#")) continue;
    if (keyword === "log" && items.length <= 2) {
      const key = readKey(items[0], ED25519, logs);
      logs.push(key);
      if (items[1]) urls.set(key, items[1]);
    } else if (keyword === "witness" && items.length <= 3) {
      const name = define(items[0]);
      const key = readKey(items[1], COSIGNATURE_V1, witnesses.values());
      witnesses.set(name, key);
      if (items[2]) urls.set(key, items[2]);
    } else if (keyword === "group") {
      const [name, k, ...members] = items;
      for (const member of members) {
        if (!isDefined(member) || grouped.has(member))
          throw new Malformed(`the policy's group member ${member} is not defined, or is in two groups`);
        grouped.add(member);
      }
      groups.set(define(name), { threshold: readThreshold(k, members.length), members });
    } else if (keyword === "quorum" && items.length === 1 && quorum === undefined) {
      quorum = items[0];
      if (quorum !== "none" && !isDefined(quorum ?? ""))
        throw new Malformed("the policy's quorum is not defined");
    } else {
      throw new Malformed(`the policy has a line that is not understood: ${keyword}`);
    }
  }
  if (quorum === undefined) throw new Malformed("the policy states no quorum");
  return { logs, witnesses, groups, quorum, urls };
}

function readThreshold(k: string | undefined, members: number): number {
  const threshold = k === "any" ? 1 : k === "all" ? members : decodeDecimal(k ?? "", "a group's threshold");
  if (threshold < 1 || threshold > members)
    throw new Malformed("a group's threshold is not within its members");
  return threshold;
}

/** Whether these witnesses (by policy name) are enough. */
export function meetsQuorum(policy: Policy, cosigned: ReadonlySet<string>): boolean {
  const hasWitnessed = (name: string): boolean => {
    const group = policy.groups.get(name);
    if (!group) return cosigned.has(name);
    return group.members.filter(hasWitnessed).length >= group.threshold;
  };
  return policy.quorum === "none" || hasWitnessed(policy.quorum);
}

/** A checkpoint that a log of the policy signed, and who has witnessed it. */
export interface OpenCheckpoint {
  readonly checkpoint: Checkpoint;
  readonly log: NoteKey;
  readonly cosignatures: readonly { readonly witness: string; readonly at: number }[];
  readonly quorumMet: boolean;
}

/** Verifies a checkpoint note against a policy. The quorum is reported, not enforced. */
export function openCheckpoint(bytes: Uint8Array, policy: Policy): OpenCheckpoint {
  const note = parseNote(bytes);
  const checkpoint = parseCheckpoint(note.text);
  const signed = openNote(note, [...policy.logs, ...policy.witnesses.values()]);
  // A key may speak for the log of its own name only, or one log's key could sign another log's history.
  const log = signed.find(({ key }) => key.type === ED25519 && key.name === checkpoint.origin)?.key;
  if (!log) throw new Unverifiable(`no log key of the policy signed this checkpoint of ${checkpoint.origin}`);
  const cosignatures = [...policy.witnesses].flatMap(([witness, key]) => {
    const at = signed.find((one) => one.key === key)?.at;
    return at === undefined ? [] : [{ witness, at }];
  });
  const quorumMet = meetsQuorum(policy, new Set(cosignatures.map(({ witness }) => witness)));
  return { checkpoint, log, cosignatures, quorumMet };
}

// ------------------------------------------------------------------------------------------- proof files (C2SP tlog-proof)

export interface ProofFile {
  readonly index: number;
  readonly path: readonly Buffer[];
  /** The checkpoint note, verbatim. */
  readonly checkpoint: Buffer;
  /** Not authenticated by itself. Our proofs carry the entry here, which the inclusion proof then vouches for. */
  readonly extra?: Buffer;
}

const PROOF_HEADER = "c2sp.org/tlog-proof@v1";
/** No tree within 2^63 entries has a longer path. */
export const MAX_PATH = 63;

/** Reads a `.tlog-proof` file. */
export function parseProof(bytes: Uint8Array): ProofFile {
  const text = decodeText(bytes, "a proof");
  const end = text.indexOf("\n\n");
  if (end < 0) throw new Malformed("a proof has no checkpoint");
  const [header, ...lines] = text.slice(0, end).split("\n");
  if (header !== PROOF_HEADER) throw new Malformed("this is not a tlog-proof file");
  const extra = lines[0]?.startsWith("extra ") ? lines.shift()?.slice("extra ".length) : undefined;
  const [index, ...path] = lines;
  if (!index?.startsWith("index ")) throw new Malformed("a proof has no index");
  if (path.length > MAX_PATH) throw new Malformed("a proof is too long");
  if (extra === "") throw new Malformed("a proof has empty extra data");
  return {
    index: decodeDecimal(index.slice("index ".length), "an index"),
    path: path.map((line) => decodeHash(line, "a line of a proof")),
    checkpoint: Buffer.from(text.slice(end + 2)),
    ...(extra === undefined ? {} : { extra: decodeBase64(extra, "extra data") }),
  };
}

/** Writes a `.tlog-proof` file. */
export function formatProof(proof: ProofFile): string {
  const lines = [
    PROOF_HEADER,
    ...(proof.extra ? [`extra ${proof.extra.toString("base64")}`] : []),
    `index ${proof.index}`,
    ...proof.path.map((sibling) => sibling.toString("base64")),
  ];
  return `${lines.join("\n")}\n\n${proof.checkpoint.toString()}`;
}

// -------------------------------------------------------------------------------- numbers of writers (completeness)

/** Numbers of one writer that are in no event of the range, and closed by no `audit.void` event in it. */
export interface WriterGap {
  readonly writer: string;
  readonly from: number;
  readonly to: number;
  /**
   * Events may enter the log in another order than they were numbered in, and a lost number is closed some moments
   * later. A gap within a few minutes of an end of the range may therefore be filled just outside of it: it is
   * reported as open. A settled one has no such excuse.
   */
  readonly settled: boolean;
}

export interface WriterReport {
  readonly events: number;
  readonly writers: number;
  /** Numbers closed by `audit.void` events. */
  readonly voided: number;
  readonly gaps: readonly WriterGap[];
  /** Numbers that stand in the range twice. */
  readonly doubled: readonly { readonly writer: string; readonly seq: number; readonly index: number }[];
  /** Entries without a writer number: nothing can be said about their neighbours. */
  readonly unnumbered: number;
}

/** No transaction of the console lives longer than this, and no number stays unclosed longer. */
const SETTLED_AFTER_MS = 5 * 60_000;

interface OpenGap {
  from: number;
  to: number;
  /** When the event that revealed it happened. */
  readonly at: number;
}

/**
 * Completeness: every writer numbers its events, so the numbers seen must be without holes. Feed it every body of a
 * contiguous range, in order; memory grows with writers and holes, not with events.
 */
export class WriterLedger {
  readonly #writers = new Map<string, { min: number; max: number; readonly gaps: OpenGap[] }>();
  readonly #doubled: { writer: string; seq: number; index: number }[] = [];
  readonly #scanner = new EventScanner();
  #events = 0;
  #voided = 0;
  #unnumbered = 0;
  #firstAt = 0;
  #reachesStart = false;

  /** Takes one body. Refuses one that is not JSON as the log writes it. */
  readonly visit = (body: Uint8Array, index: number): void => {
    const event = this.#scanner;
    if (!event.scan(body)) throw new Malformed(`entry ${index} is not canonical JSON`);
    if (this.#events === 0) {
      this.#firstAt = event.at;
      this.#reachesStart = index === 0;
    }
    this.#events++;
    if (event.writer === "" || event.seq < 0) this.#unnumbered++;
    else this.#account(event.writer, event.seq, index);
    if (event.isVoid) this.#close(field(parseJson(body, `entry ${index}`), "voids"), index);
  };

  report(): WriterReport {
    const lastAt = this.#scanner.at;
    const isSettled = (at: number) =>
      lastAt - at > SETTLED_AFTER_MS && (this.#reachesStart || at - this.#firstAt > SETTLED_AFTER_MS);
    const gaps = [...this.#writers].flatMap(([writer, { gaps }]) =>
      gaps.map(({ from, to, at }) => ({ writer, from, to, settled: isSettled(at) })),
    );
    return {
      events: this.#events,
      writers: this.#writers.size,
      voided: this.#voided,
      gaps,
      doubled: this.#doubled,
      unnumbered: this.#unnumbered,
    };
  }

  #close(voids: unknown, index: number): void {
    if (!Array.isArray(voids)) return;
    for (const one of voids) {
      const [writer, seq] = [field(one, "writer"), field(one, "seq")];
      if (typeof writer !== "string" || !isIndex(seq)) continue;
      this.#account(writer, seq, index);
      this.#voided++;
    }
  }

  #account(writer: string, seq: number, index: number): void {
    const seen = this.#writers.get(writer);
    if (!seen) {
      this.#writers.set(writer, { min: seq, max: seq, gaps: [] });
    } else if (seq > seen.max) {
      if (seq > seen.max + 1) seen.gaps.push({ from: seen.max + 1, to: seq - 1, at: this.#scanner.at });
      seen.max = seq;
    } else if (seq < seen.min) {
      if (seq < seen.min - 1) seen.gaps.unshift({ from: seq + 1, to: seen.min - 1, at: this.#scanner.at });
      seen.min = seq;
    } else if (!fillGap(seen.gaps, seq)) {
      this.#doubled.push({ writer, seq, index });
    }
  }
}

/** Takes a number out of the gap it lies in, splitting it; false when it lies in none. */
function fillGap(gaps: OpenGap[], seq: number): boolean {
  const at = gaps.findLastIndex((gap) => gap.from <= seq);
  const gap = gaps[at];
  if (!gap || gap.to < seq) return false;
  const [before, after] = [
    { ...gap, to: seq - 1 },
    { ...gap, from: seq + 1 },
  ];
  gaps.splice(at, 1, ...[before, after].filter((part) => part.from <= part.to));
  return true;
}

/**
 * Parses the body of an event as the log writes it (canonical JSON: no white space, integers only), all of it, but
 * makes nothing of it except the few facts below. JSON.parse makes some forty objects and strings of every event to
 * the same end, and takes several times as long as hashing it.
 */
class EventScanner {
  writer = "";
  /** Below zero when there is none. */
  seq = -1;
  isVoid = false;
  #bytes: Uint8Array = Buffer.alloc(0);
  #writerBytes: Uint8Array = Buffer.alloc(0);
  #writerName = "";
  readonly #time = Buffer.alloc("2026-11-22T17:30:05.678Z".length);

  /** When the last event that states a time happened, in milliseconds since 1970; 0 when that cannot be read. */
  get at(): number {
    return Date.parse(this.#time.toString("latin1")) || 0;
  }

  /**
   * Whether the body is well formed; the facts are those of this body then. One loop and no calls within, as this
   * runs for every byte of a log: `open` holds a bit for each container we are in, the lowest for the innermost, set
   * when it is an object.
   */
  scan(body: Uint8Array): boolean {
    this.#bytes = body;
    this.writer = "";
    this.seq = -1;
    this.isVoid = false;
    const end = body.length;
    let [pos, depth, open, bits] = [0, 0, 0, 0];
    let [key, keyEnd, value] = [0, 0, 0];
    let isKey = false;
    let inWriter = false;

    while (pos < end) {
      const start = pos;
      const byte = body[pos++] ?? 0;
      if (byte === QUOTE) {
        let char = 0;
        while (pos < end && (char = body[pos++] ?? 0) !== QUOTE) {
          bits |= char;
          if (char < 0x20) return false;
          if (char !== 0x5c) continue;
          pos = endOfEscape(body, pos);
          if (pos < 0) return false;
        }
        if (char !== QUOTE || pos === start + 1) return false;
        if (isKey) {
          if (body[pos++] !== 0x3a) return false;
          if (depth <= 2) [key, keyEnd, value] = [start + 1, pos - 2, pos];
          isKey = false;
          continue;
        }
      } else if (isKey) {
        return false;
      } else if (byte === OBJECT || byte === ARRAY) {
        if (depth === MAX_SCANNED_DEPTH) return false;
        const isObject = byte === OBJECT;
        if (isObject && depth === 1 && (open & 1) === 1) inWriter = this.#spells(key, keyEnd, "writer");
        depth++;
        open = (open << 1) | (isObject ? 1 : 0);
        if (body[pos] !== (isObject ? OBJECT_END : ARRAY_END)) {
          isKey = isObject;
          continue;
        }
      } else if (isDigit(byte) || byte === 0x2d) {
        const first = byte === 0x2d ? pos : start;
        while (isDigit(body[pos] ?? 0)) pos++;
        if (pos === first || (body[first] === 0x30 && pos !== first + 1)) return false;
      } else {
        const word = byte === 0x74 ? "true" : byte === 0x66 ? "false" : "null";
        pos = start + word.length;
        if (!this.#spells(start, pos, word)) return false;
      }

      if ((byte === QUOTE || isDigit(byte)) && (open & 1) === 1) {
        if (depth === 1) this.#note(key, keyEnd, value, pos);
        else if (depth === 2 && inWriter) this.#noteWriter(key, keyEnd, value, pos);
      }

      // Behind a value only a comma may follow, or what closes the containers that end here.
      while (depth > 0 && body[pos] !== COMMA) {
        if (body[pos++] !== ((open & 1) === 1 ? OBJECT_END : ARRAY_END)) return false;
        depth--;
        open >>>= 1;
        inWriter &&= depth > 1;
      }
      if (depth === 0) return pos === end && (bits < 0x80 || isUtf8(body));
      pos++;
      isKey = (open & 1) === 1;
    }
    return false;
  }

  #spells(at: number, end: number, word: string): boolean {
    if (end - at !== word.length) return false;
    for (let i = 0; i < word.length; i++) if (this.#bytes[at + i] !== word.charCodeAt(i)) return false;
    return true;
  }

  #note(key: number, keyEnd: number, value: number, end: number): void {
    if (this.#bytes[value] !== QUOTE) return;
    if (this.#spells(key, keyEnd, "at")) {
      if (end - value - 2 !== this.#time.length) return;
      for (let i = 0; i < this.#time.length; i++) this.#time[i] = this.#bytes[value + 1 + i] ?? 0;
    } else if (this.#spells(key, keyEnd, "action")) {
      this.isVoid = this.#spells(value + 1, end - 1, "audit.void");
    }
  }

  #noteWriter(key: number, keyEnd: number, value: number, end: number): void {
    if (this.#bytes[value] === QUOTE && this.#spells(key, keyEnd, "id"))
      this.writer = this.#writerAt(value, end);
    if (!this.#spells(key, keyEnd, "seq")) return;
    let seq = 0;
    for (let at = value; at < end; at++) {
      const byte = this.#bytes[at] ?? 0;
      seq = isDigit(byte) ? seq * 10 + (byte - 0x30) : Number.NaN;
    }
    this.seq = Number.isSafeInteger(seq) ? seq : -1;
  }

  /** Nearly always the writer of the event before: its name need not be made anew. */
  #writerAt(start: number, end: number): string {
    const known = this.#writerBytes;
    let isKnown = known.length === end - start;
    for (let i = 0; isKnown && i < known.length; i++) isKnown = known[i] === this.#bytes[start + i];
    if (!isKnown) {
      this.#writerBytes = Uint8Array.prototype.slice.call(this.#bytes, start, end);
      this.#writerName = String(parseJson(this.#writerBytes, "the name of a writer"));
    }
    return this.#writerName;
  }
}

/** Where an escape that begins at this position (behind the backslash) ends; -1 when it is none. */
function endOfEscape(bytes: Uint8Array, at: number): number {
  if (bytes[at] !== 0x75) return ESCAPABLE.has(bytes[at] ?? 0) ? at + 1 : -1;
  for (let i = at + 1; i <= at + 4; i++) if (!isHex(bytes[i] ?? 0)) return -1;
  return at + 5;
}

/** The bits of one integer; the events of the log are five levels deep. */
const MAX_SCANNED_DEPTH = 31;
const QUOTE = 0x22;
const COMMA = 0x2c;
const [OBJECT, OBJECT_END, ARRAY, ARRAY_END] = [0x7b, 0x7d, 0x5b, 0x5d];
const ESCAPABLE = new Set(Buffer.from('"\\/bfnrt'));
const isDigit = (byte: number) => byte >= 0x30 && byte <= 0x39;
const isHex = (byte: number) =>
  isDigit(byte) || (byte >= 0x61 && byte <= 0x66) || (byte >= 0x41 && byte <= 0x46);

function parseJson(bytes: Uint8Array, what: string): unknown {
  try {
    return JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString());
  } catch {
    throw new Malformed(`${what} is not JSON`);
  }
}

function field(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null ? Reflect.get(value, name) : undefined;
}

// ----------------------------------------------------------------------------------- the form of an evidence bundle

/** The address of a tile below the log's prefix (C2SP tlog-tiles): `tile/0/x001/234.p/7`. */
export function tilePath(tile: { level: number | "entries"; index: number; width: number }): string {
  const groups = [String(tile.index % 1000).padStart(3, "0")];
  for (let rest = Math.floor(tile.index / 1000); rest > 0; rest = Math.floor(rest / 1000))
    groups.unshift(`x${String(rest % 1000).padStart(3, "0")}`);
  return `tile/${tile.level}/${groups.join("/")}${tile.width < TILE_WIDTH ? `.p/${tile.width}` : ""}`;
}

/** A tile of a bundle: level, index, and its width in the tree of the last checkpoint. */
export interface BundleTile {
  readonly level: number;
  readonly index: number;
  readonly width: number;
}

/** How many hashes (0 to 256) a tile has in the tree of this size. */
export function tileWidth(level: number, index: number, size: number): number {
  const hashes = Math.floor(size / TILE_WIDTH ** level);
  return Math.min(Math.max(hashes - index * TILE_WIDTH, 0), TILE_WIDTH);
}

/** The unfinished tile at the right edge of a level, if there is one: the root is made of these alone. */
function edgeTile(level: number, size: number): BundleTile | undefined {
  const index = Math.floor(size / TILE_WIDTH ** (level + 1));
  const width = tileWidth(level, index, size);
  return width > 0 ? { level, index, width } : undefined;
}

/**
 * Exactly the tiles that tie entries from..to to the root of a tree of this size: their own leaf hashes, all tiles
 * above them, and the right edge. A bundle of a contiguous range holds these and no others.
 */
export function* tilesOfRange(from: number, to: number, size: number): Generator<BundleTile> {
  for (let level = 0; TILE_WIDTH ** level <= size; level++) {
    const span = TILE_WIDTH ** (level + 1);
    const edge = edgeTile(level, size);
    const last = Math.floor((to - 1) / span);
    for (let index = Math.floor(from / span); index <= last; index++) {
      const width = tileWidth(level, index, size);
      if (width > 0) yield { level, index, width };
    }
    if (edge && edge.index > last) yield edge;
  }
}

/** The name of a tile within a bundle. */
export const bundleTileName = (tile: BundleTile): string => `tiles/${tilePath(tile).slice("tile/".length)}`;

/** What a manifest says of one file. */
export interface ManifestFile {
  readonly bytes: number;
  readonly sha256: string;
}

const BUNDLE_FORMAT = "gatehouse-bundle/1";
// Each part begins with a letter or digit: no way out of the bundle, no hidden file, no second spelling.
const FILE_NAME = /^[A-Za-z0-9][A-Za-z0-9._-]*(\/[A-Za-z0-9][A-Za-z0-9._-]*)*$/;

/** The manifest of a bundle: canonical JSON, so that not one of its bytes could be another. */
export function formatManifest(files: ReadonlyMap<string, ManifestFile>): string {
  const members = [...files]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, { bytes, sha256 }]) => `${JSON.stringify(name)}:{"bytes":${bytes},"sha256":"${sha256}"}`);
  return `{"files":{${members.join(",")}},"format":"${BUNDLE_FORMAT}"}\n`;
}

function parseManifest(bytes: Buffer): Map<string, ManifestFile> {
  const manifest = new Map<string, ManifestFile>();
  const files = field(parseJson(bytes, "manifest.json"), "files");
  for (const [name, file] of Object.entries(files ?? {})) {
    const [size, sha256] = [field(file, "bytes"), field(file, "sha256")];
    if (
      !FILE_NAME.test(name) ||
      typeof size !== "number" ||
      typeof sha256 !== "string" ||
      !/^[0-9a-f]{64}$/.test(sha256)
    )
      throw new Malformed("manifest.json lists a file that cannot be");
    manifest.set(name, { bytes: size, sha256 });
  }
  if (formatManifest(manifest) !== bytes.toString())
    throw new Malformed("manifest.json is not in its canonical form");
  return manifest;
}

/** What a bundle holds: all entries of a contiguous range, or chosen ones. */
export type BundleContent =
  | { readonly kind: "range"; readonly from: number; readonly to: number }
  | { readonly kind: "selection" };

function parseContent(bytes: Buffer): BundleContent {
  const query = parseJson(bytes, "query.json");
  const [kind, from, to] = [field(query, "kind"), field(query, "from"), field(query, "to")];
  if (kind === "selection") return { kind };
  if (kind !== "range" || !isIndex(from) || !isIndex(to) || from >= to)
    throw new Malformed("query.json names neither a range nor a selection");
  return { kind, from, to };
}

const isIndex = (value: unknown): value is number =>
  typeof value === "number" && Number.isSafeInteger(value) && value >= 0;

// --------------------------------------------------------------------------------------- reading a bundle: directory

/** Array.fromAsync, for the Node 20 that an auditor may still have. */
async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}

/** The files of a bundle, wherever they lie. */
interface Evidence {
  /** Sizes by name. */
  readonly files: ReadonlyMap<string, number>;
  read(name: string): AsyncIterable<Buffer>;
  close(): Promise<void>;
  /** What keeps the container itself from being accepted, if anything does. */
  readonly flaw?: string;
}

const MAX_FILES = 65_000;
const MAX_DEPTH = 10;

async function openDirectory(root: string): Promise<Evidence> {
  const files = new Map<string, number>();
  const walk = async (prefix: string, depth: number): Promise<void> => {
    if (depth > MAX_DEPTH) throw new Malformed("the directory is too deep for a bundle");
    for (const entry of await readdir(join(root, prefix), { withFileTypes: true })) {
      const name = `${prefix}${entry.name}`;
      if (entry.isDirectory()) await walk(`${name}/`, depth + 1);
      else if (entry.isFile()) files.set(name, (await stat(join(root, name))).size);
      else throw new Malformed(`${name} is neither file nor directory`);
      if (files.size > MAX_FILES) throw new Malformed("the directory holds too many files for a bundle");
    }
  };
  await walk("", 0);
  return { files, read: (name) => createReadStream(join(root, name)), close: async () => {} };
}

// --------------------------------------------------------------------------------------------- reading a bundle: zip

/**
 * Bundles are zips of one spelling only. Files of known length are stored; the long ones are deflated while they are
 * written, with their sizes behind them. No extra fields, no gaps, no times; the archive's comment is the SHA-256 of
 * all that precedes the closing record. So every byte is either rebuilt and compared, or under a hash: also the idle
 * bits at the end of a deflate stream. Anything else is refused; a bundle packed anew can be checked as a directory.
 */
export interface ZipEntry {
  readonly name: string;
  readonly deflated: boolean;
  readonly crc: number;
  readonly packed: number;
  readonly size: number;
  /** Where its local header begins. */
  readonly offset: number;
}

/** Sizes and offsets are 32-bit numbers in a zip without extensions. */
export const MAX_ZIP_BYTES = 0xffff_fffe;
const ZIP_COMMENT_BYTES = "sha256:".length + 64;
const ZIP_END_BYTES = 22 + ZIP_COMMENT_BYTES;

function zipFields(entry: ZipEntry, sizes: Pick<ZipEntry, "crc" | "packed" | "size">): Buffer {
  const fields = Buffer.alloc(26);
  fields.writeUInt16LE(20, 0); // version needed: 2.0
  fields.writeUInt16LE(entry.deflated ? 0x0008 : 0, 2); // sizes follow the data
  fields.writeUInt16LE(entry.deflated ? 8 : 0, 4);
  fields.writeUInt16LE(0, 6); // midnight of
  fields.writeUInt16LE(0x0021, 8); // the first of January 1980
  fields.writeUInt32LE(sizes.crc, 10);
  fields.writeUInt32LE(sizes.packed, 14);
  fields.writeUInt32LE(sizes.size, 18);
  fields.writeUInt16LE(Buffer.byteLength(entry.name), 22);
  return fields;
}

/** The record before the data of a file. */
export function zipLocalHeader(entry: ZipEntry): Buffer {
  const sizes = entry.deflated ? { crc: 0, packed: 0, size: 0 } : entry;
  return Buffer.concat([Buffer.from("PK\u0003\u0004"), zipFields(entry, sizes), Buffer.from(entry.name)]);
}

/** The record behind the data of a deflated file; nothing for a stored one. */
export function zipDescriptor(entry: ZipEntry): Buffer {
  if (!entry.deflated) return Buffer.alloc(0);
  const record = Buffer.from("PK\u0007\u0008............");
  record.writeUInt32LE(entry.crc, 4);
  record.writeUInt32LE(entry.packed, 8);
  record.writeUInt32LE(entry.size, 12);
  return record;
}

/** The record of a file in the directory of the archive. */
export function zipDirectoryHeader(entry: ZipEntry): Buffer {
  const tail = Buffer.alloc(14);
  tail.writeUInt32LE(0o100644 * 0x1_0000, 6); // a regular file that its owner may write
  tail.writeUInt32LE(entry.offset, 10);
  const madeBy = Buffer.from([20, 3]); // 2.0, Unix
  return Buffer.concat([
    Buffer.from("PK\u0001\u0002"),
    madeBy,
    zipFields(entry, entry),
    tail,
    Buffer.from(entry.name),
  ]);
}

/** The closing record; `sha256` is that of everything before it. */
export function zipEnd(files: number, directoryBytes: number, directoryAt: number, sha256: string): Buffer {
  const record = Buffer.alloc(22);
  record.write("PK\u0005\u0006", 0, "latin1");
  record.writeUInt16LE(files, 8);
  record.writeUInt16LE(files, 10);
  record.writeUInt32LE(directoryBytes, 12);
  record.writeUInt32LE(directoryAt, 16);
  record.writeUInt16LE(ZIP_COMMENT_BYTES, 20);
  return Buffer.concat([record, Buffer.from(`sha256:${sha256}`)]);
}

/** A file as the archive's directory lists it, and where its data really begins. */
interface PackedFile extends ZipEntry {
  readonly data: number;
}

async function openZip(path: string): Promise<Evidence> {
  const handle = await open(path);
  try {
    const { entries, end } = await readZipDirectory(handle);
    // Contents of a foreign archive are looked at all the same, to say what is wrong with them, if anything is.
    const isOurs = await isCanonicalZip(handle, entries, end);
    const byName = new Map(entries.map((entry) => [entry.name, entry]));
    return {
      files: new Map(entries.map(({ name, size }) => [name, size])),
      read: (name) => {
        const entry = byName.get(name);
        if (!entry) throw new Malformed(`${name} is not in the archive`);
        return unpack(handle, entry);
      },
      close: () => handle.close(),
      ...(isOurs ? {} : { flaw: FOREIGN }),
    };
  } catch (error) {
    await handle.close();
    throw error;
  }
}

const FOREIGN =
  "the archive is damaged, or was packed by another program; to check files that were packed anew, unpack them";

/** The closing record of any archive: how many files, and where its directory lies. */
interface ZipEnd {
  readonly count: number;
  readonly bytes: number;
  readonly at: number;
}

async function readZipDirectory(handle: FileHandle): Promise<{ entries: PackedFile[]; end: ZipEnd }> {
  const { size } = await handle.stat();
  if (size > MAX_ZIP_BYTES) throw new Malformed("the archive is too long");
  const tailAt = Math.max(0, size - 22 - 0xffff);
  const tail = await readAt(handle, tailAt, size - tailAt);
  const found = tail.lastIndexOf("PK\u0005\u0006");
  if (found < 0 || found + 22 > tail.length) throw new Malformed("the archive is cut off");
  const end = {
    count: tail.readUInt16LE(found + 10),
    bytes: tail.readUInt32LE(found + 12),
    at: tail.readUInt32LE(found + 16),
  };
  if (end.at + end.bytes > size) throw new Malformed("the archive is cut off");

  const directory = await readAt(handle, end.at, end.bytes);
  const entries: PackedFile[] = [];
  const names = new Set<string>();
  for (let i = 0, at = 0; i < end.count; i++) {
    const { entry, next } = readDirectoryHeader(directory, at);
    at = next;
    if (entry.name.endsWith("/") && entry.size === 0) continue;
    if (!FILE_NAME.test(entry.name)) throw new Malformed("the archive holds a file whose name cannot be");
    if (names.has(entry.name)) throw new Malformed(`the archive holds ${entry.name} twice`);
    names.add(entry.name);
    const header = await readAt(handle, entry.offset, 30);
    const data = entry.offset + 30 + header.readUInt16LE(26) + header.readUInt16LE(28);
    if (data + entry.packed > end.at) throw new Malformed(`${entry.name} reaches beyond the archive`);
    entries.push({ ...entry, data });
  }
  return { entries, end };
}

function readDirectoryHeader(directory: Buffer, at: number): { entry: ZipEntry; next: number } {
  if (at + 46 > directory.length) throw new Malformed("the directory of the archive is cut off");
  const name = at + 46;
  const extra = name + directory.readUInt16LE(at + 28);
  const next = extra + directory.readUInt16LE(at + 30) + directory.readUInt16LE(at + 32);
  if (next > directory.length) throw new Malformed("the directory of the archive is cut off");
  const method = directory.readUInt16LE(at + 10);
  const isEncrypted = directory.readUInt16LE(at + 8) % 2 === 1;
  if (isEncrypted || (method !== 0 && method !== 8))
    throw new Malformed("a file is packed in a way not known here");
  const entry = {
    name: directory.toString("latin1", name, extra),
    deflated: method === 8,
    crc: directory.readUInt32LE(at + 16),
    packed: directory.readUInt32LE(at + 20),
    size: directory.readUInt32LE(at + 24),
    offset: directory.readUInt32LE(at + 42),
  };
  return { entry, next };
}

/** Whether each byte of the archive is what our writer would have written around these files. */
async function isCanonicalZip(
  handle: FileHandle,
  entries: readonly PackedFile[],
  end: ZipEnd,
): Promise<boolean> {
  let offset = 0;
  for (const entry of entries) {
    const [before, behind] = [zipLocalHeader(entry), zipDescriptor(entry)];
    if (entry.offset !== offset || entry.data !== offset + before.length) return false;
    offset = entry.data + entry.packed + behind.length;
    if (offset > end.at || (!entry.deflated && entry.packed !== entry.size)) return false;
    if (!(await readAt(handle, entry.offset, before.length)).equals(before)) return false;
    if (!(await readAt(handle, entry.data + entry.packed, behind.length)).equals(behind)) return false;
  }
  const directory = Buffer.concat(entries.map(zipDirectoryHeader));
  const { size } = await handle.stat();
  if (offset !== end.at || end.at + end.bytes + ZIP_END_BYTES !== size) return false;
  if (!(await readAt(handle, end.at, end.bytes)).equals(directory)) return false;

  const digest = createHash("sha256");
  for await (const chunk of readRange(handle, 0, size - ZIP_END_BYTES)) digest.update(chunk);
  const closing = zipEnd(entries.length, end.bytes, end.at, digest.digest("hex"));
  return (await readAt(handle, size - ZIP_END_BYTES, ZIP_END_BYTES)).equals(closing);
}

async function* unpack(handle: FileHandle, entry: PackedFile): AsyncGenerator<Buffer> {
  const packed = readRange(handle, entry.data, entry.data + entry.packed);
  let [size, crc] = [0, 0];
  for await (const chunk of entry.deflated ? inflate(packed, entry.name) : packed) {
    size += chunk.length;
    // Stop at the declared size: a file may not unfold into more than it says.
    if (size > entry.size) throw new Malformed(`${entry.name} is longer than the archive says`);
    crc = crc32(chunk, crc);
    yield chunk;
  }
  if (size !== entry.size || crc !== entry.crc)
    throw new Malformed(`${entry.name} is damaged in the archive`);
}

async function* inflate(packed: AsyncIterable<Buffer>, name: string): AsyncGenerator<Buffer> {
  const inflater = createInflateRaw({ chunkSize: 1 << 18 });
  const source = Readable.from(packed);
  source.on("error", (error) => inflater.destroy(error));
  try {
    for await (const chunk of source.pipe(inflater)) yield chunk;
  } catch (error) {
    throw error instanceof Malformed ? error : new Malformed(`${name} cannot be unpacked`);
  } finally {
    source.destroy();
    inflater.destroy();
  }
}

async function readAt(handle: FileHandle, position: number, length: number): Promise<Buffer> {
  const { bytesRead, buffer } = await handle.read(Buffer.alloc(length), 0, length, position);
  if (bytesRead !== length) throw new Malformed("the archive is cut off");
  return buffer;
}

async function* readRange(handle: FileHandle, from: number, to: number): AsyncGenerator<Buffer> {
  const step = 1 << 18;
  for (let at = from; at < to; at += step) yield await readAt(handle, at, Math.min(step, to - at));
}

// ------------------------------------------------------------------------------------------------- what was found

export type Verdict =
  /** Holds. */
  | "pass"
  /** Contradicts what was signed, or the manifest: exit 1. */
  | "fail"
  /** Cannot be decided with the keys and witnesses at hand: exit 2. */
  | "unknown"
  /** Has not the form it must have: exit 3. */
  | "malformed"
  /** To be read by a person; decides nothing. */
  | "note"
  /** The evidence holds nothing of this kind. */
  | "none";

export type CheckName =
  | "files"
  | "signature"
  | "witnesses"
  | "consistency"
  | "inclusion"
  | "range"
  | "writers"
  | "anchors"
  | "details"
  | "reviews";

export interface Check {
  readonly name: CheckName;
  readonly verdict: Verdict;
  readonly detail: string;
}

export interface Report {
  /** 0 verified, 1 tampered, 2 not verifiable, 3 malformed. */
  readonly exit: 0 | 1 | 2 | 3;
  readonly checks: readonly Check[];
  /** Where the keys came from: the reader's own policy, the bundle itself (which a forger writes too), or nowhere. */
  readonly trust: "given" | "bundled" | "none";
  readonly origin?: string;
  readonly treeSize?: number;
  /** Entries from (inclusive) to (exclusive), when the evidence is a contiguous range and proves it complete. */
  readonly completeRange?: { readonly from: number; readonly to: number };
  readonly entries?: number;
  readonly firstBadIndex?: number;
  readonly manifestSha256?: string;
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };
type Facts = Mutable<Omit<Report, "exit" | "checks">>;

class Findings {
  readonly facts: Facts = { trust: "none" };
  readonly #checks: Check[] = [];

  add(name: CheckName, verdict: Verdict, detail: string): void {
    this.#checks.push({ name, verdict, detail });
  }

  /** A contradiction at an entry; the lowest index is the one to name. */
  bad(name: CheckName, index: number, detail: string): void {
    this.add(name, "fail", detail);
    this.facts.firstBadIndex = Math.min(index, this.facts.firstBadIndex ?? index);
  }

  has(name: CheckName): boolean {
    return this.#checks.some((check) => check.name === name);
  }

  /** Runs a step; what it refuses becomes a finding, so that the other steps still have their say. */
  async step<T>(name: CheckName, run: () => T | Promise<T>): Promise<T | undefined> {
    try {
      return await run();
    } catch (error) {
      if (error instanceof Malformed) this.add(name, "malformed", error.message);
      else if (error instanceof Tampered) this.add(name, "fail", error.message);
      else if (error instanceof Unverifiable) this.add(name, "unknown", error.message);
      else throw error;
      return undefined;
    }
  }

  report(): Report {
    const any = (verdict: Verdict) => this.#checks.some((check) => check.verdict === verdict);
    const exit = any("fail") ? 1 : any("malformed") ? 3 : any("unknown") ? 2 : 0;
    return { exit, checks: this.#checks, ...this.facts };
  }
}

function addCheckpointFindings(findings: Findings, opened: OpenCheckpoint, policy: Policy): void {
  const { checkpoint, log, cosignatures, quorumMet } = opened;
  findings.facts.origin = checkpoint.origin;
  findings.facts.treeSize = checkpoint.size;
  findings.add("signature", "pass", `${log.name}+${log.id} signed a tree of ${checkpoint.size} entries`);
  const seen = cosignatures
    .map(({ witness, at }) => `${witness} at ${new Date(at).toISOString()}`)
    .join(", ");
  const count = `${cosignatures.length} of ${policy.witnesses.size} witnesses${seen && `: ${seen}`}`;
  if (!quorumMet) findings.add("witnesses", "unknown", `the quorum is missed: ${count}`);
  else if (policy.quorum === "none") findings.add("witnesses", "none", `the policy asks for none; ${count}`);
  else findings.add("witnesses", "pass", count);
}

// --------------------------------------------------------------------------------------------- verifying a proof file

/** Verifies a `.tlog-proof` file. The entry is the one given, or the one the file carries. */
export async function verifyProofFile(
  bytes: Buffer,
  given: { readonly policy?: Uint8Array; readonly entry?: Uint8Array },
): Promise<Report> {
  const findings = new Findings();
  const proof = await findings.step("inclusion", () => parseProof(bytes));
  if (!proof) return findings.report();
  await findings.step("inclusion", () => {
    // A file saved by an editor or cut from JSONL ends in a newline; a body never does.
    const entry = given.entry && withoutNewline(given.entry);
    const body = entry ?? proof.extra;
    if (!body) throw new Unverifiable("the proof does not carry its entry: give it");
    if (entry && proof.extra && !proof.extra.equals(entry))
      throw new Tampered("the entry is not the one that the proof carries");
    const head = parseCheckpoint(parseNote(proof.checkpoint).text);
    if (!verifyInclusion(leafHash(body), proof.index, head, proof.path))
      findings.bad("inclusion", proof.index, `entry ${proof.index} is not in the tree of ${head.size}`);
    else findings.add("inclusion", "pass", `entry ${proof.index} is in the tree of ${head.size}`);
    findings.facts.entries = 1;
  });
  await findings.step("signature", () => {
    if (!given.policy) throw new Unverifiable("no policy says which keys to trust: give one");
    const policy = parsePolicy(given.policy);
    findings.facts.trust = "given";
    addCheckpointFindings(findings, openCheckpoint(proof.checkpoint, policy), policy);
  });
  return findings.report();
}

const withoutNewline = (bytes: Uint8Array) => bytes.subarray(0, bytes.at(-1) === 0x0a ? -1 : bytes.length);

// ------------------------------------------------------------------------------------------------ verifying a bundle

const MAX_SMALL_FILE = 1 << 25;
const MAX_LINE = 1 << 20;

/** The files of a bundle, each hashed as it is read and compared with the manifest at its end. */
class ManifestReader {
  readonly #evidence: Evidence;
  readonly #findings: Findings;
  readonly #manifest: ReadonlyMap<string, ManifestFile>;
  readonly #unread: Set<string>;
  #altered = 0;

  private constructor(evidence: Evidence, findings: Findings, manifest: ReadonlyMap<string, ManifestFile>) {
    this.#evidence = evidence;
    this.#findings = findings;
    this.#manifest = manifest;
    this.#unread = new Set(manifest.keys());
  }

  static async open(evidence: Evidence, findings: Findings): Promise<ManifestReader> {
    const bytes = await readWhole(evidence, "manifest.json");
    const reader = new ManifestReader(evidence, findings, parseManifest(bytes));
    findings.facts.manifestSha256 = createHash("sha256").update(bytes).digest("hex");
    const present = new Set([...evidence.files.keys()].filter((name) => name !== "manifest.json"));
    for (const name of present)
      if (!reader.has(name)) findings.add("files", "fail", `${name} is not in the manifest`);
    for (const name of reader.names())
      if (!present.has(name)) throw new Tampered(`${name} is in the manifest, but not in the bundle`);
    return reader;
  }

  has(name: string): boolean {
    return this.#manifest.has(name);
  }

  names(): string[] {
    return [...this.#manifest.keys()];
  }

  async *stream(name: string): AsyncGenerator<Buffer> {
    const expected = this.#manifest.get(name);
    if (!expected) throw new Malformed(`${name} is missing`);
    this.#unread.delete(name);
    const digest = createHash("sha256");
    for await (const chunk of this.#evidence.read(name)) {
      digest.update(chunk);
      yield chunk;
    }
    if (digest.digest("hex") === expected.sha256 && this.#evidence.files.get(name) === expected.bytes) return;
    this.#altered++;
    this.#findings.add("files", "fail", `${name} is not the file that the manifest lists`);
  }

  async whole(name: string): Promise<Buffer> {
    if ((this.#evidence.files.get(name) ?? 0) > MAX_SMALL_FILE) throw new Malformed(`${name} is too long`);
    return Buffer.concat(await collect(this.stream(name)));
  }

  /** Lines as they come, a batch a chunk, without their newlines. Refuses a last line without one. */
  async *lines(name: string, longest: number): AsyncGenerator<Buffer[]> {
    let rest: Buffer = Buffer.alloc(0);
    for await (const chunk of this.stream(name)) {
      const all = rest.length > 0 ? Buffer.concat([rest, chunk]) : chunk;
      const batch: Buffer[] = [];
      let start = 0;
      for (let end = all.indexOf(0x0a); end >= 0; end = all.indexOf(0x0a, start)) {
        batch.push(all.subarray(start, end));
        start = end + 1;
      }
      rest = all.subarray(start);
      if (rest.length > longest) throw new Malformed(`${name} has a line that is too long`);
      yield batch;
    }
    if (rest.length > 0) throw new Malformed(`${name} ends within a line`);
  }

  /** Hashes the files that no other step had to read. */
  async finish(): Promise<void> {
    for (const name of this.#unread) {
      const chunks = this.stream(name);
      while (!(await chunks.next()).done);
    }
    if (this.#altered === 0 && !this.#findings.has("files"))
      this.#findings.add("files", "pass", `${this.#manifest.size} files are those of the manifest`);
  }
}

async function readWhole(evidence: Evidence, name: string): Promise<Buffer> {
  const size = evidence.files.get(name);
  if (size === undefined) throw new Malformed(`there is no ${name}: this is not a bundle`);
  if (size > MAX_SMALL_FILE) throw new Malformed(`${name} is too long`);
  return Buffer.concat(await collect(evidence.read(name)));
}

/** What a reader may bring along, from a source other than the bundle. */
export interface Expectations {
  /** A tlog-policy file: which keys to trust. Without it the bundle's own policy is used, and the report says so. */
  readonly policy?: Uint8Array;
  /** The range that was asked for: a bundle of less is refused, however well it proves itself. */
  readonly range?: { readonly from: number; readonly to: number };
}

async function verifyEvidence(evidence: Evidence, expected: Expectations): Promise<Report> {
  const findings = new Findings();
  if (evidence.flaw !== undefined) findings.add("files", "malformed", evidence.flaw);
  const files = await findings.step("files", () => ManifestReader.open(evidence, findings));
  if (!files) return findings.report();

  const last = await findings.step("signature", () => verifyCheckpoints(files, findings, expected));
  const content = await findings.step("range", async () => parseContent(await files.whole("query.json")));
  const details = await findings.step("details", () => readDetails(files));
  if (last && content) {
    if (content.kind === "range") await verifyRange(files, findings, last, content, expected, details);
    else await verifySelection(files, findings, last, expected, details);
  }
  if (details) findings.add("details", ...details.verdict());
  await findings.step("reviews", () => countReviews(files, findings));
  await findings.step("anchors", () => countAnchors(files, findings));
  await findings.step("files", () => files.finish());
  return findings.report();
}

interface LastCheckpoint {
  readonly note: Buffer;
  readonly head: Checkpoint;
}

async function verifyCheckpoints(
  files: ManifestReader,
  findings: Findings,
  expected: Expectations,
): Promise<LastCheckpoint> {
  const bundled = await files.whole("policy.tlog-policy");
  const policy = parsePolicy(expected.policy ?? bundled);
  findings.facts.trust = expected.policy ? "given" : "bundled";
  const note = await files.whole("checkpoints/last");
  const head = parseCheckpoint(parseNote(note).text);
  // An unknown key ends the hope of exit 0, not the search for what does not fit.
  await findings.step("signature", () =>
    addCheckpointFindings(findings, openCheckpoint(note, policy), policy),
  );

  await findings.step("consistency", async () => {
    if (!files.has("checkpoints/first")) {
      findings.add("consistency", "none", "the bundle has no earlier checkpoint");
      return;
    }
    const first = openCheckpoint(await files.whole("checkpoints/first"), policy).checkpoint;
    const proof = (await collect(files.lines("proofs/consistency", MAX_LINE))).flat();
    const hashes = proof.map((line) => decodeHash(line.toString(), "a line of the consistency proof"));
    if (first.origin !== head.origin || !verifyConsistency(first, head, hashes))
      throw new Tampered(
        `the tree of ${head.size} does not begin with the tree of ${first.size} signed before`,
      );
    findings.add(
      "consistency",
      "pass",
      `the tree of ${head.size} begins with the tree of ${first.size} signed before`,
    );
  });
  return { note, head };
}

/** The tiles of a bundle that are proved by the checkpoint: the leaf hashes that its entries must have. */
class ProvedTiles {
  readonly #files: ManifestReader;
  readonly #findings: Findings;
  readonly #head: Checkpoint;
  readonly #kept = new Map<string, Buffer>();

  constructor(files: ManifestReader, findings: Findings, head: Checkpoint) {
    this.#files = files;
    this.#findings = findings;
    this.#head = head;
  }

  /** Reads all tiles but the leaves (1/256 of them), and ties them to the signed root from the top down. */
  async prove(from: number, to: number): Promise<true> {
    const needed = new Map(
      [...tilesOfRange(from, to, this.#head.size)].map((tile) => [bundleTileName(tile), tile]),
    );
    for (const name of this.#files.names())
      if (name.startsWith("tiles/") && !needed.has(name))
        throw new Malformed(`${name} has no place in this bundle`);
    for (const [name, tile] of needed) {
      if (!this.#files.has(name)) throw new Malformed(`${name} is missing`);
      if (tile.level > 0 || tile.width < TILE_WIDTH) this.#kept.set(name, await this.#read(tile));
    }
    const roots: Buffer[][] = [];
    for (let level = 0; TILE_WIDTH ** level <= this.#head.size; level++) {
      const edge = edgeTile(level, this.#head.size);
      const tile = edge && this.#kept.get(bundleTileName(edge));
      if (edge && tile) roots.unshift(perfectRoots(tile, edge.width));
    }
    if (!foldHashes(roots.flat()).equals(this.#head.root))
      throw new Tampered("the tiles do not lead to the root of the checkpoint");
    for (const tile of needed.values()) if (tile.level > 0) this.#checkAgainstParent(tile, from);
    return true;
  }

  /** The leaf hashes of a tile, proved. */
  async leaves(index: number, from: number): Promise<Buffer> {
    const tile = { level: 0, index, width: tileWidth(0, index, this.#head.size) };
    const name = bundleTileName(tile);
    const kept = this.#kept.get(name);
    if (kept) return kept;
    const hashes = await this.#read(tile);
    this.#kept.set(name, hashes);
    this.#checkAgainstParent(tile, from);
    // Level 0 is read once, in order: keeping it would make the memory grow with the range.
    this.#kept.delete(name);
    return hashes;
  }

  async #read(tile: BundleTile): Promise<Buffer> {
    const hashes = await this.#files.whole(bundleTileName(tile));
    if (hashes.length !== tile.width * HASH_BYTES)
      throw new Malformed(`${bundleTileName(tile)} has not its length`);
    return hashes;
  }

  #checkAgainstParent(tile: BundleTile, from: number): void {
    if (tile.width < TILE_WIDTH) return;
    const [level, index] = [tile.level + 1, Math.floor(tile.index / TILE_WIDTH)];
    const parent = this.#kept.get(
      bundleTileName({ level, index, width: tileWidth(level, index, this.#head.size) }),
    );
    const at = (tile.index % TILE_WIDTH) * HASH_BYTES;
    const hashes = this.#kept.get(bundleTileName(tile));
    if (parent && hashes && foldPerfect(hashes, 0, TILE_WIDTH).equals(parent.subarray(at, at + HASH_BYTES)))
      return;
    const start = tile.index * TILE_WIDTH ** (tile.level + 1);
    this.#findings.bad(
      "inclusion",
      Math.max(start, from),
      `${bundleTileName(tile)} is not what its parent says`,
    );
  }
}

async function verifyRange(
  files: ManifestReader,
  findings: Findings,
  { head }: LastCheckpoint,
  { from, to }: { readonly from: number; readonly to: number },
  expected: Expectations,
  details: Details | undefined,
): Promise<void> {
  await findings.step("range", () => {
    if (expected.range && (expected.range.from !== from || expected.range.to !== to))
      throw new Tampered(`the bundle is of entries ${from} to ${to}, not of those that were asked for`);
    if (to > head.size) throw new Tampered(`the range ends at ${to}, beyond the tree of ${head.size}`);
  });
  if (findings.has("range")) return;

  const tiles = new ProvedTiles(files, findings, head);
  const isProved = await findings.step("inclusion", () => tiles.prove(from, to));
  const check = new RangeCheck(findings, from, to, details);
  await findings.step("inclusion", async () => {
    for await (const batch of files.lines("entries.jsonl", MAX_BODY_BYTES)) {
      for (const body of batch) {
        if (isProved && check.needsTile) check.useTile(await tiles.leaves(check.tileIndex, from));
        check.take(body);
      }
    }
  });
  if (check.finish() && isProved) {
    findings.add("inclusion", "pass", `${to - from} entries are in the tree of ${head.size}`);
    findings.add("range", "pass", `complete: all entries from ${from} to ${to - 1}`);
    findings.facts.completeRange = { from, to };
  }
}

/** Holds the entries of a range, one after the other, against the leaf hashes that were proved. */
class RangeCheck {
  readonly #findings: Findings;
  readonly #from: number;
  readonly #to: number;
  readonly #details: Details | undefined;
  readonly #ledger = new WriterLedger();
  #index: number;
  #tile: Buffer | undefined;
  /** Once an entry is not what was logged, those behind it say nothing any more about writers and details. */
  #isReadable = true;

  constructor(findings: Findings, from: number, to: number, details: Details | undefined) {
    this.#findings = findings;
    [this.#from, this.#to, this.#index] = [from, to, from];
    this.#details = details;
  }

  get needsTile(): boolean {
    return this.#index < this.#to && (!this.#tile || this.#index % TILE_WIDTH === 0);
  }

  get tileIndex(): number {
    return Math.floor(this.#index / TILE_WIDTH);
  }

  useTile(hashes: Buffer): void {
    this.#tile = hashes;
  }

  take(body: Buffer): void {
    const index = this.#index++;
    if (!this.#isReadable || index >= this.#to) return;
    const at = (index % TILE_WIDTH) * HASH_BYTES;
    if (this.#tile && this.#tile.toString("latin1", at, at + HASH_BYTES) !== digestLeaf(body)) {
      this.#isReadable = false;
      this.#findings.bad("inclusion", index, `entry ${index} is not the one that was logged`);
      return;
    }
    try {
      this.#ledger.visit(body, index);
      this.#details?.see(parseJson(body, `entry ${index}`));
    } catch (error) {
      if (!(error instanceof Malformed)) throw error;
      this.#isReadable = false;
      this.#findings.add("writers", "malformed", error.message);
    }
  }

  /** Whether all entries were there, and none was wrong. */
  finish(): boolean {
    const count = this.#index - this.#from;
    this.#findings.facts.entries = count;
    if (this.#index !== this.#to) {
      const expected = this.#to - this.#from;
      this.#findings.bad(
        "range",
        Math.min(this.#index, this.#to),
        `there are ${count} entries, not ${expected}`,
      );
    }
    if (this.#findings.facts.firstBadIndex !== undefined) return false;
    if (this.#isReadable) addWriterFindings(this.#findings, this.#ledger.report());
    return true;
  }
}

function addWriterFindings(findings: Findings, report: WriterReport): void {
  const settled = report.gaps.filter((gap) => gap.settled);
  const open = report.gaps.filter((gap) => !gap.settled);
  const list = (gaps: readonly WriterGap[]) =>
    gaps
      .slice(0, 10)
      .map(({ writer, from, to }) => `${writer} ${from === to ? from : `${from}-${to}`}`)
      .join(", ");
  for (const { writer, seq, index } of report.doubled.slice(0, 10))
    findings.bad("writers", index, `number ${seq} of writer ${writer} stands twice, again at entry ${index}`);
  if (settled.length > 0)
    findings.add("writers", "fail", `numbers missing and closed by nobody: ${list(settled)}`);
  if (open.length > 0)
    findings.add("writers", "note", `numbers missing near an end of the range: ${list(open)}`);
  if (report.unnumbered > 0)
    findings.add("writers", "note", `${report.unnumbered} entries bear no writer's number`);
  if (!findings.has("writers"))
    findings.add(
      "writers",
      "pass",
      `${report.writers} writers, no number missing, ${report.voided} closed as void`,
    );
}

async function verifySelection(
  files: ManifestReader,
  findings: Findings,
  last: LastCheckpoint,
  expected: Expectations,
  details: Details | undefined,
): Promise<void> {
  if (expected.range)
    findings.add("range", "fail", "the bundle is a selection, not the range that was asked for");
  await findings.step("inclusion", async () => {
    const indexes = proofIndexes(files.names());
    let count = 0;
    for await (const batch of files.lines("entries.jsonl", MAX_BODY_BYTES)) {
      for (const body of batch) {
        const index = indexes[count++];
        if (index === undefined) throw new Tampered("there are more entries than proofs");
        const proof = parseProof(await files.whole(`proofs/${index}.tlog-proof`));
        const isProved =
          proof.index === index &&
          proof.checkpoint.equals(last.note) &&
          proof.extra === undefined &&
          verifyInclusion(leafHash(body), index, last.head, proof.path);
        if (!isProved)
          findings.bad("inclusion", index, `entry ${index} is not proved to be the one that was logged`);
        else details?.see(parseJson(body, `entry ${index}`));
      }
    }
    if (count !== indexes.length) throw new Tampered("there are more proofs than entries");
    findings.facts.entries = count;
    if (findings.facts.firstBadIndex === undefined)
      findings.add("inclusion", "pass", `${count} chosen entries are in the tree of ${last.head.size}`);
  });
  findings.add("range", "none", "authentic, not complete: the entries were chosen, others may have matched");
}

function proofIndexes(names: readonly string[]): number[] {
  return names
    .flatMap((name) => /^proofs\/(.+)\.tlog-proof$/.exec(name)?.[1] ?? [])
    .map((index) => decodeDecimal(index, "the name of a proof"))
    .sort((a, b) => a - b);
}

/** Values behind commitments that the exporter laid open, or says were erased. */
class Details {
  readonly #opened = new Set<string>();
  readonly #erased = new Set<string>();
  readonly #seen = new Set<string>();

  add(line: Buffer): void {
    const detail = parseJson(line, "a line of details.jsonl");
    const [commit, salt, value] = [field(detail, "commit"), field(detail, "salt"), field(detail, "value")];
    if (typeof commit !== "string") throw new Malformed("a detail names no commitment");
    if (field(detail, "erased") === true) {
      this.#erased.add(commit);
      return;
    }
    if (typeof salt !== "string" || typeof value !== "string")
      throw new Malformed("a detail has no salt and value");
    if (!commitmentOpens(commit, decodeHash(salt, "the salt of a detail"), Buffer.from(value)))
      throw new Tampered(`a detail is not what commitment ${commit} was made of`);
    this.#opened.add(commit);
  }

  /** Notes the commitments of an event: whatever stands under a name ending in `_commit`. */
  see(event: unknown): void {
    if (typeof event !== "object" || event === null) return;
    for (const [name, value] of Object.entries(event)) {
      if (typeof value !== "string") this.see(value);
      else if (name.endsWith("_commit")) this.#seen.add(value);
    }
  }

  verdict(): [Verdict, string] {
    const foreign = [...this.#opened, ...this.#erased].find((commit) => !this.#seen.has(commit));
    if (foreign !== undefined) return ["fail", `no entry holds the commitment ${foreign} of a detail`];
    const closed = this.#seen.size - this.#opened.size - this.#erased.size;
    return [
      "pass",
      `${this.#opened.size} values laid open, ${this.#erased.size} erased, ${closed} not disclosed`,
    ];
  }
}

/** SHA-256(salt ‖ value), in hexadecimal or base64url. */
function commitmentOpens(commit: string, salt: Buffer, value: Buffer): boolean {
  const digest = createHash("sha256").update(salt).update(value).digest();
  return commit === digest.toString("hex") || commit === digest.toString("base64url");
}

async function readDetails(files: ManifestReader): Promise<Details | undefined> {
  if (!files.has("details.jsonl")) return undefined;
  const details = new Details();
  for await (const batch of files.lines("details.jsonl", MAX_LINE))
    for (const line of batch) details.add(line);
  return details;
}

async function countReviews(files: ManifestReader, findings: Findings): Promise<void> {
  if (!files.has("reviews.jsonl")) return;
  let count = 0;
  for await (const batch of files.lines("reviews.jsonl", MAX_LINE)) {
    for (const line of batch) parseJson(line, "a line of reviews.jsonl");
    count += batch.length;
  }
  if (count === 0) findings.add("reviews", "none", "no review is enclosed");
  else findings.add("reviews", "note", `${count} reviews enclosed; only the manifest vouches for them here`);
}

function countAnchors(files: ManifestReader, findings: Findings): void {
  const count = files.names().filter((name) => name.startsWith("anchors/")).length;
  if (count === 0) findings.add("anchors", "none", "no timestamp of an authority is enclosed");
  else findings.add("anchors", "note", `${count} timestamps enclosed; check them with openssl ts -verify`);
}

// ----------------------------------------------------------------------------------------------- the command line

/** Verifies a bundle (zip or directory) or a proof file. */
export async function verifyPath(
  path: string,
  expected: Expectations & { readonly entry?: Uint8Array } = {},
): Promise<Report> {
  const findings = new Findings();
  const report = await findings.step("files", async () => {
    if (!(await stat(path)).isDirectory() && !(await isZip(path))) {
      if ((await stat(path)).size > MAX_SMALL_FILE)
        throw new Malformed("this is neither a bundle nor a proof");
      return verifyProofFile(await readFile(path), expected);
    }
    const evidence = (await stat(path)).isDirectory() ? await openDirectory(path) : await openZip(path);
    try {
      return await verifyEvidence(evidence, expected);
    } finally {
      await evidence.close();
    }
  });
  return report ?? findings.report();
}

async function isZip(path: string): Promise<boolean> {
  const handle = await open(path);
  try {
    const { buffer } = await handle.read(Buffer.alloc(2), 0, 2, 0);
    return buffer.toString("latin1") === "PK";
  } finally {
    await handle.close();
  }
}

const USAGE = `gatehouse-verify <bundle.zip | directory | proof.tlog-proof> [options]

  --policy FILE   trust the keys of this tlog-policy file, not those that the bundle brings along
  --entry FILE    the entry that a proof is about, when the proof does not carry it
  --range A-B     the bundle must be of entries A to B, B included
  --json          the report as JSON

exit: 0 verified, 1 tampered, 2 not verifiable (unknown key, quorum missed), 3 malformed
`;

const HEADLINES = [
  "VERIFIED 已核验",
  "TAMPERED 已被篡改",
  "NOT VERIFIABLE 无法核验（密钥或见证不足）",
  "MALFORMED 格式有误",
] as const;

/** Runs the command; gives its exit code. */
export async function main(args: readonly string[], print: (text: string) => void): Promise<number> {
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        policy: { type: "string" },
        entry: { type: "string" },
        range: { type: "string" },
        json: { type: "boolean" },
        help: { type: "boolean" },
      },
    });
    const [path] = positionals;
    if (values.help || !path || positionals.length > 1) {
      print(USAGE);
      return values.help ? 0 : 3;
    }
    const report = await verifyPath(path, {
      ...(values.policy ? { policy: await readFile(values.policy) } : {}),
      ...(values.entry ? { entry: await readFile(values.entry) } : {}),
      ...(values.range ? { range: parseRange(values.range) } : {}),
    });
    print(values.json ? `${JSON.stringify(report)}\n` : formatReport(report, path));
    return report.exit;
  } catch (error) {
    // Unreadable files and impossible options: nothing was verified, and nothing may look as if it were.
    print(`${HEADLINES[3]}  ${error instanceof Error ? error.message : String(error)}\n`);
    return 3;
  }
}

function parseRange(text: string): { from: number; to: number } {
  const [from, to, more] = text.split("-");
  if (from === undefined || to === undefined || more !== undefined)
    throw new Malformed("a range is written 100-199");
  return { from: decodeDecimal(from, "the range"), to: decodeDecimal(to, "the range") + 1 };
}

function formatReport(report: Report, path: string): string {
  const lines = report.checks.map(
    ({ name, verdict, detail }) => `  ${name.padEnd(12)}${verdict.padEnd(10)} ${detail}`,
  );
  if (report.firstBadIndex !== undefined) lines.push(`  first bad entry: ${report.firstBadIndex}`);
  if (report.trust === "bundled")
    lines.push(
      "  The keys are those that the bundle brings along. Give --policy with a file you got elsewhere.",
    );
  if (report.manifestSha256) lines.push(`  manifest sha256 ${report.manifestSha256}`);
  return `${HEADLINES[report.exit]}  ${path}\n${lines.join("\n")}\n`;
}

// Only when run, not when imported. The real path, because a command in a package's bin directory is a link.
const program = process.argv[1];
if (program && existsSync(program) && realpathSync(program) === fileURLToPath(import.meta.url))
  process.exitCode = await main(process.argv.slice(2), (text) => process.stdout.write(text));
