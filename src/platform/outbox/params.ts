import { z } from "zod";
import { param } from "../../door/param.ts";

/** Tries of a delivery before the effect is failed and waits for a person. */
export const outboxAttempts = param("outbox_attempts", z.int().min(1).max(50));
