import { z } from "zod";

/** The end of PostgreSQL's `integer`: a larger number is refused here, and not by an error of the database (ASVS 1.4.2). */
export const INTEGER_MAX = 2_147_483_647;

/** A number of something that an `integer` column counts. */
export const Count = z.int().min(0).max(INTEGER_MAX);

/** The version of a row that somebody saw. */
export const Version = z.int().min(1).max(INTEGER_MAX);
