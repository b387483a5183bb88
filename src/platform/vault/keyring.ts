import { createSecretKey, type KeyObject, randomBytes, randomUUID } from "node:crypto";
import type { Clock } from "../../door/clock.ts";
import { algorithm } from "./algorithms.ts";
import { KeyringError } from "./errors.ts";
import { createPrivate, fingerprint, readPrivate, replacePrivate } from "./keyring-file.ts";
import {
  type KeyringContents,
  type KeyringFile,
  type PassphraseKey,
  parseKeyring,
  passphraseKey,
  renderKeyring,
  unsealKeyring,
} from "./keyring-text.ts";
import { pae } from "./pae.ts";
import { hkdf } from "./primitives.ts";
import type { DekIdentity, KekProvider, SecretRoot } from "./provider.ts";

const wrapping = algorithm("A256GCM");

export interface KeyringOptions {
  /** `keyring.json` in the data directory. Whoever loses this file loses the data. */
  path: string;
  /** `KEYRING_PASSPHRASE`. Without one a new keyring is plain on the disk, and `describe` says so. */
  passphrase?: string;
  clock: Clock;
}

export interface Keyring extends KekProvider, SecretRoot {
  /** True when this call made the file: the first start says where it is and that it must be kept. */
  readonly created: boolean;
}

/**
 * Opens the keyring file, or makes it on first start. Refuses a file that others may read, a wrong passphrase, and a
 * sealed file without a passphrase. A plain file that meets a passphrase is sealed with it.
 */
export async function openKeyring({ path, passphrase, clock }: KeyringOptions): Promise<Keyring> {
  const created = await makeIfMissing(path, passphrase, clock);
  let { file, contents, under } = await unlock(path, passphrase);
  if (file.protection === "plain" && under !== null) {
    await replacePrivate(path, renderKeyring(file.id, contents, under));
    ({ file, contents, under } = await unlock(path, passphrase));
  }
  let seen = await fingerprint(path);
  const kekId = file.id;

  /** Another process may have rotated since: the file is the truth, memory is a copy. */
  async function refresh(): Promise<void> {
    const now = await fingerprint(path);
    if (now === seen) return;
    const text = await mustRead(path);
    contents = contentsOf(path, parseKeyring(path, text), under);
    seen = now;
  }

  function newest(): KeyringContents["keks"][number] {
    const kek = contents.keks.at(-1);
    if (kek === undefined) throw new KeyringError(`the keyring ${path} holds no key`);
    return kek;
  }

  const kekOf = (version: number): KeyObject | undefined =>
    contents.keks.find((kek) => kek.version === version)?.key;

  return {
    created,

    async wrap(keys) {
      await refresh();
      const { key: kek, version } = newest();
      return keys.map((dek) => {
        const nonce = randomBytes(wrapping.nonceBytes);
        const sealed = wrapping.seal(kek, nonce, binding(dek), dek.key.export());
        return { kekId, kekVersion: version, wrapped: Buffer.concat([nonce, sealed]) };
      });
    },

    async unwrap(keys) {
      if (keys.some((dek) => kekOf(dek.kekVersion) === undefined)) await refresh();
      return keys.map((dek) => {
        const kek = dek.kekId === kekId ? kekOf(dek.kekVersion) : undefined;
        return kek === undefined ? null : unwrapOne(kek, dek, dek.wrapped);
      });
    },

    async rotate(above) {
      await refresh();
      if (newest().version > above) return newest().version;
      // an older copy of the file would give a number away twice, for two different keys
      if (newest().version < above)
        throw new KeyringError(
          `the keyring ${path} is older than the database: it holds version ${newest().version}, ${above} is in use`,
        );
      const version = newest().version + 1;
      const kek = {
        version,
        createdAt: clock.now().toISOString(),
        key: createSecretKey(randomBytes(wrapping.keyBytes)),
      };
      const next = { ...contents, keks: [...contents.keks, kek] };
      await replacePrivate(path, renderKeyring(kekId, next, under));
      contents = next;
      seen = await fingerprint(path);
      return version;
    },

    describe() {
      const versions = contents.keks.map((kek) => ({
        version: kek.version,
        createdAt: new Date(kek.createdAt),
      }));
      return {
        kind: "keyring-file",
        protection: under === null ? "plain" : "scrypt",
        location: path,
        kekId,
        version: newest().version,
        versions,
      };
    },

    derive(label) {
      return hkdf(contents.installSecret, pae(["gatehouse", label]), 32);
    },
  };
}

async function makeIfMissing(path: string, passphrase: string | undefined, clock: Clock): Promise<boolean> {
  if ((await readPrivate(path)) !== null) return false;
  const contents = {
    installSecret: createSecretKey(randomBytes(32)),
    keks: [
      {
        version: 1,
        createdAt: clock.now().toISOString(),
        key: createSecretKey(randomBytes(wrapping.keyBytes)),
      },
    ],
  };
  const under = passphrase === undefined ? null : await passphraseKey(passphrase);
  return await createPrivate(path, renderKeyring(randomUUID(), contents, under));
}

async function unlock(
  path: string,
  passphrase: string | undefined,
): Promise<{ file: KeyringFile; contents: KeyringContents; under: PassphraseKey | null }> {
  const file = parseKeyring(path, await mustRead(path));
  if (file.protection === "scrypt" && passphrase === undefined) {
    throw new KeyringError(
      `the keyring ${path} is sealed: set KEYRING_PASSPHRASE or KEYRING_PASSPHRASE_FILE`,
    );
  }
  const from = file.protection === "scrypt" ? file : undefined;
  const under = passphrase === undefined ? null : await passphraseKey(passphrase, from);
  return { file, contents: contentsOf(path, file, under), under };
}

function contentsOf(path: string, file: KeyringFile, under: PassphraseKey | null): KeyringContents {
  if (file.protection === "plain") return file.contents;
  if (under === null)
    throw new KeyringError(
      `the keyring ${path} was sealed while Gatehouse ran; start it with the passphrase`,
    );
  return unsealKeyring(path, file, under);
}

async function mustRead(path: string): Promise<string> {
  const text = await readPrivate(path);
  if (text === null) throw new KeyringError(`the keyring ${path} is gone`);
  return text;
}

function unwrapOne(kek: KeyObject, dek: DekIdentity, wrapped: Buffer): KeyObject | null {
  try {
    const nonce = wrapped.subarray(0, wrapping.nonceBytes);
    return createSecretKey(wrapping.open(kek, nonce, binding(dek), wrapped.subarray(wrapping.nonceBytes)));
  } catch {
    return null;
  }
}

function binding({ subject, dekId, purpose }: DekIdentity): Buffer {
  return pae(["gatehouse-dek-1", subject, dekId, purpose]);
}
