import { z } from "zod";
import { readsAsPersonal } from "./vault/index.ts";

/**
 * How tickets, orders and incidents are numbered, loosely: nothing that could be a sentence, a name, a phone number or
 * somebody's identity number, because it stands in the log for ever.
 */
export const CaseNumber = z
  .string()
  .trim()
  .toUpperCase()
  .regex(/^[A-Z0-9][A-Z0-9/-]{2,39}$/)
  .refine((text) => !readsAsPersonal(text));
