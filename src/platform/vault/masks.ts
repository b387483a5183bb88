import type { ValueType } from "./address.ts";

/** Always this many stars, so that a mask does not tell how long the hidden part is. */
const STARS = "****";
const HIDDEN = "***";
const MAINLAND_MOBILE = /^\+86(1\d{2})\d{4}(\d{4})$/;
const PHONE = /^\+?\d{8,15}$/;
const BIRTH_DATE = /^\d{4}-\d{2}-\d{2}$/;
const PROVINCE = /^(?:.{2,6}?(?:特别行政区|自治区|省)|(?:北京|天津|上海|重庆)市?)/u;
const CJK = /^\p{Script=Han}/u;

const graphemes = new Intl.Segmenter("zh-CN", { granularity: "grapheme" });

/**
 * What a list may show of a value: `138****8000`, `张*`, `z***@example.com`, `19**`. A value of an unexpected shape
 * shows nothing of itself.
 */
export function maskOf(type: ValueType, value: string): string {
  switch (type) {
    case "phone":
      return maskPhone(value);
    case "name":
      return maskName(value);
    case "mail":
      return maskMail(value);
    case "birth-date":
      return BIRTH_DATE.test(value) ? `${value.slice(0, 2)}**` : HIDDEN;
    case "address":
      return (PROVINCE.exec(value)?.[0] ?? "") + HIDDEN;
    default: // sex, free text, bytes: no part of them says little
      return HIDDEN;
  }
}

/** A mobile number of the mainland as people write it there; elsewhere the first digits and the last two. */
function maskPhone(value: string): string {
  const mobile = MAINLAND_MOBILE.exec(value);
  if (mobile !== null) return `${mobile[1]}${STARS}${mobile[2]}`;
  return PHONE.test(value) ? `${value.slice(0, 3)}${STARS}${value.slice(-2)}` : HIDDEN;
}

/** The first character of a Chinese name of two or more, the first letter of any other. */
function maskName(value: string): string {
  const [first, second] = firstTwo(value.trim());
  if (CJK.test(first)) return second === "" ? "*" : `${first}*`;
  return second === "" ? HIDDEN : `${first}${HIDDEN}`;
}

function maskMail(value: string): string {
  const at = value.lastIndexOf("@");
  if (at < 1) return HIDDEN;
  const [first, second] = firstTwo(value.slice(0, at));
  return `${second === "" ? "" : first}${HIDDEN}${value.slice(at)}`;
}

/** As people count characters: a surrogate pair or a letter with its accents is one. */
function firstTwo(text: string): [string, string] {
  const iterator = graphemes.segment(text.slice(0, 64))[Symbol.iterator]();
  return [iterator.next().value?.segment ?? "", iterator.next().value?.segment ?? ""];
}
