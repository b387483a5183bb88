import { z } from "zod";
import { param } from "../door/param.ts";

/*
 * The figures of sign-in that a policy owns. Each schema holds the limit that no policy may pass; the reasons stand in
 * docs/access.md. The values in force come from POL-ACCESS.
 */

const between = (floor: number, ceiling: number) => z.int().min(floor).max(ceiling);

/** Minutes without a request after which a session is over. NIST SP 800-63B-4 names 1 h for AAL2; a console gets less. */
export const sessionIdleMinutes = param("session_idle_minutes", between(1, 30));
/** Hours after which a session is over however busy. 12 h would let a lost laptop see a second shift. */
export const sessionAbsoluteHours = param("session_absolute_hours", between(1, 11));
export const sessionsPerPerson = param("sessions_per_person", between(1, 5));
/** Minutes between right password and second factor. */
export const pendingSessionMinutes = param("pending_session_minutes", between(1, 10));

/** Characters after NFKC. NIST SP 800-63B-4: 15 where the password could stand alone. */
export const passwordMinimum = param("password_minimum", between(15, 64));
/** Memory of argon2id in MiB. The floor is OWASP's: 19 MiB with two passes. */
export const argon2MemoryMib = param("argon2_memory_mib", between(19, 256));
export const argon2Passes = param("argon2_passes", between(2, 10));
/** Hashes under way at once, each in its memory. More than two would not fit beside the console. */
export const hashesAtATime = param("hashes_at_a_time", between(1, 2));
/** Recovery codes that a person gets with each authenticator. */
export const recoveryCodes = param("recovery_codes", between(5, 20));

/** Tries for one account from browsers that it does not know, before waiting begins. */
export const throttleAccountTries = param("throttle_account_tries", between(3, 10));
/** Tries from one address, or from one /64 of IPv6. */
export const throttleAddressTries = param("throttle_address_tries", between(10, 60));
export const throttleWindowMinutes = param("throttle_window_minutes", between(5, 60));
/** The first wait, once a window's tries are used up. It doubles with each further try … */
export const throttleFirstWaitSeconds = param("throttle_first_wait_seconds", between(30, 300));
/** … up to this. */
export const throttleLongestMinutes = param("throttle_longest_minutes", between(15, 60));
/** Consecutive wrong second factors after a right password, after which the factor is locked. */
export const factorLockAfter = param("factor_lock_after", between(10, 100));
/** So many wrong tries before a right one are worth a word to the person (ASVS 6.3.5). */
export const failuresWorthTelling = param("failures_worth_telling", between(1, 5));
/** Every refused sign-in takes at least so many milliseconds, so that its cause cannot be read off a clock. */
export const signInFloorMs = param("sign_in_floor_ms", between(200, 3000));
/** Days for which a browser that has signed in keeps a throttle of its own. */
export const deviceDays = param("device_days", between(7, 90));

/** Minutes for which an invitation or a reset link can be used. */
export const linkMinutes = param("link_minutes", between(5, 30));
/** Minutes for which a bound step-up waits for its operation. */
export const boundStepUpMinutes = param("bound_step_up_minutes", between(1, 10));

export const justInTimeHours = param("just_in_time_hours", between(1, 8));
export const breakGlassMinutes = param("break_glass_minutes", between(15, 60));
/** Working days within which somebody else reviews a break-glass. */
export const breakGlassReviewDays = param("break_glass_review_days", between(1, 3));

/** Days for which a look at a lasting grant is good; then it lapses (PCI DSS 4.0.1, 7.2.4: every six months). */
export const accessReviewDays = param("access_review_days", between(30, 366));
/** So many days before, those who may keep it are told. */
export const accessReviewNoticeDays = param("access_review_notice_days", between(7, 60));

export const accessParams = [
  sessionIdleMinutes,
  sessionAbsoluteHours,
  sessionsPerPerson,
  pendingSessionMinutes,
  passwordMinimum,
  argon2MemoryMib,
  argon2Passes,
  hashesAtATime,
  recoveryCodes,
  throttleAccountTries,
  throttleAddressTries,
  throttleWindowMinutes,
  throttleFirstWaitSeconds,
  throttleLongestMinutes,
  factorLockAfter,
  failuresWorthTelling,
  signInFloorMs,
  deviceDays,
  linkMinutes,
  boundStepUpMinutes,
  justInTimeHours,
  breakGlassMinutes,
  breakGlassReviewDays,
  accessReviewDays,
  accessReviewNoticeDays,
];
