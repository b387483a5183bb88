import { createHash } from "node:crypto";
import type { BundleDetail } from "../../../src/platform/audit/bundle.ts";
import { eventBody, inventLog } from "./evidence.ts";

const salt = Buffer.alloc(32, 5);
const commit = (value: string) => createHash("sha256").update(salt).update(value).digest("hex");

/** A log of three events, each with a commitment to a phone number. */
export const commitLog = inventLog(
  ["13800000000", "13800000001", "13800000002"].map((phone, i) =>
    eventBody(i, { phone_commit: commit(phone) }),
  ),
);

/** The first value is laid open, the second was erased, the third is not disclosed. */
export const details: BundleDetail[] = [
  { commit: commit("13800000000"), salt: salt.toString("base64"), value: "13800000000" },
  { commit: commit("13800000001"), erased: true },
];
