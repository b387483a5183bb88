import { z } from "zod";
import { Refusal } from "../../door/refusal.ts";

/** Where a page of a list begins or ends: the order's instant and the id that breaks ties. */
export interface Cursor {
  at: Date;
  id: string;
}

/** The years of which the database and this program mean the same: 1970 to 9999. */
const Parts = z.tuple([
  z
    .int()
    .min(0)
    .max(Date.UTC(9999, 11, 31)),
  z.uuid(),
]);

/** A cursor as it stands in an address. It holds nothing secret: a time and an id. */
export function writeCursor({ at, id }: Cursor): string {
  return Buffer.from(JSON.stringify([at.getTime(), id])).toString("base64url");
}

/** Refuses `invalid` for what `writeCursor` could not have written. */
export function readCursor(text: string): Cursor {
  try {
    const [at, id] = Parts.parse(JSON.parse(Buffer.from(text, "base64url").toString()));
    return { at: new Date(at), id };
  } catch (cause) {
    throw new Refusal("invalid", "invalid", { issues: [{ path: "page", code: "format" }], cause });
  }
}

/** Which page of a list: the first, the one after a row, or the one before. */
export const PageOf = z
  .strictObject({ after: z.string().max(200), before: z.string().max(200) })
  .partial()
  .refine((page) => page.after === undefined || page.before === undefined, { params: { code: "format" } });

/** A page of rows with the cursors of its neighbours, from `size + 1` rows in the direction of reading. */
export function pageOf<Row>(
  found: readonly Row[],
  size: number,
  asked: { after?: string | undefined; before?: string | undefined },
  cursor: (row: Row) => Cursor,
): { rows: Row[]; next: string | undefined; previous: string | undefined } {
  const backwards = asked.before !== undefined;
  const rows = found.slice(0, size);
  if (backwards) rows.reverse();
  const more = found.length > size;
  const [first, last] = [rows[0], rows.at(-1)];
  const hasNext = backwards ? true : more;
  const hasPrevious = backwards ? more : asked.after !== undefined;
  return {
    rows,
    next: hasNext && last !== undefined ? writeCursor(cursor(last)) : undefined,
    previous: hasPrevious && first !== undefined ? writeCursor(cursor(first)) : undefined,
  };
}
