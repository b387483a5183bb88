import { sql } from "kysely";
import type { Change } from "../door/event.ts";
import type { DoorPorts, SensitiveChange } from "../door/ports.ts";
import type { Tx } from "../door/tables.ts";
import type { Services } from "../door/command.ts";
import type { Vault } from "./vault/index.ts";

/** The ports that are the same for every composition: the vault's, and the job queue's wake-up. */
export function platformPorts(
  vault: Vault,
  services: Services,
): Pick<DoorPorts, "sealer" | "commitments" | "wake" | "services"> {
  return {
    services: () => services,
    sealer: {
      seal: async (tx, label, plain) => await vault.seal(tx, label, plain),
      unseal: async (tx, label, sealed) => await vault.unseal(tx, label, sealed),
      digest: (label, bytes) => vault.digest(label, bytes),
    },
    commitments: async (tx, event, changes) => await commitTo(vault, tx, event, changes),
    wake: async (tx, job, payload) => {
      await sql`SELECT jobs.enqueue(${job}, ${JSON.stringify(payload)}::jsonb)`.execute(tx);
    },
  };
}

/** Both sides of each change as commitments; salt and value beside the log, under their owner's key. */
async function commitTo(
  vault: Vault,
  tx: Tx,
  event: string,
  changes: readonly SensitiveChange[],
): Promise<Change[]> {
  const sides = changes.flatMap(({ field, owner, before, after }) =>
    (["before", "after"] as const).flatMap((side) => {
      const value = side === "before" ? before : after;
      return value === null ? [] : [{ field, side, owner, event, slot: `${field}.${side}`, value }];
    }),
  );
  const made = await vault.commit(tx, sides);
  const commits = new Map(sides.map((side, i) => [side.slot, made[i]?.commit ?? ""]));
  const rows = sides.map(({ field, side, owner }, i) => ({
    event,
    field,
    side,
    owner,
    sealed: made[i]?.detail ?? "",
  }));
  if (rows.length > 0) await tx.insertInto("audit.detail").values(rows).execute();
  return changes.map(({ field }) => ({
    field,
    before_commit: commits.get(`${field}.before`) ?? null,
    after_commit: commits.get(`${field}.after`) ?? null,
  }));
}
