import type { Consent } from "../consents.ts";
import { fieldRules, type PersonalData, personalFields, readMemberNo } from "../fields.ts";
import { ageOn, consentPurposes } from "../model.ts";
import type { ImportColumn } from "./columns.ts";
import { readInstant } from "./instant.ts";
import type { CsvRecord } from "./records.ts";

/** Why a row is refused, and at which column. Each code has a message `members.row.<code>`. */
export interface RowRefusal {
  code:
    | "required"
    | "name"
    | "sex"
    | "date"
    | "phone"
    | "email"
    | "member_no"
    | "contact"
    | "consents"
    | "too_young"
    | "future"
    | "column_count"
    | "encoding"
    | "no_twice"
    | "phone_twice"
    | "email_twice"
    | "phone_taken"
    | "email_taken"
    | "restricted"
    | "erased";
  field: ImportColumn | null;
}

/** A row that reads well. Empty cells are null: the file says nothing about them. */
export interface MemberRow {
  line: number;
  no: string;
  data: PersonalData & { name: string };
  registeredAt: Date;
  consents: Consent[];
}

export type ReadRow =
  | { line: number; no: string | null; refused: RowRefusal; row?: undefined }
  | { line: number; no: string; row: MemberRow; refused?: undefined };

export interface RowRules {
  columns: readonly ImportColumn[];
  minimumAge: number;
  now: Date;
  zone: string;
}

class Refused extends Error {
  readonly why: RowRefusal;
  constructor(code: RowRefusal["code"], field: ImportColumn | null) {
    super(code);
    this.why = { code, field };
  }
}

/** Reads one row of the file by the same rules as the forms. Nothing is guessed: a row reads well or says why not. */
export function readRow(record: CsvRecord, rules: RowRules): ReadRow {
  const { line, fields } = record;
  let no: string | null = null;
  try {
    if (fields === null) throw new Refused("encoding", null);
    if (fields.length !== rules.columns.length) throw new Refused("column_count", null);
    const cell = (column: ImportColumn) => (fields[rules.columns.indexOf(column)] ?? "").trim();
    no = readMemberNo(cell("member_no"));
    if (no === null) throw new Refused(cell("member_no") === "" ? "required" : "member_no", "member_no");
    const data = readPersonal(cell);
    if (data.birth_date !== null && ageOn(data.birth_date, rules.now, rules.zone) < rules.minimumAge) {
      throw new Refused("too_young", "birth_date");
    }
    const row = {
      line,
      no,
      data,
      registeredAt: readRegistered(cell, rules),
      consents: readConsents(cell("consents")),
    };
    return { line, no, row };
  } catch (error) {
    if (error instanceof Refused) return { line, no, refused: error.why };
    throw error;
  }
}

type Cell = (column: ImportColumn) => string;

function readPersonal(cell: Cell): MemberRow["data"] {
  const values = personalFields.map((field) => {
    const text = cell(field);
    if (text === "") return [field, null] as const;
    const value = fieldRules[field].read(text);
    if (value === null) throw new Refused(codeOf[field], field);
    return [field, value] as const;
  });
  // one entry for each personal field
  const data = Object.fromEntries(values) as PersonalData;
  const { name } = data;
  if (name === null) throw new Refused("required", "name");
  if (data.phone === null && data.email === null) throw new Refused("contact", "phone");
  return { ...data, name };
}

const codeOf = { name: "name", sex: "sex", birth_date: "date", phone: "phone", email: "email" } as const;

function readRegistered(cell: Cell, rules: RowRules): Date {
  const text = cell("registered_at");
  if (text === "") throw new Refused("required", "registered_at");
  const at = readInstant(text, rules.zone);
  if (at === null) throw new Refused("date", "registered_at");
  if (at > rules.now) throw new Refused("future", "registered_at");
  return at;
}

const CONSENT = /^([+-]?)([a-z]+)@([0-9A-Za-z][0-9A-Za-z._-]{0,31})$/;

/** `service@2026-01;-marketing@2026-01`: purpose and version of the notice, a minus for what was withdrawn. */
function readConsents(text: string): Consent[] {
  if (text === "") return [];
  const consents = text.split(/[;；]/).map((part): Consent => {
    const [, sign, name, version] = CONSENT.exec(part.trim()) ?? [];
    const purpose = consentPurposes.find((known) => known === name);
    if (purpose === undefined || version === undefined) throw new Refused("consents", "consents");
    return { purpose, policy_version: version, granted: sign !== "-" };
  });
  if (new Set(consents.map((c) => c.purpose)).size < consents.length)
    throw new Refused("consents", "consents");
  return consents;
}
