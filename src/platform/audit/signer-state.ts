import { randomBytes } from "node:crypto";
import { mkdir, open, readFile, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { z } from "zod";

const Head = z.strictObject({ size: z.int().min(0), root: z.base64() });

/** What the signer must never forget: under which name it signs, and what it signed last. */
const State = z.strictObject({
  origin: z.string().min(1),
  signed: Head.extend({ note: z.string() }).nullable(),
  /** The log before a fork that people decided. */
  predecessor: Head.extend({ origin: z.string() }).nullable(),
});
export type SignerState = z.output<typeof State>;

/** Reads the state; undefined when there is none yet. Refuses one that is damaged: guessing could sign a fork. */
export async function readSignerState(file: string): Promise<SignerState | undefined> {
  let text: string;
  try {
    text = await readFile(file, "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw error;
  }
  const parsed = State.safeParse(parseJson(text));
  if (!parsed.success) throw new Error(`The signer's state ${file} is damaged; nothing is signed with it.`);
  return parsed.data;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Writes the state so that it is there after a power cut, whole: a new file, synced, renamed, its folder synced. */
export async function writeSignerState(file: string, state: SignerState): Promise<void> {
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  const draft = join(dirname(file), `.${randomBytes(6).toString("hex")}`);
  try {
    await writeSynced(draft, `${JSON.stringify(state)}\n`);
    await rename(draft, file);
  } catch (error) {
    await rm(draft, { force: true });
    throw error;
  }
  const folder = await open(dirname(file), "r");
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

async function writeSynced(path: string, text: string): Promise<void> {
  const file = await open(path, "wx", 0o600);
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
}
