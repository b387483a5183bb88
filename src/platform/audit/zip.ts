import { createHash, type Hash } from "node:crypto";
import { once } from "node:events";
import { pipeline, Readable, type Writable } from "node:stream";
import { crc32, createDeflateRaw } from "node:zlib";
import {
  MAX_ZIP_BYTES,
  zipDescriptor,
  zipDirectoryHeader,
  zipEnd,
  zipLocalHeader,
  type ManifestFile,
  type ZipEntry,
} from "./gatehouse-verify.ts";

/** A file of the archive: bytes at hand are stored, bytes yet to come are deflated as they pass. */
export type ZipContent = Buffer | AsyncIterable<Buffer>;

export interface ZipWriter {
  /** Writes a file; gives its length and SHA-256. Refuses an archive that outgrows 32-bit offsets. */
  add(name: string, content: ZipContent): Promise<ManifestFile>;
  /** Writes the directory and ends the stream. */
  finish(): Promise<void>;
}

/**
 * Writes a zip in the one spelling that the verifier accepts (it is described there), straight to a stream: nothing
 * is kept but the names and sizes of the files.
 */
export function zipWriter(out: Writable): ZipWriter {
  const whole = createHash("sha256");
  const entries: ZipEntry[] = [];
  let offset = 0;

  const put = async (bytes: Buffer): Promise<void> => {
    whole.update(bytes);
    offset += bytes.length;
    if (offset > MAX_ZIP_BYTES)
      throw new RangeError("the archive grows beyond four gigabytes: ask for a smaller range");
    // `once` refuses when the reader goes away, so that an abandoned download does not read the log to its end.
    if (!out.write(bytes)) await once(out, "drain");
  };

  const store = async (name: string, content: Buffer): Promise<Measured> => {
    const entry = {
      name,
      deflated: false,
      crc: crc32(content),
      packed: content.length,
      size: content.length,
      offset,
    };
    entries.push(entry);
    await put(Buffer.concat([zipLocalHeader(entry), content]));
    return { size: content.length, digest: createHash("sha256").update(content) };
  };

  const deflate = async (name: string, content: AsyncIterable<Buffer>): Promise<Measured> => {
    const start = { name, deflated: true, crc: 0, packed: 0, size: 0, offset };
    await put(zipLocalHeader(start));
    const dataAt = offset;
    const measured = { size: 0, crc: 0, digest: createHash("sha256") };
    // A failing source destroys the deflater with its error, which the loop then throws.
    const packed = pipeline(Readable.from(measure(content, measured)), createDeflateRaw(), () => {});
    for await (const chunk of packed) await put(toBuffer(chunk));
    if (measured.size > MAX_ZIP_BYTES) throw new RangeError(`${name} grows beyond four gigabytes`);
    const entry = { ...start, crc: measured.crc, size: measured.size, packed: offset - dataAt };
    entries.push(entry);
    await put(zipDescriptor(entry));
    return measured;
  };

  return {
    async add(name, content) {
      const { size, digest } = Buffer.isBuffer(content)
        ? await store(name, content)
        : await deflate(name, content);
      return { bytes: size, sha256: digest.digest("hex") };
    },
    async finish() {
      const directoryAt = offset;
      await put(Buffer.concat(entries.map(zipDirectoryHeader)));
      const bytes = offset - directoryAt;
      out.end(zipEnd(entries.length, bytes, directoryAt, whole.digest("hex")));
      await once(out, "finish");
    },
  };
}

interface Measured {
  readonly size: number;
  readonly digest: Hash;
}

async function* measure(
  content: AsyncIterable<Buffer>,
  sum: { size: number; crc: number; digest: Hash },
): AsyncGenerator<Buffer> {
  for await (const chunk of content) {
    sum.size += chunk.length;
    sum.crc = crc32(chunk, sum.crc);
    sum.digest.update(chunk);
    yield chunk;
  }
}

function toBuffer(chunk: unknown): Buffer {
  if (Buffer.isBuffer(chunk)) return chunk;
  throw new TypeError("deflate gave something else than bytes");
}
