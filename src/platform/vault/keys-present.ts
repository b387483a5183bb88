import { sql } from "kysely";
import type { Executor } from "./database.ts";
import { KeyringError } from "./errors.ts";
import type { ProviderDescription } from "./provider.ts";

/**
 * Refuses (`KeyringError`) a keyring that lacks a key which data in the database lies under: another installation's
 * file, or an older copy of the right one. Better at the start than one unreadable member at a time.
 */
export async function checkKeysPresent(db: Executor, provider: ProviderDescription): Promise<void> {
  const { rows } = await sql<{ kek: string; version: number }>`
    SELECT DISTINCT kek_id AS kek, kek_version AS version FROM vault.dek WHERE state <> 'shredded'`.execute(
    db,
  );
  const held = new Set(provider.versions.map(({ version }) => version));
  const missing = rows.filter((row) => row.kek !== provider.kekId || !held.has(row.version));
  if (missing.length === 0) return;
  const names = missing.map((row) => `${row.kek} version ${row.version}`).join(", ");
  throw new KeyringError(
    `${provider.location} does not hold the keys that the database uses (${names}). Put the right keyring in its place.`,
  );
}
