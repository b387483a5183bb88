import { REASON_LABEL } from "../door/approvals.ts";
import type { Tx } from "../door/tables.ts";
import type { Vault } from "../platform/vault/index.ts";

/** What somebody wrote to explain themselves, as it is stored: free text can hold anything, so it is sealed. */
export async function sealReason(tx: Tx, vault: Vault, reason: string): Promise<string> {
  return await vault.seal(tx, REASON_LABEL, Buffer.from(reason));
}

/** Opens it again. */
export async function openReason(tx: Tx, vault: Vault, sealed: string): Promise<string> {
  return (await vault.unseal(tx, REASON_LABEL, sealed)).toString();
}

/** Opens the reasons of rows; those that have none stay as they are. */
export async function readable<R extends { reason: string | null }>(
  tx: Tx,
  vault: Vault,
  rows: readonly R[],
): Promise<R[]> {
  return await Promise.all(
    rows.map(async (row) =>
      row.reason === null ? row : { ...row, reason: await openReason(tx, vault, row.reason) },
    ),
  );
}
