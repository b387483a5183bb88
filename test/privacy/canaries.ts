import { randomBytes, randomInt } from "node:crypto";

/** A datum of somebody who does not exist, that no program would write by chance. */
export interface Canary {
  /** What it is and where it was put, for the report. */
  what: string;
  text: string;
}

const letters = (length: number) =>
  Array.from({ length }, () => String.fromCharCode(97 + randomInt(26))).join("");
const digits = (length: number) => Array.from({ length }, () => randomInt(10)).join("");
/** Rare characters of names: four of them in a row stand in no message and in no demo. */
const rare = Array.from("龘靐齉爩鱻麤彟奯巎龖厵灪");

export const latinName = () => `Zq${letters(7)} Xv${letters(8)}`;
export const chineseName = () => Array.from({ length: 4 }, () => rare[randomInt(rare.length)]).join("");
export const phone = () => `19${digits(9)}`;
export const mail = () => `zq${randomBytes(6).toString("hex")}@example.org`;
/** Of years in which none of the demo's people were born. */
export const birthday = () => `19${randomInt(28, 38)}-${two(randomInt(1, 13))}-${two(randomInt(1, 29))}`;
/** The form in which a browser sends a day. */
const two = (n: number) => String(n).padStart(2, "0");

/**
 * The bytes by which a text would be recognised: as it is, in the encodings of programs, in hex, in base64 at each of
 * the three places where it may begin within a group.
 */
export function tracesOf(text: string): Buffer[] {
  const utf8 = Buffer.from(text);
  const utf16 = Buffer.from(text, "utf16le");
  const swapped = Buffer.from(utf16).swap16();
  const hex = utf8.toString("hex");
  const base64 = [0, 1, 2].map((shift) => {
    const whole = Buffer.concat([Buffer.alloc(shift), utf8]).toString("base64");
    // the first and the last group share their letters with what stands around
    const from = shift === 0 ? 0 : 4;
    const to = whole.length - (whole.endsWith("=") ? 4 : 0);
    return whole.slice(from, to);
  });
  const url = base64.map((part) => part.replaceAll("+", "-").replaceAll("/", "_"));
  const percent = encodeURIComponent(text);
  const escaped = JSON.stringify(text)
    .slice(1, -1)
    .replaceAll(/[^\x20-\x7e]/g, escape);
  const spellings = [hex, hex.toUpperCase(), ...base64, ...url, percent, escaped].map((s) => Buffer.from(s));
  return unique([utf8, utf16, swapped, ...spellings]);
}

const escape = (c: string) => `\\u${c.charCodeAt(0).toString(16).padStart(4, "0")}`;

function unique(traces: readonly Buffer[]): Buffer[] {
  return [...new Map(traces.map((trace) => [trace.toString("latin1"), trace])).values()];
}
