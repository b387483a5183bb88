import type { StagedEvent } from "../../door/event.ts";
import { uuidv7 } from "../../door/ids.ts";

/** An event that the log writes about itself: closed numbers, counted failures, faults that the sequencer found. */
export function systemEvent(
  at: Date,
  action: "audit.void" | "audit.writer_ended" | "audit.integrity" | "audit.anonymous_failures",
  rest: Partial<Pick<StagedEvent, "severity" | "facts" | "voids" | "outcome" | "target">>,
): StagedEvent {
  return {
    v: 1,
    id: uuidv7(at.getTime()),
    at: at.toISOString(),
    actor: { type: "service", id: "audit", display: "audit", roles: [] },
    action,
    crud: "c",
    category: "audit",
    target: [],
    outcome: { result: "success" },
    severity: 0,
    ...rest,
  };
}
