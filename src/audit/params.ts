import { z } from "zod";
import { param } from "../door/param.ts";

/** Anonymous failures of one kind a minute that are written one by one; what is more is counted. */
export const anonymousEventsPerMinute = param("anonymous_events_per_minute", z.int().min(1).max(600));

/** Seconds between two signed checkpoints while the log grows. */
export const checkpointSeconds = param("checkpoint_seconds", z.int().min(1).max(60));

/** So many of the configured witnesses have to have seen a checkpoint. 0 where none is set up yet. */
export const witnessQuorum = param("witness_quorum", z.int().min(0).max(20));

/** The last cosignature may be so old before the status page turns red. */
export const witnessLagMinutes = param("witness_lag_minutes", z.int().min(1).max(1440));

/** Most entries in one evidence bundle. */
export const exportRangeEvents = param("export_range_events", z.int().min(1).max(5_000_000));

/** Most rows in one filtered export; a filter with more is refused, not cut. */
export const exportRows = param("export_rows", z.int().min(1).max(1_000_000));

/** The whole log is read through and compared with what was signed at least this often. */
export const verifyHours = param("verify_hours", z.int().min(1).max(168));

/** Searches that one person may keep. */
export const savedSearches = param("saved_searches", z.int().min(1).max(200));

export const params = [
  anonymousEventsPerMinute,
  checkpointSeconds,
  witnessQuorum,
  witnessLagMinutes,
  exportRangeEvents,
  exportRows,
  verifyHours,
  savedSearches,
];
