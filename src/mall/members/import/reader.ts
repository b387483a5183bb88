import type { Tx } from "../../../door/tables.ts";
import type { Vault } from "../../../platform/vault/index.ts";
import { CHUNK_LABEL, chunkId } from "./commands.ts";
import { advance, type Position } from "./position.ts";
import { readRecords, type Slice } from "./records.ts";
import { BOM, type Encoding } from "./scan.ts";

export interface Reading extends Slice {
  /** Where the next row begins. */
  position: Position;
  /** True when no row is left. */
  ended: boolean;
}

/**
 * Reads the next rows of an import from its sealed pieces, at most `limit`: as many pieces as one whole row needs, usually
 * one. Plaintext stays in the command that called.
 */
export async function readOn(
  tx: Tx,
  vault: Vault,
  from: Position & { import: string; chunks: number; encoding: Encoding; line: number; limit: number },
): Promise<Reading> {
  const lengths: number[] = [];
  let bytes = Buffer.alloc(0);
  for (let no = from.chunk; no < from.chunks; no += 1) {
    const piece = await openPiece(tx, vault, from.import, no);
    lengths.push(piece.length);
    bytes = Buffer.concat([bytes, lengths.length === 1 ? piece.subarray(from.byte) : piece]);
    const skipped = from.line === 1 && bytes.subarray(0, BOM.length).equals(BOM) ? BOM.length : 0;
    const slice = readRecords(bytes.subarray(skipped), { ...from, atEnd: no === from.chunks - 1 });
    if (slice.records.length === 0 && slice.problem === null && no < from.chunks - 1) continue;
    const used = slice.used + skipped;
    const position = advance(from, lengths, used);
    return { ...slice, used, position, ended: position.chunk >= from.chunks };
  }
  return { records: [], used: 0, line: from.line, problem: null, position: from, ended: true };
}

async function openPiece(tx: Tx, vault: Vault, importId: string, no: number): Promise<Buffer> {
  const { sealed } = await tx
    .selectFrom("members.import_chunk")
    .select("sealed")
    .where("import_id", "=", importId)
    .where("no", "=", no)
    .executeTakeFirstOrThrow();
  return await vault.unseal(tx, CHUNK_LABEL, sealed, chunkId(importId, no));
}
