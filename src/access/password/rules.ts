import type { Issue } from "../../door/refusal.ts";
import type { Blocklist } from "./common.ts";
import { normal } from "./hashing.ts";

/** Characters; a bound on work, and far above what anybody types. */
export const PASSWORD_MAXIMUM = 256;

export type PasswordProblem = Pick<Issue, "code" | "values">;

export interface PasswordContext extends Blocklist {
  minimum: number;
  /** Login and display name of whoever will use it. */
  names: readonly string[];
}

/**
 * What is wrong with a new password; null when it may be used. Length, common passwords and names: no rules of
 * composition, no forced change (NIST SP 800-63B-4, ASVS 6.2).
 */
export function problemOf(password: string, context: PasswordContext): PasswordProblem | null {
  const text = normal(password);
  const length = Array.from(text).length;
  if (length < context.minimum) return { code: "password_short", values: { minimum: context.minimum } };
  if (length > PASSWORD_MAXIMUM) return { code: "password_long", values: { maximum: PASSWORD_MAXIMUM } };
  const plain = text.toLowerCase();
  if (isCommon(plain, context.common)) return { code: "password_common" };
  if (isMostlyNames(plain, [...context.words, ...context.names.flatMap(partsOf)]))
    return { code: "password_names" };
  return null;
}

/** A common password itself, one repeated, or two joined: fifteen characters are reached too easily that way. */
function isCommon(plain: string, common: ReadonlySet<string>): boolean {
  if (common.has(plain)) return true;
  const unit = repeatedUnit(plain);
  if (unit !== plain && (unit.length <= 4 || common.has(unit))) return true;
  if (isRun(plain)) return true;
  for (let cut = 4; cut <= plain.length - 4; cut += 1) {
    const head = plain.slice(0, cut);
    const tail = plain.slice(cut);
    if (isWeak(head, common) && isWeak(tail, common)) return true;
  }
  return false;
}

function isWeak(part: string, common: ReadonlySet<string>): boolean {
  return common.has(part) || common.has(repeatedUnit(part)) || repeatedUnit(part).length === 1 || isRun(part);
}

/** The shortest text that gives the whole when repeated; the whole itself when nothing repeats. */
function repeatedUnit(text: string): string {
  const period = (text + text).indexOf(text, 1);
  return text.slice(0, period);
}

/** 123456789012345, abcdefghijklmno: each character follows from the one before. */
function isRun(text: string): boolean {
  const codes = Array.from(text, (character) => character.codePointAt(0) ?? 0);
  const step = (codes[1] ?? 0) - (codes[0] ?? 0);
  if (Math.abs(step) > 1) return false;
  return codes.every((code, i) => {
    if (i === 0) return true;
    const before = codes[i - 1] ?? 0;
    const aroundTen = before + step === 0x3a ? 0x30 : before + step === 0x2f ? 0x39 : before + step;
    return code === aroundTen;
  });
}

/** A login or a name, word by word. */
function partsOf(name: string): string[] {
  return name.toLowerCase().split(/[^\p{L}\p{N}]+/u);
}

/** Names and house words may stand in a password, but what is left without them must still be most of it. */
function isMostlyNames(plain: string, words: readonly string[]): boolean {
  const left = words
    .filter((word) => word.length >= 2)
    .sort((a, b) => b.length - a.length)
    .reduce((text, word) => text.replaceAll(word, ""), plain);
  return left.length < plain.length && Array.from(left).length < 8;
}
