import { z } from "zod";
import { param } from "../../door/param.ts";

/** Why plaintext may be looked at, and whether the look needs the number of a ticket, an order or an incident. */
export const revealPurposes = param(
  "reveal_purposes",
  z
    .array(z.strictObject({ code: z.string().regex(/^[a-z][a-z_]{1,39}$/), ticket: z.boolean() }))
    .min(1)
    .max(20),
);

/** How long a revealed value stays on the screen. */
export const revealMinutes = param("reveal_minutes", z.int().min(1).max(60));

/** Looks a person may have on a day of the mall's calendar, by role; the largest of their roles counts, none is none. */
export const revealBudgets = param(
  "reveal_budgets",
  z.record(z.string().regex(/^[a-z][a-z_]*$/), z.int().min(0).max(1_000)),
);

/** Searches by personal data that one person may make in a minute. Slows down trying out phone numbers. */
export const searchesPerMinute = param("member_searches_per_minute", z.int().min(1).max(120));

/** Fewest members that a figure of the statistics may stand for. */
export const minimumCell = param("statistics_min_cell", z.int().min(3).max(1_000));

/** Youngest age at which somebody may be registered without the consent of a guardian (PIPL art. 28, 31). */
export const minimumAge = param("member_min_age", z.int().min(14).max(18));

/** Version of the privacy notice that members are shown now: what a consent recorded today is a consent to. */
export const noticeVersion = param(
  "privacy_notice_version",
  z.string().regex(/^[0-9A-Za-z][0-9A-Za-z._-]{0,31}$/),
);

/** How long a permitted export waits to be fetched. */
export const exportHours = param("member_export_hours", z.int().min(1).max(72));

/** Largest file of an import, in megabytes of 1,000,000 bytes. */
export const importMegabytes = param("import_max_megabytes", z.int().min(1).max(1_000));

/** Megabytes of files on their way in that one person may have at a time, dry runs that wait for a start among them. */
export const importPersonMegabytes = param("import_person_megabytes", z.int().min(1).max(10_000));

/** Files on their way in that one person may have at a time. */
export const importPersonFiles = param("import_person_files", z.int().min(1).max(100));

/** How long an uploaded file of members is kept without anybody starting its import. */
export const importWaitHours = param("import_wait_hours", z.int().min(1).max(168));

export const params = [
  revealPurposes,
  revealMinutes,
  revealBudgets,
  searchesPerMinute,
  minimumCell,
  minimumAge,
  noticeVersion,
  exportHours,
  importMegabytes,
  importPersonMegabytes,
  importPersonFiles,
  importWaitHours,
];
