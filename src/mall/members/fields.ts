import { z } from "zod";
import {
  normaliseMail,
  normalisePhone,
  readsAsPersonal,
  type Transform,
  type ValueType,
} from "../../platform/vault/index.ts";

/** The personal data of a member, clause 5.1.0: name, sex, age (kept as date of birth), phone, mail. */
export const personalFields = ["name", "sex", "birth_date", "phone", "email"] as const;
export type PersonalField = (typeof personalFields)[number];

/** One value a field, in its one spelling; null for a field left empty. */
export type PersonalData = Record<PersonalField, string | null>;

interface FieldRule {
  column: "name_ct" | "sex_ct" | "birth_ct" | "phone_ct" | "email_ct";
  type: ValueType;
  /** Brings what people type to one spelling; null for what is no such value. */
  read(text: string): string | null;
  /** Code of the message when it is none: `invalid.<code>`. */
  code: string;
  /** The rule in words, for the page of rules. */
  says: string;
}

export const fieldRules: Record<PersonalField, FieldRule> = {
  name: {
    column: "name_ct",
    type: "name",
    read: readName,
    code: "name",
    says: "a name: letters of any script and the signs names are written with, 100 characters at most",
  },
  sex: {
    column: "sex_ct",
    type: "sex",
    read: readSex,
    code: "sex",
    says: "male, female or other; also m, f, x, 男, 女, 其他",
  },
  birth_date: {
    column: "birth_ct",
    type: "birth-date",
    read: readBirthDate,
    code: "date",
    says: "a day of the calendar from 1900-01-01 on, YYYY-MM-DD or YYYY/M/D",
  },
  phone: {
    column: "phone_ct",
    type: "phone",
    read: normalisePhone,
    code: "phone",
    says: "a phone number, with its country or a Chinese one without",
  },
  email: { column: "email_ct", type: "mail", read: normaliseMail, code: "email", says: "a mail address" },
};

/** The searchable columns and how they are searched. */
export const indexes = {
  phone: { table: "members.member", column: "phone_ct", transform: "phone" },
  email: { table: "members.member", column: "email_ct", transform: "mail" },
  name: { table: "members.member", column: "name_ct", transform: "name" },
  phone4: { table: "members.member", column: "phone_ct", transform: "phone-last-four" },
} as const satisfies Record<string, { table: string; column: string; transform: Transform }>;

const NAME_LENGTH = 100;
// letters of any script with their marks, the signs names are written with, nothing that a spreadsheet would calculate
const NAME = /^[\p{L}\p{M}][\p{L}\p{M}\p{N} .,'’·\-()（）]*$/u;

function readName(text: string): string | null {
  const name = text.normalize("NFC").replace(/\s+/gu, " ").trim();
  return name.length <= NAME_LENGTH && NAME.test(name) ? name : null;
}

const sexes = new Map([
  ...["male", "m", "男"].map((word) => [word, "male"] as const),
  ...["female", "f", "女"].map((word) => [word, "female"] as const),
  ...["other", "x", "其他"].map((word) => [word, "other"] as const),
]);
export const sexValues = ["female", "male", "other"] as const;

function readSex(text: string): string | null {
  return sexes.get(text.trim().toLowerCase()) ?? null;
}

const EARLIEST_BIRTH = "1900-01-01";

/** A day of the calendar as `YYYY-MM-DD`; `2001/3/5` is read too. */
function readBirthDate(text: string): string | null {
  const day = readDay(text);
  return day !== null && day >= EARLIEST_BIRTH ? day : null;
}

/** A day that exists, as `YYYY-MM-DD`. */
export function readDay(text: string): string | null {
  const [, year, month, day] = /^(\d{4})[-/](\d{1,2})[-/](\d{1,2})$/.exec(text.trim()) ?? [];
  if (year === undefined || month === undefined || day === undefined) return null;
  const date = `${year}-${month.padStart(2, "0")}-${day.padStart(2, "0")}`;
  const parsed = new Date(`${date}T00:00:00Z`);
  return !Number.isNaN(parsed.getTime()) && parsed.toISOString().startsWith(date) ? date : null;
}

/** Characters of anything typed, before a rule looks at it: no value of any field is near that long. */
const MOST_TYPED = 400;

/** Schema of a field that must be given. */
export function given(field: PersonalField) {
  return z.string().min(1).max(MOST_TYPED).describe(fieldRules[field].says).transform(reader(field));
}

/** Schema of a field that may be left empty, which is null. */
export function optional(field: PersonalField) {
  return z
    .string()
    .max(MOST_TYPED)
    .describe(fieldRules[field].says)
    .nullable()
    .transform((text, context) =>
      text === null || text.trim() === "" ? null : reader(field)(text, context),
    );
}

function reader(field: PersonalField) {
  const rule = fieldRules[field];
  return (text: string, context: z.RefinementCtx<string | null>): string => {
    const value = rule.read(text);
    if (value !== null) return value;
    context.addIssue({ code: "custom", params: { code: rule.code } });
    return z.NEVER;
  };
}

/**
 * A member number: what stands on the card. Upper case, so that two spellings are not two members. No phone and no identity
 * number: it is a plain column, and the name of the member in the log.
 */
export const MemberNo = z
  .string()
  .max(MOST_TYPED)
  .describe("3 to 32 letters, digits and hyphens; neither a phone nor an identity number")
  .transform((text, context) => {
    const no = readMemberNo(text);
    if (no !== null) return no;
    context.addIssue({ code: "custom", params: { code: "member_no" } });
    return z.NEVER;
  });

export function readMemberNo(text: string): string | null {
  const no = text.trim().toUpperCase();
  return /^[A-Z0-9][A-Z0-9-]{2,31}$/.test(no) && !readsAsPersonal(no) ? no : null;
}
