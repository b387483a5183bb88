/** What a value is: decides how it is masked, and is bound into its envelope. */
export const valueTypes = [
  "name",
  "phone",
  "mail",
  "birth-date",
  "sex",
  "address",
  "text",
  "bytes",
  "commitment",
] as const;
export type ValueType = (typeof valueTypes)[number];

/** The type of a stored value by its name. An unknown one is a mistake of the program. */
export function valueType(name: string): ValueType {
  const found = valueTypes.find((known) => known === name);
  if (found === undefined) throw new Error(`no value is a ${name}`);
  return found;
}

/** The place of a sealed value. All of it is authenticated, so that no value opens anywhere else. */
export interface CellAddress {
  /** Whose datum it is (UUID): the owner of the data key. */
  subject: string;
  /** Qualified: `members.member`. */
  table: string;
  column: string;
  /** Made before the insert, because the envelope names it. */
  rowId: string;
  type: ValueType;
}

/** A stored value with its place. A null envelope is an empty field. */
export interface SealedCell extends CellAddress {
  envelope: string | null;
}
