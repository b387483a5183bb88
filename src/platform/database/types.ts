import { types } from "pg";

const parsers = new Map<number, (text: string) => unknown>([
  // A count or an amount must not lose its last digits: bigint, never a float.
  [types.builtins.INT8, (text) => BigInt(text)],
  // A birthday is a day, not an instant; the driver would make it midnight in this machine's zone.
  [types.builtins.DATE, (text) => text],
]);

/**
 * How PostgreSQL's values arrive in our pools: `int8` as bigint, `date` as `YYYY-MM-DD`, `timestamptz` as Date,
 * `numeric` as text, `jsonb` parsed, `bytea` as Buffer. Set on each pool and not on the driver, because the
 * job queue uses the same driver and expects its own.
 */
export const valueTypes = {
  getTypeParser(oid: number, format?: "text" | "binary") {
    if (format === "binary") return types.getTypeParser(oid, "binary");
    return parsers.get(oid) ?? types.getTypeParser(oid, "text");
  },
};
