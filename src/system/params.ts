import { z } from "zod";
import { param } from "../door/param.ts";

/** Tries of a job before it is failed and waits for a person. */
export const jobAttempts = param("job_attempts", z.int().min(1).max(20));

/** Hours for which the same idempotency key gives the same result. */
export const idempotencyHours = param(
  "idempotency_hours",
  z
    .int()
    .min(24)
    .max(24 * 30),
);

/** Days for which runs of jobs that went well and effects that arrived stay on the page of jobs. */
export const historyDays = param("history_days", z.int().min(1).max(400));
