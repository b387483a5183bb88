import { createSecretKey, type KeyObject, randomBytes } from "node:crypto";
import type { CellAddress } from "./address.ts";
import { type Algorithm, algorithm, current } from "./algorithms.ts";
import { SealError } from "./errors.ts";
import { pad, unpad } from "./padding.ts";
import { pae } from "./pae.ts";
import { hkdf } from "./primitives.ts";

const VERSION = "e1";
const UUID = "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}";
const ENVELOPE = new RegExp(`^${VERSION}\\.([A-Z0-9-]{1,32})\\.(${UUID})\\.([\\w-]+)\\.([\\w-]+)$`);
/** What may remain after whole groups of four: two or three characters whose leftover bits are zero (RFC 4648, 3.5). */
const LAST_QUANTUM = /^(?:[\w-][AQgw]|[\w-]{2}[AEIMQUYcgkosw048])?$/;

/** A data key with its id, unwrapped. */
export interface DataKey {
  dekId: string;
  key: KeyObject;
}

/** An envelope taken apart. Says nothing yet about its being genuine. */
export interface ParsedEnvelope {
  algorithm: Algorithm;
  dekId: string;
  /** Base64url still: decoded when opened, so that a long list holds no thousand small buffers. */
  nonce: string;
  /** Ciphertext and tag, likewise. */
  sealed: string;
}

/**
 * Seals one value for one place: `e1.<alg>.<dek id>.<nonce>.<ciphertext and tag>`, the last two base64url.
 * `nonce` is given by tests of published vectors only; a nonce must never meet the same key twice.
 */
export function sealEnvelope(
  dek: DataKey,
  at: CellAddress,
  plain: Uint8Array,
  nonce = randomBytes(current.nonceBytes),
): string {
  const sealed = current.seal(fieldKey(dek, at, current), nonce, binding(at, dek.dekId, current), pad(plain));
  return `${VERSION}.${current.name}.${dek.dekId}.${nonce.toString("base64url")}.${sealed.toString("base64url")}`;
}

/** Opens an envelope at its place. `SealError` for anything but the genuine value of exactly this place. */
export function openEnvelope(dek: DataKey, at: CellAddress, envelope: ParsedEnvelope): Buffer {
  if (dek.dekId !== envelope.dekId) throw new SealError();
  const { algorithm: alg } = envelope;
  const [nonce, sealed] = [strictBase64url(envelope.nonce), strictBase64url(envelope.sealed)];
  if (nonce.length !== alg.nonceBytes || sealed.length < alg.tagBytes) throw new SealError();
  return unpad(alg.open(fieldKey(dek, at, alg), nonce, binding(at, dek.dekId, alg), sealed));
}

/** Takes an envelope apart; `SealError` for a text that is none. Nothing is authenticated yet. */
export function parseEnvelope(text: string): ParsedEnvelope {
  const [, name = "", dekId = "", nonce = "", sealed = ""] = ENVELOPE.exec(text) ?? [];
  return { algorithm: algorithm(name), dekId, nonce, sealed };
}

/** Node ignores leftover bits at the end; a second spelling of the same bytes would be a second envelope. */
function strictBase64url(text: string): Buffer {
  if (!LAST_QUANTUM.test(text.slice(text.length - (text.length % 4)))) throw new SealError();
  return Buffer.from(text, "base64url");
}

/** One key a field: a key that leaks by one column's misuse opens no other. HKDF-SHA-256 (RFC 5869). */
export function fieldKey(dek: DataKey, at: Pick<CellAddress, "table" | "column">, alg: Algorithm): KeyObject {
  return createSecretKey(hkdf(dek.key, infoOf(at, alg), alg.keyBytes));
}

/** One for each column: there are a few dozen of them, and thousands of values. */
const infos = new Map<string, Buffer>();

function infoOf({ table, column }: Pick<CellAddress, "table" | "column">, { name }: Algorithm): Buffer {
  const known = infos.get(`${table} ${column} ${name}`);
  if (known !== undefined) return known;
  const info = pae([table, column, name]);
  infos.set(`${table} ${column} ${name}`, info);
  return info;
}

/** The version of the KEK is not in here: rotating a KEK must touch only wrapped keys. */
function binding(at: CellAddress, dekId: string, alg: Algorithm): Buffer {
  return pae([VERSION, alg.name, at.table, at.column, at.rowId, at.subject, dekId, at.type]);
}
