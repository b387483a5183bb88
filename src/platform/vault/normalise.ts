const SEPARATORS = /[\s\-()./]/g;
const E164 = /^\+[1-9]\d{6,14}$/;
const MAINLAND_MOBILE = /^(?:86)?(1[3-9]\d{9})$/;
const MAINLAND_LANDLINE = /^0([1-9]\d{8,11})$/;
const MAIL = /^[^\s@]{1,64}@[^\s@]+\.[^\s@.]+$/u;
const MAX_MAIL = 254; // RFC 5321, section 4.5.3.1

/** E.164; numbers without a country code are the mainland's. Null for what is no phone number. */
export function normalisePhone(text: string): string | null {
  const digits = text.normalize("NFKC").replace(SEPARATORS, "").replace(/^00/, "+");
  if (digits.startsWith("+")) return E164.test(digits) ? digits : null;
  const national = MAINLAND_MOBILE.exec(digits)?.[1] ?? MAINLAND_LANDLINE.exec(digits)?.[1];
  return national === undefined ? null : `+86${national}`;
}

/** Eighteen or, until 1999, fifteen characters: six of a region, a day of birth, an order number (GB 11643). */
const DAY = "(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\\d|3[01])";
const IDENTITY = new RegExp(`^\\d{6}(?:(?:18|19|20)\\d{2}${DAY}\\d{3}[\\dX]|\\d{2}${DAY}\\d{3})$`, "i");

/**
 * True for what reads as a phone number, a mail address or a resident identity number. Fields that enter the log or stand
 * as plain columns (tickets, member numbers, incidents) refuse it.
 */
export function readsAsPersonal(text: string): boolean {
  const digits = text.normalize("NFKC").replace(SEPARATORS, "");
  return normalisePhone(text) !== null || normaliseMail(text) !== null || IDENTITY.test(digits);
}

/** NFKC and lower case, the local part too: no provider of note tells `Li@` from `li@`. Null for what is no address. */
export function normaliseMail(text: string): string | null {
  const mail = text.normalize("NFKC").trim().toLowerCase().normalize("NFKC");
  return mail.length <= MAX_MAIL && MAIL.test(mail) ? mail : null;
}

/** One spelling of a name: NFKC, single spaces, lower case, one kind of middle dot (阿卜杜拉·买买提). Null when empty. */
export function normaliseName(text: string): string | null {
  const name = text
    .normalize("NFKC")
    .replace(/[•‧∙⋅・･.]/gu, "·")
    .replace(/\s*·\s*/gu, "·")
    .replace(/\s+/gu, " ")
    .trim()
    .toLowerCase()
    .normalize("NFKC");
  return name === "" ? null : name;
}

/** The last four digits of a phone number, or the four digits a search gives. */
export function lastFour(text: string): string | null {
  const four = text.normalize("NFKC").trim();
  if (/^\d{4}$/.test(four)) return four;
  return normalisePhone(text)?.slice(-4) ?? null;
}
