import { clearableFields } from "./edit.ts";
import { personalFields, sexValues } from "./fields.ts";
import { importColumns } from "./import/columns.ts";
import {
  consentChannels,
  consentPurposes,
  freezeReasons,
  returnReasons,
  reviewMachine,
  reviewStates,
  statuses,
  tiers,
} from "./model.ts";
import { searchKinds } from "./search-on.ts";
import { dimensions } from "./statistics.ts";

/** What people may choose from on the pages of this module. Handed to the views, which know only its type. */
export const choices = {
  clearableFields,
  consentChannels,
  consentPurposes,
  dimensions,
  freezeReasons,
  importColumns,
  personalFields,
  returnReasons,
  reviewMachine,
  reviewStates,
  searchKinds,
  sexValues,
  statuses,
  tiers,
};

export type Choices = typeof choices;
