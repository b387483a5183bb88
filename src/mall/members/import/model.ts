import type { Arrow } from "../model.ts";

export const importStates = [
  "uploading",
  "uploaded",
  "checking",
  "checked",
  "running",
  "done",
  "refused",
  "cancelled",
] as const;
export type ImportState = (typeof importStates)[number];

/** The life of an import. `refuse` is what the file itself brings about: it is no table of members after all. */
export const importMachine = [
  { from: "uploading", event: "receive", to: "uploaded" },
  { from: "uploading", event: "refuse", to: "refused" },
  { from: "uploading", event: "cancel", to: "cancelled" },
  { from: "uploaded", event: "check", to: "checking" },
  { from: "uploaded", event: "cancel", to: "cancelled" },
  { from: "checking", event: "finish", to: "checked" },
  { from: "checking", event: "refuse", to: "refused" },
  { from: "checking", event: "cancel", to: "cancelled" },
  { from: "checked", event: "start", to: "running" },
  { from: "checked", event: "cancel", to: "cancelled" },
  { from: "running", event: "finish", to: "done" },
  { from: "running", event: "cancel", to: "cancelled" },
] as const satisfies readonly Arrow<ImportState, string>[];
