import { z } from "zod";
import { Refusal } from "../../door/refusal.ts";
import type { CompiledPolicy } from "../../platform/policy/index.ts";
import { mint } from "../minted.ts";
import { throttleAccountTries } from "../params.ts";
import { fingerprintOf } from "../secrets.ts";
import { type Counter, type Throttle, waitsOf } from "../throttle.ts";

/** A typed code that has been counted. Only a counted code can be tried. */
export interface CodeAttempt {
  code(): string;
  /** Wrong codes in a row before this one. */
  failures: number;
  toJSON(): string;
}

const attempts = mint<CodeAttempt>();
export const CountedCode = z.custom<CodeAttempt>(attempts.is);

/** Far more than the policy's limit, after which the factor is locked: this counter only counts. */
const NEVER = { tries: 1_000_000, windowMinutes: 10 * 365 * 24 * 60 };

/** Counts a try of a person's second factor. Refuses `throttled` when there were too many. */
export async function countCode(
  throttle: Throttle,
  policy: Pick<CompiledPolicy, "params">,
  person: string,
  code: string,
): Promise<CodeAttempt> {
  const waits = waitsOf(policy);
  const tries = policy.params(throttleAccountTries);
  const taken = await throttle.take({ scope: "factor", subject: person, tries, ...waits });
  if (taken.blocked) throw new Refusal("throttled", "throttled", { retryAfter: taken.retryAfter });
  const counter: Counter = { ...strikes(person), ...waits, ...NEVER };
  const counted = await throttle.take(counter);
  const failures = counted.blocked ? NEVER.tries : counted.tries - 1;
  return attempts.make({ code: () => code.slice(0, 100), failures, toJSON: () => fingerprintOf(code) });
}

/** After a right one: the row of wrong ones is broken. */
export async function forgetCodes(throttle: Throttle, person: string): Promise<void> {
  await throttle.clear({ scope: "factor", subject: person });
  await throttle.clear(strikes(person));
}

function strikes(person: string): Pick<Counter, "scope" | "subject"> {
  return { scope: "strikes", subject: person };
}
