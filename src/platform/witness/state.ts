import { createHash } from "node:crypto";
import { mkdir, open, readdir, readFile, rename } from "node:fs/promises";
import { join } from "node:path";

/** What a witness must never forget: the newest checkpoint that it cosigned of each log. */
export interface WitnessState {
  /** The checkpoint note as the log signed it; undefined when this log was never seen. */
  latest(origin: string): Promise<string | undefined>;
  /** Returns only when the note would survive a loss of power: what is cosigned after this cannot be forgotten. */
  remember(origin: string, note: string): Promise<void>;
  /** Keeps a signed checkpoint that contradicts the one remembered: the log cannot deny having signed both. */
  keepEvidence(origin: string, note: string): Promise<void>;
}

/** A log that misbehaves on purpose must not fill the disk. */
const MAX_EVIDENCE = 100;

/** A state in a directory, a file for each log. The directory must belong to this process alone (see `lock.ts`). */
export async function openState(directory: string): Promise<WitnessState> {
  const evidence = join(directory, "evidence");
  await mkdir(evidence, { recursive: true, mode: 0o700 });
  const path = (origin: string) => join(directory, `${digest(origin)}.checkpoint`);
  return {
    async latest(origin) {
      try {
        return await readFile(path(origin), "utf8");
      } catch (error) {
        if (isMissing(error)) return undefined;
        throw error;
      }
    },
    remember: (origin, note) => writeDurably(directory, `${digest(origin)}.checkpoint`, note),
    async keepEvidence(origin, note) {
      if ((await readdir(evidence)).length >= MAX_EVIDENCE) return;
      await writeDurably(evidence, `${digest(origin)}-${digest(note)}.checkpoint`, note);
    },
  };
}

// An origin is chosen by the log: its digest is a safe name for a file.
const digest = (text: string) => createHash("sha256").update(text).digest("hex").slice(0, 32);

/** Replaces a file so that after a crash it holds either all of the old content or all of the new. */
export async function writeDurably(
  directory: string,
  name: string,
  content: string,
  mode = 0o600,
): Promise<void> {
  const temporary = join(directory, `${name}.new`);
  const file = await open(temporary, "w", mode);
  try {
    await file.writeFile(content);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(temporary, join(directory, name));
  await syncDirectory(directory);
}

async function syncDirectory(directory: string): Promise<void> {
  // Windows has no such thing as syncing a directory, and refuses.
  if (process.platform === "win32") return;
  const handle = await open(directory, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Whether an error says that there is no such file. */
export const isMissing = (error: unknown): boolean =>
  error instanceof Error && "code" in error && error.code === "ENOENT";
