import { createHash } from "node:crypto";
import { Refusal } from "../../door/refusal.ts";
import type { OpenFile } from "./multipart.ts";

export interface UploadOptions {
  /** Name of the file field; `file` unless said. */
  field?: string;
}

/** A file while it arrives. Nothing of it is kept here: read `chunks` once, to its end. */
export interface Upload {
  /** The client's name for it, without folders and control characters. For people to read, never to store under. */
  name: string;
  /** The client's claim; check the content. */
  type: string;
  chunks: AsyncIterable<Uint8Array>;
  /** Size and SHA-256 (hex) of what `chunks` gave, once it has ended. */
  sum(): { size: number; sha256: string };
}

/** Refuses `invalid` when the form brought no file under that name. */
export function uploadOf(file: OpenFile | null, { field = "file" }: UploadOptions = {}): Upload {
  if (file === null || file.field !== field) {
    throw new Refusal("invalid", "invalid", { issues: [{ path: field, code: "required" }] });
  }
  const hash = createHash("sha256");
  let size = 0;
  let sha256: string | undefined;
  async function* hashed(chunks: AsyncIterable<Uint8Array>) {
    for await (const chunk of chunks) {
      hash.update(chunk);
      size += chunk.length;
      yield chunk;
    }
    sha256 = hash.digest("hex");
  }
  return {
    name: plainName(file.name),
    type: file.type,
    chunks: hashed(file.chunks),
    sum() {
      if (sha256 === undefined) throw new Error("an upload has no digest before it was read to its end");
      return { size, sha256 };
    },
  };
}

/** The last part of a path, of whatever system; at most 200 characters. */
export function plainName(name: string): string {
  const last = name.split(/[/\\]/).at(-1) ?? "";
  // control, format and bidirectional characters would let a name lie about its ending
  const clean = last.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, "").trim();
  return clean.slice(0, 200).toWellFormed() || "file";
}
