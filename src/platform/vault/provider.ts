import type { KeyObject } from "node:crypto";
import type { Purpose } from "./subjects.ts";

/** What a wrapped data key is bound to: it unwraps for no other person and no other purpose. */
export interface DekIdentity {
  dekId: string;
  subject: string;
  purpose: Purpose;
}

/** A data key under a key-encryption key (KEK). */
export interface WrappedKey {
  kekId: string;
  kekVersion: number;
  wrapped: Buffer;
}

/** For the page that shows where the keys are. */
export interface ProviderDescription {
  kind: "keyring-file";
  /** `scrypt`: under a passphrase. `plain`: whoever reads the file has the keys. */
  protection: "scrypt" | "plain";
  location: string;
  kekId: string;
  /** The version that new keys are wrapped under. */
  version: number;
  versions: readonly { version: number; createdAt: Date }[];
}

/**
 * Keeps the KEKs, and never gives them away. A local file now; PKCS#11, AWS KMS and OpenBao transit fit behind the same
 * four functions. Both directions take lists, because a remote provider is asked once for a page of fifty.
 */
export interface KekProvider {
  wrap(keys: readonly (DekIdentity & { key: KeyObject })[]): Promise<WrappedKey[]>;
  /** Null where a key does not open: one damaged row must not take the page's other rows along. */
  unwrap(keys: readonly (DekIdentity & WrappedKey)[]): Promise<(KeyObject | null)[]>;
  /**
   * Makes a version above `above` the one that wraps, and gives its number. Asked again with the same number it makes no
   * second one: the transaction that asks may be retried.
   */
  rotate(above: number): Promise<number>;
  describe(): ProviderDescription;
}

/** Gives further secrets of the installation, each by its own label, so that one file is all that must be kept. */
export interface SecretRoot {
  /** 32 bytes, the same for the same label for ever: pepper, index root, digest key, database passwords, signing seed. */
  derive(label: string): Buffer;
}
