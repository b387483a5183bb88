import { randomBytes } from "node:crypto";
import { z } from "zod";

/** A UUID as every table of ours uses it; accepts any version, so that ids from outside can be looked up. */
export const Id = z.uuid().meta({ description: "UUID" });

let lastMs = 0;
let counter = 0;

/**
 * A UUIDv7 (RFC 9562): sortable by time, made before the insert because the envelope of a field names its row.
 * Within one process the ids ascend: `rand_a` is a counter that starts at random each millisecond (method 1).
 */
export function uuidv7(nowMs: number = new Date().getTime()): string {
  const random = randomBytes(10);
  if (nowMs > lastMs) {
    lastMs = nowMs;
    counter = ((random[0] ?? 0) << 2) | ((random[1] ?? 0) & 3);
  } else {
    counter += 1;
    if (counter > 0xfff) {
      lastMs += 1;
      counter = 0;
    }
  }
  const time = lastMs.toString(16).padStart(12, "0");
  const a = (0x7000 | counter).toString(16);
  const b = ((((random[2] ?? 0) << 8) | (random[3] ?? 0)) & 0x3fff) | 0x8000;
  return `${time.slice(0, 8)}-${time.slice(8)}-${a}-${b.toString(16)}-${random.toString("hex", 4, 10)}`;
}
