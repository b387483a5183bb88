import type { Kysely } from "kysely";

/**
 * The tables of the database, by qualified name. The door knows none of them: the platform adds its generated
 * interface to this one by declaration merging, so that a command's `tx` is typed without the door looking up.
 */
// eslint-disable-next-line @typescript-eslint/no-empty-object-type -- filled by `declare module` in platform/database
export interface Tables {}

/** One open transaction of the door (in a command) or one read-only connection (in a query). */
export type Tx = Kysely<Tables>;
