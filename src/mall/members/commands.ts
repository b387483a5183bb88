import { recordConsent } from "./consents.ts";
import { edit } from "./edit.ts";
import { downloadExport, exportMember } from "./exports.ts";
import { cancel, check, start, upload } from "./import/commands.ts";
import { chunk } from "./import/step.ts";
import { sweep } from "./import/sweep.ts";
import { register } from "./register.ts";
import { revealField } from "./reveal.ts";
import { revealChange } from "./reveal-change.ts";
import { restrict } from "./restrict.ts";
import { review } from "./review.ts";
import { search } from "./search.ts";
import { endSessions, freeze, unfreeze } from "./standing.ts";
import { recordStatistics } from "./statistics.ts";

/** Every write of this module, one capability a file. */
export const commands = [
  register,
  edit,
  review,
  recordConsent,
  freeze,
  unfreeze,
  endSessions,
  restrict,
  search,
  revealField,
  revealChange,
  exportMember,
  downloadExport,
  upload,
  check,
  start,
  chunk,
  cancel,
  sweep,
  recordStatistics,
];
