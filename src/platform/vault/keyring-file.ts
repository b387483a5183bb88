import { randomBytes } from "node:crypto";
import { constants } from "node:fs";
import { type FileHandle, link, open, rename, stat, unlink } from "node:fs/promises";
import { dirname } from "node:path";
import { KeyringError } from "./errors.ts";

/** Larger than any keyring of ours: a wrong path must not be read into memory. */
const MAX_BYTES = 1_000_000;

/** Reads the file; null when there is none. Refuses one that others may read, a link, and one of another user. */
export async function readPrivate(path: string): Promise<string | null> {
  const file = await openPrivate(path);
  if (file === null) return null;
  try {
    const facts = await file.stat();
    if (!facts.isFile() || facts.size > MAX_BYTES)
      throw new KeyringError(`the keyring ${path} is not a keyring file`);
    if (process.platform !== "win32") refuseShared(path, facts.mode, facts.uid);
    return await file.readFile("utf8");
  } finally {
    await file.close();
  }
}

async function openPrivate(path: string): Promise<FileHandle | null> {
  try {
    return await open(path, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0));
  } catch (cause) {
    if (codeOf(cause) === "ENOENT") return null;
    throw new KeyringError(`the keyring ${path} cannot be opened`, { cause });
  }
}

function refuseShared(path: string, mode: number, owner: number): void {
  if ((mode & 0o077) !== 0) {
    const shown = (mode & 0o777).toString(8).padStart(3, "0");
    throw new KeyringError(
      `the keyring ${path} has mode ${shown}: others may use it. Set it to 600 and start again`,
    );
  }
  if (owner !== process.getuid?.()) {
    throw new KeyringError(
      `the keyring ${path} belongs to user ${owner}, not to the one that runs Gatehouse`,
    );
  }
}

/** Writes a first keyring. False when another process was quicker: its keyring is the one that counts. */
export async function createPrivate(path: string, text: string): Promise<boolean> {
  const draft = await writeDraft(path, text);
  try {
    await link(draft, path); // unlike rename, it never replaces
  } catch (error) {
    if (codeOf(error) === "EEXIST") return false;
    throw error;
  } finally {
    await unlink(draft);
  }
  await syncDirectory(path);
  return true;
}

/** Replaces the keyring whole: after a power cut there is the old one or the new one. */
export async function replacePrivate(path: string, text: string): Promise<void> {
  await rename(await writeDraft(path, text), path);
  await syncDirectory(path);
}

/** Changes whenever the file was replaced. */
export async function fingerprint(path: string): Promise<string> {
  const { ino, mtimeNs, size } = await stat(path, { bigint: true });
  return `${ino}.${mtimeNs}.${size}`;
}

async function writeDraft(path: string, text: string): Promise<string> {
  const draft = `${path}.${randomBytes(6).toString("hex")}.new`;
  const file = await open(draft, "wx", 0o600);
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
  return draft;
}

async function syncDirectory(path: string): Promise<void> {
  if (process.platform === "win32") return; // a directory cannot be opened there
  const directory = await open(dirname(path), constants.O_RDONLY);
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && "code" in error ? error.code : undefined;
}
