import { Refusal } from "../../door/refusal.ts";
import type { Fields } from "./form.ts";
import { type OpenFile, readMultipart } from "./multipart.ts";

/** 64 KB: the most a form may hold unless its route says otherwise, and the most its fields may hold in any case. */
export const FORM_BYTES = 64 * 1024;
const MOST_FIELDS = 1000;

export interface Body {
  fields: Fields;
  /** The file that ends an upload form, not read yet. */
  file: OpenFile | null;
}

/**
 * Reads a posted form. The limit is counted while reading, so a body without a declared length is held to it too
 * (ASVS 5.2.1). Refuses `malformed` (400), `too_large` (413) and `media_type` (415).
 */
export async function readBody(request: Request, limit = FORM_BYTES): Promise<Body> {
  const declared = Number(request.headers.get("content-length") ?? 0);
  if (declared > limit) throw tooLarge();
  const type = request.headers.get("content-type") ?? "";
  const source = limited(request.body, limit);
  if (/^application\/x-www-form-urlencoded\s*(;|$)/i.test(type)) {
    return { fields: urlencoded(await whole(source)), file: null };
  }
  const boundary = /^multipart\/form-data\s*;.*boundary=(?:"([^"]{1,70})"|([^\s;"]{1,70}))/i.exec(type);
  if (boundary !== null) {
    const { fields, file } = await readMultipart(source, boundary[1] ?? boundary[2] ?? "", {
      fieldBytes: FORM_BYTES,
      fields: MOST_FIELDS,
    });
    return { fields: plain(fields), file };
  }
  if (type === "" && (await whole(source)) === "") return { fields: [], file: null };
  throw new Refusal("invalid", "media_type");
}

/** Name and value pairs of a form body or a query. Refuses bytes that are no UTF-8 and signs that are no escape. */
export function urlencoded(text: string): Fields {
  if (text === "") return [];
  const pairs = text.split("&").filter((pair) => pair !== "");
  if (pairs.length > MOST_FIELDS) throw malformed();
  return plain(
    pairs.map((pair): [string, string] => {
      const at = pair.indexOf("=");
      return at < 0 ? [decoded(pair), ""] : [decoded(pair.slice(0, at)), decoded(pair.slice(at + 1))];
    }),
  );
}

/** A NUL is no text: the database refuses it, and nobody types it. */
function plain(fields: [string, string][]): Fields {
  if (fields.some(([name, value]) => name.includes("\0") || value.includes("\0"))) throw malformed();
  return fields;
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part.replaceAll("+", " "));
  } catch {
    throw malformed();
  }
}

async function whole(source: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of source) chunks.push(chunk);
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(Buffer.concat(chunks));
  } catch {
    throw malformed();
  }
}

async function* limited(body: ReadableStream<Uint8Array> | null, limit: number): AsyncGenerator<Uint8Array> {
  let size = 0;
  try {
    for await (const chunk of body ?? []) {
      size += chunk.length;
      if (size > limit) throw tooLarge();
      yield chunk;
    }
  } catch (cause) {
    if (cause instanceof Refusal) throw cause;
    // the browser hung up in the middle: its doing, and no fault of ours
    throw new Refusal("invalid", "malformed", { cause });
  }
}

function malformed(): Refusal {
  return new Refusal("invalid", "malformed");
}

function tooLarge(): Refusal {
  return new Refusal("invalid", "too_large");
}
