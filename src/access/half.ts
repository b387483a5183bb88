/*
 * What a person may do between the factors. It stands in code and not in a policy: no file can widen it.
 */

/** Password shown, second factor enrolled: show it, lock it with one wrong code too many, or leave. */
export const beforeCode: ReadonlySet<string> = new Set([
  "access.factor.lock",
  "access.sign_in.code",
  "access.sign_out",
]);

/** Password shown, no second factor yet: enrol one, or leave. */
export const beforeEnrolment: ReadonlySet<string> = new Set([
  "access.enrol.start",
  "access.enrol.view",
  "access.enrol.confirm",
  "access.sign_out",
]);

/** Where the page that has to be passed next lies. */
export const halfPages = { code: "/sign-in/code", enrolment: "/enrol" } as const;

/** While the first three people are not all enrolled, whatever roles they hold: no members, no grants, no log. */
export const duringSetup: ReadonlySet<string> = new Set([
  "access.end_own_session",
  "access.end_own_sessions",
  "access.factor.lock",
  "access.me",
  "access.password.change",
  "access.preferences",
  "access.recovery.regenerate",
  "access.setup.invite",
  "access.setup.view",
  "access.sign_out",
  "access.step_up",
  "access.totp.confirm",
  "access.totp.pending",
  "access.totp.start",
  "staff.notices",
  "staff.notices.read",
]);
