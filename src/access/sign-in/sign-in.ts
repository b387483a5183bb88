import type { Credential } from "../../door/actor.ts";
import type { Clock } from "../../door/clock.ts";
import type { Door } from "../../door/door.ts";
import type { RequestFacts } from "../../door/event.ts";
import { Refusal } from "../../door/refusal.ts";
import type { Tx } from "../../door/tables.ts";
import type { CompiledPolicy, PolicyInForce } from "../../platform/policy/index.ts";
import { countCode, forgetCodes, type CodeAttempt } from "../factor/attempt.ts";
import { lockFactor } from "../factor/lock.ts";
import { factorLockAfter, signInFloorMs, throttleAccountTries, throttleAddressTries } from "../params.ts";
import { checkPassword } from "../password/check.ts";
import type { Hashing } from "../password/hashing.ts";
import { type Counter, type Taken, type Throttle, waitsOf } from "../throttle.ts";
import { addressGroup } from "./address.ts";
import { signIn, signInCode } from "./commands.ts";
import { knownDevice } from "./devices.ts";
import type { SignedIn } from "./full-session.ts";

/** What signing in needs of the world. */
export interface SignInDeps {
  door(): Door;
  read: Tx;
  rules: PolicyInForce;
  hashing: Hashing;
  throttle: Throttle;
  clock: Clock;
  /** Waits; a test does not. */
  pause(ms: number): Promise<void>;
}

export interface Browser {
  address: string;
  agent: string;
  /** The token in the device cookie. */
  device: string | null;
  request: RequestFacts;
}

/**
 * Login and password: gives the token of a pending session, or refuses `sign_in_failed`, for whatever reason, after
 * the same time and with the same work. Throttled tries do not touch the real hash.
 */
export async function tryPassword(
  deps: SignInDeps,
  given: { login: string; password: string },
  browser: Browser,
): Promise<{ token: string }> {
  const policy = await deps.rules(deps.read);
  const floor = deps.pause(policy.params(signInFloorMs));
  try {
    return await checkAndOpen(deps, policy, given, browser);
  } catch (error) {
    await floor;
    throw error;
  }
}

async function checkAndOpen(
  deps: SignInDeps,
  policy: CompiledPolicy,
  given: { login: string; password: string },
  browser: Browser,
): Promise<{ token: string }> {
  const login = given.login.slice(0, 100);
  const person = await personOf(deps.read, login);
  const device =
    person === null ? null : await knownDevice(deps.read, browser.device, person, deps.clock.now());
  const counters = countersOf(policy, browser.address, login, device);

  // an address that tries too often is not worth a hash
  const byAddress = await deps.throttle.take(counters.address);
  if (byAddress.blocked) throw new Refusal("denied", "sign_in_failed");
  const taken = await deps.throttle.take(counters.own);
  const check = await checkPassword(deps.hashing, deps.read, policy, {
    person: taken.blocked ? null : person,
    password: given.password,
    failures: failuresBefore(taken),
  });
  const { value } = await deps
    .door()
    .execute(
      signIn,
      { type: "anonymous" },
      { check, address: browser.address, agent: browser.agent },
      { request: browser.request },
    );
  await deps.throttle.clear(counters.own);
  await deps.throttle.giveBack(counters.address);
  return value;
}

/** The second factor of a pending session. Refuses `code_wrong` and `throttled`. */
export async function tryCode(
  deps: SignInDeps,
  credential: Extract<Credential, { type: "session" }>,
  code: string,
  browser: Browser,
): Promise<SignedIn> {
  const policy = await deps.rules(deps.read);
  const device = await knownDevice(deps.read, browser.device, credential.person, deps.clock.now());
  return await withCountedCode(deps, policy, credential, code, browser.request, async (attempt) => {
    const done = await deps
      .door()
      .execute(signInCode, credential, { attempt, device }, { request: browser.request });
    return done.value;
  });
}

/** Counts a code, tries it, and forgets the count when it was right or locks the factor when it was one too many. */
export async function withCountedCode<R>(
  deps: Pick<SignInDeps, "door" | "throttle">,
  policy: CompiledPolicy,
  credential: Extract<Credential, { type: "session" }>,
  code: string,
  request: RequestFacts,
  use: (attempt: CodeAttempt) => Promise<R>,
): Promise<R> {
  const attempt = await countCode(deps.throttle, policy, credential.person, code);
  let result: R;
  try {
    result = await use(attempt);
  } catch (error) {
    if (isWrongCode(error) && attempt.failures + 1 >= policy.params(factorLockAfter))
      await deps.door().execute(lockFactor, credential, { attempt }, { request });
    throw error;
  }
  await forgetCodes(deps.throttle, credential.person);
  return result;
}

function isWrongCode(error: unknown): boolean {
  return error instanceof Refusal && (error.code === "code_wrong" || error.code === "step_up_wrong");
}

async function personOf(db: Tx, login: string): Promise<string | null> {
  const row = await db.selectFrom("access.person").select("id").where("login", "=", login).executeTakeFirst();
  return row?.id ?? null;
}

/** A browser that the account knows has a budget of its own: knowing a login must not be enough to lock its owner out. */
function countersOf(
  policy: CompiledPolicy,
  address: string,
  login: string,
  device: string | null,
): { address: Counter; own: Counter } {
  const waits = waitsOf(policy);
  const tries = policy.params(throttleAccountTries);
  return {
    address: {
      scope: "address",
      subject: addressGroup(address),
      tries: policy.params(throttleAddressTries),
      ...waits,
    },
    own:
      device === null
        ? { scope: "account", subject: login, tries, ...waits }
        : { scope: "device", subject: device, tries, ...waits },
  };
}

function failuresBefore(taken: Taken): number {
  return taken.blocked ? 0 : taken.tries - 1;
}
