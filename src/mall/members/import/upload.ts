import type { Done } from "../../../door/door.ts";
import { uuidv7 } from "../../../door/ids.ts";
import { type FileProblem, scanFile } from "./scan.ts";

/** Bytes of one stored piece: small enough for a short transaction, large enough for few of them. */
export const PIECE = 512 * 1024;

export interface PieceInput {
  import: string;
  no: number;
  /** Base64. */
  bytes: string;
  last: null | ({ sha256: string } & ({ encoding: "utf-8" | "gb18030" } | { problem: FileProblem }));
}

/**
 * Takes a file in while it arrives: one piece in memory at a time, each sealed by a command of its own, the last with what
 * the scan found. After a problem the rest is read and thrown away, so that the browser gets to see the answer. A file that
 * does not come in whole, because it is refused on the way or the line goes dead, is given up: no piece of it stays.
 */
export async function takeFile(
  file: UploadedFile,
  store: (piece: PieceInput) => Promise<Done<unknown>>,
  giveUp: (taken: { import: string }) => Promise<unknown>,
): Promise<{ import: string; problem: FileProblem | null }> {
  const id = uuidv7();
  let kept = false;
  try {
    const problem = await takePieces(file, id, async (piece) => {
      await store(piece);
      kept = true;
    });
    return { import: id, problem };
  } catch (error) {
    // where even that fails, the sweep gives it up after the policy's hours; what went wrong first is what counts
    if (kept) await giveUp({ import: id }).catch(() => {});
    throw error;
  }
}

interface UploadedFile {
  chunks: AsyncIterable<Uint8Array>;
  sum(): { sha256: string };
}

/** Cuts a file into pieces and hands each on. Gives what is wrong with the file, or null. */
async function takePieces(
  file: UploadedFile,
  id: string,
  store: (piece: PieceInput) => Promise<void>,
): Promise<FileProblem | null> {
  const scan = scanFile();
  let problem: FileProblem | null = null;
  let waiting: Buffer[] = [];
  let size = 0;
  let no = 0;

  const send = async (bytes: Buffer, last: PieceInput["last"]) => {
    await store({ import: id, no, bytes: bytes.toString("base64"), last });
    no += 1;
  };
  for await (const chunk of file.chunks) {
    if (problem !== null) continue;
    problem = scan.push(chunk);
    if (problem !== null) continue;
    waiting.push(Buffer.from(chunk));
    size += chunk.length;
    while (size > PIECE) {
      const joined = Buffer.concat(waiting);
      await send(joined.subarray(0, PIECE), null);
      waiting = [joined.subarray(PIECE)];
      size -= PIECE;
    }
  }
  const { sha256 } = file.sum();
  const found = problem === null ? scan.end() : { problem };
  if ("problem" in found) waiting = []; // what cannot be used is not kept
  await send(Buffer.concat(waiting), { sha256, ...found });
  return "problem" in found ? found.problem : null;
}
