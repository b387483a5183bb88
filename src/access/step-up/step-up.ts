import { Refusal } from "../../door/refusal.ts";
import type { StepUp } from "../../platform/http/session.ts";
import { type AuthenticateDeps, byToken } from "../authenticate.ts";
import { throttleAccountTries } from "../params.ts";
import { checkPassword } from "../password/check.ts";
import { type SignInDeps, withCountedCode } from "../sign-in/sign-in.ts";
import { waitsOf } from "../throttle.ts";
import { stepUpCommand } from "./command.ts";

/** Checks what was typed into the step-up form, and gives who the person is from now on, with the new cookie set. */
export function stepUpBy(deps: SignInDeps & AuthenticateDeps): StepUp {
  return async ({ c, who, need, password, code, request }) => {
    const { credential } = who;
    if (credential.type !== "session") throw new Refusal("denied", "sign_in");
    const policy = await deps.rules(deps.read);
    const token = await withCountedCode(deps, policy, credential, code, request, async (attempt) => {
      const bound =
        need.level === "bound"
          ? { check: await ownPassword(deps, credential.person, password), digest: need.digest }
          : null;
      const done = await deps.door().execute(stepUpCommand, credential, { attempt, bound }, { request });
      return done.value.token;
    }).catch((error: unknown) => {
      if (error instanceof Refusal && error.code === "step_up_wrong")
        throw new Refusal("step-up-required", "step_up_wrong", { stepUp: need });
      throw error;
    });
    deps.cookies.setSession(c, token);
    return await byToken(deps, token);
  };
}

/** Tries a signed-in person's own password, counted like any other try. Refuses `throttled`. */
export async function ownPassword(deps: SignInDeps, person: string, password: string) {
  const policy = await deps.rules(deps.read);
  const taken = await deps.throttle.take({
    scope: "account",
    subject: `own ${person}`,
    tries: policy.params(throttleAccountTries),
    ...waitsOf(policy),
  });
  if (taken.blocked) throw new Refusal("throttled", "throttled", { retryAfter: taken.retryAfter });
  const check = await checkPassword(deps.hashing, deps.read, policy, {
    person,
    password,
    failures: taken.tries - 1,
  });
  if (check.right) await deps.throttle.clear({ scope: "account", subject: `own ${person}` });
  return check;
}
