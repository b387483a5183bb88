import { formatProof, type TreeHead } from "./gatehouse-verify.ts";
import { inclusionProof, type NodeReader } from "./merkle.ts";

export { formatProof, parseProof, type ProofFile } from "./gatehouse-verify.ts";

/**
 * A `.tlog-proof` file that proves one entry offline. It carries the entry's verbatim body as extra data, so that the
 * file and a policy are all that is needed. Refuses an index that the checkpoint does not cover yet.
 */
export async function proveEntry(
  entry: { readonly index: number; readonly body: Buffer },
  checkpoint: { readonly note: string; readonly head: Pick<TreeHead, "size"> },
  read: NodeReader,
): Promise<string> {
  return formatProof({
    index: entry.index,
    path: await inclusionProof(entry.index, checkpoint.head.size, read),
    checkpoint: Buffer.from(checkpoint.note),
    extra: entry.body,
  });
}
