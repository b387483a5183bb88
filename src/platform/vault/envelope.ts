import { randomBytes } from "node:crypto";
import type { CellAddress } from "./address.ts";
import { type Algorithm, algorithm, current } from "./algorithms.ts";
import { SealError } from "./errors.ts";
import { pad, unpad } from "./padding.ts";
import { pae } from "./pae.ts";
import { hkdf } from "./primitives.ts";

const VERSION = "e1";
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** A data key with its id, unwrapped. */
export interface DataKey {
  dekId: string;
  key: Uint8Array;
}

/** An envelope taken apart. Says nothing yet about its being genuine. */
export interface ParsedEnvelope {
  algorithm: Algorithm;
  dekId: string;
  nonce: Buffer;
  /** Ciphertext and tag. */
  sealed: Buffer;
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
  const aad = binding(at, dek.dekId, envelope.algorithm);
  const key = fieldKey(dek, at, envelope.algorithm);
  return unpad(envelope.algorithm.open(key, envelope.nonce, aad, envelope.sealed));
}

/** Takes an envelope apart; `SealError` for every text that `sealEnvelope` could not have written. */
export function parseEnvelope(text: string): ParsedEnvelope {
  const [version, name, dekId, nonce, sealed, ...rest] = text.split(".");
  if (version !== VERSION || rest.length > 0) throw new SealError();
  if (name === undefined || dekId === undefined || nonce === undefined || sealed === undefined)
    throw new SealError();
  if (!UUID.test(dekId)) throw new SealError();
  const alg = algorithm(name);
  const parsed = { algorithm: alg, dekId, nonce: strictBase64url(nonce), sealed: strictBase64url(sealed) };
  if (parsed.nonce.length !== alg.nonceBytes || parsed.sealed.length < alg.tagBytes) throw new SealError();
  return parsed;
}

/** Node skips what it cannot decode; a second spelling of the same bytes would be a second envelope. */
function strictBase64url(text: string): Buffer {
  const bytes = Buffer.from(text, "base64url");
  if (bytes.toString("base64url") !== text) throw new SealError();
  return bytes;
}

/** One key a field: a key that leaks by one column's misuse opens no other. HKDF-SHA-256 (RFC 5869). */
export function fieldKey(dek: DataKey, at: Pick<CellAddress, "table" | "column">, alg: Algorithm): Buffer {
  return hkdf(dek.key, pae([at.table, at.column, alg.name]), alg.keyBytes);
}

/** The version of the KEK is not in here: rotating a KEK must touch only wrapped keys. */
function binding(at: CellAddress, dekId: string, alg: Algorithm): Buffer {
  return pae([VERSION, alg.name, at.table, at.column, at.rowId, at.subject, dekId, at.type]);
}
