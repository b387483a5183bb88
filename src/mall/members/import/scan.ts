/** Why a file is no table of members at all. Each has a message `members.import.problem.<code>`. */
export type FileProblem =
  | "empty"
  | "nul_bytes"
  | "encoding"
  | "quotes"
  | "record_too_long"
  | "columns_missing"
  | "columns_unknown"
  | "columns_twice";

/** The mark with which some programs begin a file in UTF-8. */
export const BOM = Buffer.from([0xef, 0xbb, 0xbf]);

export type Encoding = "utf-8" | "gb18030";

export interface Scan {
  /** Looks at the next bytes of the file; a problem ends the scan. */
  push(bytes: Uint8Array): FileProblem | null;
  /** After the last bytes: which encoding the whole file is valid in. */
  end(): { encoding: Encoding } | { problem: FileProblem };
}

/**
 * Finds a file's encoding while it streams by: UTF-8 when all of it is valid UTF-8, else GB18030 when all of it is valid
 * GB18030. A NUL byte is refused: no text has one, and UTF-16 is full of them.
 */
export function scanFile(): Scan {
  const valid = new Map<Encoding, TextDecoder>([
    ["utf-8", new TextDecoder("utf-8", { fatal: true })],
    ["gb18030", new TextDecoder("gb18030", { fatal: true })],
  ]);
  let size = 0;
  let head: Buffer = Buffer.alloc(0);

  /** Drops the encodings that these bytes, or the end, contradict. */
  const feed = (bytes: Uint8Array | null): FileProblem | null => {
    for (const [encoding, decoder] of valid) {
      try {
        if (bytes === null) decoder.decode();
        else decoder.decode(bytes, { stream: true });
      } catch {
        valid.delete(encoding);
      }
    }
    return valid.size === 0 ? "encoding" : null;
  };

  return {
    push(bytes) {
      size += bytes.length;
      if (head.length < BOM.length) head = Buffer.concat([head, bytes.subarray(0, BOM.length - head.length)]);
      // a file that says it is UTF-8 is nothing else
      if (head.equals(BOM)) valid.delete("gb18030");
      return bytes.includes(0) ? "nul_bytes" : feed(bytes);
    },
    end() {
      if (size === 0) return { problem: "empty" };
      const problem = feed(null);
      return problem === null ? { encoding: valid.has("utf-8") ? "utf-8" : "gb18030" } : { problem };
    },
  };
}
