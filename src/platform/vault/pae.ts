/**
 * Pre-authentication encoding (PASETO's PAE): the number of parts and each part's length as 64-bit little-endian, then
 * the part. Joined strings collide ("ab" + "c", "a" + "bc"); these do not, whatever the parts hold.
 */
export function pae(parts: readonly (string | Uint8Array)[]): Buffer {
  let size = 8;
  for (const part of parts) size += 8 + lengthOf(part);
  const out = Buffer.allocUnsafe(size).fill(0); // from the pool: half the time of a buffer of its own
  let at = writeLength(out, parts.length, 0);
  for (const part of parts) {
    at = writeLength(out, lengthOf(part), at);
    if (typeof part === "string") at += out.write(part, at, "utf8");
    else {
      out.set(part, at);
      at += part.length;
    }
  }
  return out;
}

function lengthOf(part: string | Uint8Array): number {
  return typeof part === "string" ? Buffer.byteLength(part, "utf8") : part.length;
}

/** The upper half stays zero: no part of ours reaches 4 GiB, and the buffer was made of zeros. */
function writeLength(out: Buffer, length: number, at: number): number {
  out.writeUInt32LE(length, at);
  return at + 8;
}
