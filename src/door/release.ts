import type { FieldRef } from "./command.ts";

/** Known to this file only, so that nothing else can call the constructor. */
const mint = Symbol("release");

/** What the committed event says beyond the fields. */
export interface ReleaseTerms {
  /** To whom the values go, for a disclosure: the name that stands in the event. */
  recipient?: string;
  /** The legal basis named in the event; without one nothing under a restricted key opens (PIPL art. 47). */
  legalBasis?: string;
}

/**
 * Proof that the event of a look at plaintext is committed. The vault opens nothing without one, and with one only the
 * fields that it lists. It cannot be built, copied or read from JSON: only `makeRelease` makes one.
 */
export class Release {
  readonly #covers: ReadonlySet<string>;
  readonly eventId: string;
  readonly recipient: string | null;
  readonly legalBasis: string | null;

  constructor(key: symbol, eventId: string, fields: readonly FieldRef[], terms: ReleaseTerms) {
    if (key !== mint) throw new TypeError("only the door makes releases");
    this.#covers = new Set(fields.map(nameOf));
    this.eventId = eventId;
    this.recipient = terms.recipient ?? null;
    this.legalBasis = terms.legalBasis ?? null;
    Object.freeze(this);
  }

  covers(field: FieldRef): boolean {
    return this.#covers.has(nameOf(field));
  }

  static is(value: unknown): value is Release {
    return typeof value === "object" && value !== null && #covers in value;
  }
}

/** Called by the door, after the commit of `eventId`, and by nobody else (the layer test reads the imports). */
export function makeRelease(eventId: string, fields: readonly FieldRef[], terms: ReleaseTerms = {}): Release {
  return new Release(mint, eventId, fields, terms);
}

/** True for what `makeRelease` made; false for every look-alike, `Object.create(Release.prototype)` included. */
export function isRelease(value: unknown): value is Release {
  return Release.is(value);
}

function nameOf(field: FieldRef): string {
  return JSON.stringify([field.table, field.column, field.rowId]);
}
