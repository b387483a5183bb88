import { createHmac, timingSafeEqual } from "node:crypto";
import { z } from "zod";
import { type Fields, typedFields } from "./form.ts";
import { safeReturnTo } from "./return-to.ts";

/** A form that could not be taken because its session had ended. */
export interface Carried {
  /** Where it was going. */
  path: string;
  fields: Fields;
}

const signed = z.tuple([z.string(), z.array(z.tuple([z.string(), z.string()]))]);

/** It has to fit, signed, into a form of 64 KB beside the sign-in's own fields. */
const MOST_CHARACTERS = 40_000;

/** Whether a form has a field that must not stand in a page, judged by name: what proves an identity or opens something. */
export function holdsSecret(fields: Fields): boolean {
  return typedFields(fields).some(([name]) => /pass(word|phrase|code)|secret|token|^code$|^pin$/i.test(name));
}

/**
 * Seals a form into a text for a hidden field. The person's browser carries it through sign-in, so nothing is stored
 * here; the seal keeps others from having somebody else's form sent. Null when it is too long or holds a secret.
 */
export function pack(key: Buffer, path: string, fields: Fields): string | null {
  const typed = typedFields(fields);
  if (holdsSecret(typed)) return null;
  const content = Buffer.from(JSON.stringify([path, typed])).toString("base64url");
  return content.length > MOST_CHARACTERS ? null : `${content}.${seal(key, content)}`;
}

/** Reads what `pack` signed; null for anything else. */
export function unpack(key: Buffer, text: string): Carried | null {
  const [content = "", given = ""] = text.split(".");
  const expected = Buffer.from(seal(key, content));
  const found = Buffer.from(given);
  if (found.length !== expected.length || !timingSafeEqual(found, expected)) return null;
  const [path, fields] = signed.parse(JSON.parse(Buffer.from(content, "base64url").toString()));
  return { path: safeReturnTo(path), fields };
}

function seal(key: Buffer, content: string): string {
  return createHmac("sha256", key).update("carry\0").update(content).digest("base64url");
}
