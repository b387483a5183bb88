import { Refusal } from "../../door/refusal.ts";

/** A file part whose content has not been read yet. It is the last part of its form. */
export interface OpenFile {
  field: string;
  name: string;
  type: string;
  chunks: AsyncIterable<Uint8Array>;
}

interface Part {
  field: string;
  /** Undefined: an ordinary field. */
  name: string | undefined;
  type: string;
  content: AsyncGenerator<Buffer, void, undefined>;
}

const HEADER_BYTES = 8 * 1024;
const fatal = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/**
 * Reads the fields of a `multipart/form-data` body up to its file, which is left open: memory holds one chunk,
 * however long the file is. The grammar is the one that browsers write (RFC 7578, HTML "multipart/form-data"), in
 * UTF-8; anything else is refused `malformed`. Our own, because the known parsers guess at character sets,
 * truncate in silence, or buffer the file.
 */
export async function readMultipart(
  source: AsyncIterable<Uint8Array>,
  boundary: string,
  limits: { fieldBytes: number; fields: number },
): Promise<{ fields: [string, string][]; file: OpenFile | null }> {
  const parts = partsOf(source[Symbol.asyncIterator](), boundary);
  const fields: [string, string][] = [];
  let bytes = 0;
  for (;;) {
    const next = await parts.next();
    if (next.done === true) return { fields, file: null };
    const part = next.value;
    if (part.name !== undefined && part.name !== "") {
      const { field, name, type } = part;
      return { fields, file: { field, name, type, chunks: untilEnd(part, parts) } };
    }
    const chunks: Buffer[] = [];
    for await (const chunk of part.content) {
      bytes += chunk.length;
      if (bytes > limits.fieldBytes) throw new Refusal("invalid", "too_large");
      chunks.push(chunk);
    }
    // a file field that was left empty arrives as a nameless, empty file
    if (part.name === "") continue;
    if (fields.length >= limits.fields) throw malformed();
    fields.push([part.field, utf8(Buffer.concat(chunks))]);
  }
}

async function* untilEnd(part: Part, parts: AsyncGenerator<Part, void, undefined>) {
  yield* part.content;
  const after = await parts.next();
  if (after.done !== true) throw malformed();
}

async function* partsOf(
  source: AsyncIterator<Uint8Array>,
  boundary: string,
): AsyncGenerator<Part, void, undefined> {
  const delimiter = Buffer.from(`\r\n--${boundary}`);
  // the first boundary has no line end before it
  let buffer: Buffer = Buffer.from("\r\n");

  const fill = async () => {
    const next = await source.next();
    if (next.done === true) throw malformed();
    buffer = Buffer.concat([buffer, next.value]);
  };
  const take = async (length: number) => {
    while (buffer.length < length) await fill();
    const taken = buffer.subarray(0, length);
    buffer = buffer.subarray(length);
    return taken;
  };
  async function* content(): AsyncGenerator<Buffer, void, undefined> {
    for (;;) {
      const end = buffer.indexOf(delimiter);
      if (end >= 0) {
        const last = buffer.subarray(0, end);
        buffer = buffer.subarray(end + delimiter.length);
        if (last.length > 0) yield last;
        return;
      }
      // all but what may be the beginning of a boundary
      const safe = buffer.length - delimiter.length + 1;
      if (safe > 0) yield await take(safe);
      await fill();
    }
  }
  const headers = async () => {
    let end = buffer.indexOf("\r\n\r\n");
    while (end < 0) {
      if (buffer.length > HEADER_BYTES) throw malformed();
      await fill();
      end = buffer.indexOf("\r\n\r\n");
    }
    return utf8((await take(end + 4)).subarray(0, end));
  };

  if (!(await take(delimiter.length)).equals(delimiter)) throw malformed();
  for (;;) {
    const after = (await take(2)).toString("latin1");
    if (after === "--") return;
    if (after !== "\r\n") throw malformed();
    const part = { ...parseHeaders(await headers()), content: content() };
    yield part;
    // whoever took the part may have left it unread
    for await (const rest of part.content) void rest;
  }
}

function parseHeaders(text: string): Omit<Part, "content"> {
  const lines = text.split("\r\n").map((line) => {
    const colon = line.indexOf(":");
    return [line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim()] as const;
  });
  const header = (name: string) => lines.find(([given]) => given === name)?.[1];
  const disposition = header("content-disposition") ?? "";
  const match = /^form-data;\s*name="((?:[^"\\]|\\.)*)"(?:;\s*filename="((?:[^"\\]|\\.)*)")?\s*$/i.exec(
    disposition,
  );
  if (match === null || header("content-transfer-encoding") !== undefined) throw malformed();
  const name = match[2] === undefined ? undefined : unescaped(match[2]);
  return { field: unescaped(match[1] ?? ""), name, type: header("content-type") ?? "" };
}

/** Browsers write a quote as %22 and line ends as %0D and %0A, other clients put a backslash before a quote. */
function unescaped(value: string): string {
  return value
    .replaceAll(/\\(["\\])/g, "$1")
    .replaceAll(/%22/g, '"')
    .replaceAll(/%0D/gi, "\r")
    .replaceAll(/%0A/gi, "\n");
}

function utf8(bytes: Uint8Array): string {
  try {
    return fatal.decode(bytes);
  } catch {
    throw malformed();
  }
}

function malformed(): Refusal {
  return new Refusal("invalid", "malformed");
}
