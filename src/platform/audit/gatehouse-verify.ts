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
import { createHash, createPublicKey, hash, verify, type KeyObject } from "node:crypto";
import { TextDecoder } from "node:util";

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
const nodeInput = Buffer.alloc(1 + 2 * HASH_BYTES);
nodeInput[0] = 0x01;

function digestLeaf(body: Uint8Array): string {
  if (body.length > MAX_BODY_BYTES) throw new Malformed(`an entry of ${body.length} bytes is too long`);
  leafInput.set(body, 1);
  return hash("sha256", leafInput.subarray(0, 1 + body.length), "binary");
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
