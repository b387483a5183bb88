import { z } from "zod";
import { command } from "../../door/command.ts";
import { Id } from "../../door/ids.ts";

/** The job that rewraps after a rotation began, and after a restart in the middle of one. */
export const REWRAP_JOB = "keys.rewrap";

/**
 * Makes a new version of the key-encryption key. New data keys are wrapped under it at once; the older ones are
 * rewrapped by a job, in steps, while everything stays readable. Behind four eyes.
 */
export const rotateKeys = command({
  name: "keys.rotate",
  gateAtLeast: "four-eyes",
  input: z.strictObject({ reason: z.string().trim().min(1).max(500) }),
  category: "keys",
  severity: 4,
  resultAt: () => "/keys",
  target: () => ({ type: "kek", id: "current" }),
  async run({ tx, vault, record, wake }) {
    const rotation = await vault.beginRotation(tx);
    record.target({ type: "key_rotation", id: rotation.id });
    record.change("version", rotation.fromVersion, rotation.toVersion);
    record.fact("keys", rotation.total);
    wake(REWRAP_JOB, { rotation: rotation.id });
    return { rotation: rotation.id, total: rotation.total };
  },
  preview: async ({ tx, vault }) => {
    const [{ count } = { count: 0n }] = await tx
      .selectFrom("vault.dek")
      .select((e) => e.fn.countAll<bigint>().as("count"))
      .where("state", "<>", "shredded")
      .execute();
    return { version: vault.describe().version, keys: Number(count) };
  },
});

/** One step of a running rotation: at most 500 keys, one transaction, one event. */
export const rewrapKeys = command({
  name: "keys.rewrap",
  input: z.strictObject({ rotation: Id }),
  category: "keys",
  severity: 1,
  target: (input) => ({ type: "key_rotation", id: input.rotation }),
  async run({ tx, input, vault, record }) {
    const rotation = await vault.rotationStep(tx, input.rotation);
    record.fact("done", rotation.done);
    record.fact("total", rotation.total);
    record.fact("state", rotation.state);
    return { finished: rotation.state === "finished", done: rotation.done, total: rotation.total };
  },
});
