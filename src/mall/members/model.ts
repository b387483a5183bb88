import { Refusal } from "../../door/refusal.ts";
import { wallClock } from "./wall-clock.ts";

export const tiers = ["standard", "silver", "gold", "platinum"] as const;
export type Tier = (typeof tiers)[number];

export const reviewStates = ["submitted", "approved", "returned"] as const;
export type ReviewState = (typeof reviewStates)[number];

export const statuses = ["active", "frozen"] as const;
export type Status = (typeof statuses)[number];

/** What a member can agree to. `service` is what the account itself needs. */
export const consentPurposes = ["service", "marketing", "profiling", "sharing"] as const;
export type ConsentPurpose = (typeof consentPurposes)[number];

/** Where an agreement was given or withdrawn. */
export const consentChannels = ["counter", "phone", "mail", "web", "app"] as const;

/** Why data goes back to be corrected. Codes, so that no reason can hold a personal datum. */
export const returnReasons = [
  "incomplete",
  "name_implausible",
  "birth_date_implausible",
  "contact_wrong",
  "duplicate",
] as const;

export const freezeReasons = [
  "member_request",
  "fraud_suspected",
  "account_taken_over",
  "legal_order",
  "terms_violated",
] as const;

/** On what a value of restricted data may be opened all the same (PIPL art. 13, 47). */
export const legalBases = ["authority_order", "legal_duty", "legal_claim", "member_consent"] as const;

/** One arrow of a state machine. Guards beyond the state stand in the command of the event. */
export interface Arrow<State extends string, Event extends string> {
  from: State;
  event: Event;
  to: State;
}

/** Review of submitted data (5.1.2). Any change of personal data is submitted anew. */
export const reviewMachine = [
  { from: "submitted", event: "approve", to: "approved" },
  { from: "submitted", event: "return", to: "returned" },
  { from: "submitted", event: "edit", to: "submitted" },
  { from: "returned", event: "edit", to: "submitted" },
  { from: "approved", event: "edit", to: "submitted" },
] as const satisfies readonly Arrow<ReviewState, string>[];

export const statusMachine = [
  { from: "active", event: "freeze", to: "frozen" },
  { from: "frozen", event: "unfreeze", to: "active" },
] as const satisfies readonly Arrow<Status, string>[];

/** Where an event leads. Refuses `conflict` when the object is in a state that does not know the event. */
export function step<State extends string, Event extends string>(
  machine: readonly Arrow<State, Event>[],
  from: State,
  event: Event,
): State {
  const arrow = machine.find((a) => a.from === from && a.event === event);
  if (arrow === undefined) throw new Refusal("conflict", "state", { values: { state: from } });
  return arrow.to;
}

/** Whole years between a birth date (`YYYY-MM-DD`) and an instant in a zone. Negative before birth. */
export function ageOn(birthDate: string, at: Date, zone: string): number {
  const today = dayOf(at, zone);
  const years = Number(today.slice(0, 4)) - Number(birthDate.slice(0, 4));
  return today.slice(5) < birthDate.slice(5) ? years - 1 : years;
}

/** The calendar day of an instant in a zone, `YYYY-MM-DD`. */
export function dayOf(at: Date, zone: string): string {
  return wallClock(at, zone).slice(0, 10);
}
