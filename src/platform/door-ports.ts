import { sql } from "kysely";
import type { Change } from "../door/event.ts";
import type { DoorPorts, SensitiveEvent } from "../door/ports.ts";
import type { Tx } from "../door/tables.ts";
import type { Services } from "../door/command.ts";
import { valueType, type Vault } from "./vault/index.ts";

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
    commitments: async (tx, events) => await commitTo(vault, tx, events),
    wake: async (tx, job, payload) => {
      await sql`SELECT jobs.enqueue(${job}, ${JSON.stringify(payload)}::jsonb)`.execute(tx);
    },
  };
}

/** Both sides of each change as commitments, for all events at once; salt and value beside the log, under their owner's key. */
async function commitTo(vault: Vault, tx: Tx, events: readonly SensitiveEvent[]): Promise<Change[][]> {
  const sides = events.flatMap(({ event, changes }) =>
    changes.flatMap(({ field, before, after }) =>
      (["before", "after"] as const).flatMap((side) => {
        const value = side === "before" ? before : after;
        if (value === null) return [];
        const cell = { ...value, type: valueType(value.type) };
        return [{ field, side, event, slot: `${field}.${side}`, cell }];
      }),
    ),
  );
  const made = (await vault.commit(tx, sides)).flatMap((commitment, at) => {
    const side = sides[at];
    return side === undefined || commitment === null ? [] : [{ ...side, ...commitment }];
  });
  const commits = new Map(made.map(({ event, slot, commit }) => [`${event} ${slot}`, commit]));
  const column = <T>(of: (one: (typeof made)[number]) => T) => made.map(of);
  // arrays, so that an imported batch is one statement with five parameters
  await sql`
    INSERT INTO audit.detail (event, field, side, owner, sealed)
    SELECT * FROM unnest(
      ${column((m) => m.event)}::uuid[], ${column((m) => m.field)}::text[], ${column((m) => m.side)}::text[],
      ${column((m) => m.cell.subject)}::uuid[], ${column((m) => m.detail)}::text[])`.execute(tx);
  return events.map(({ event, changes }) =>
    changes.map(({ field }) => ({
      field,
      before_commit: commits.get(`${event} ${field}.before`) ?? null,
      after_commit: commits.get(`${event} ${field}.after`) ?? null,
    })),
  );
}
