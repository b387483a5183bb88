import type { Actor, Credential, Identify } from "../door/actor.ts";
import type { AnyQuery } from "../door/command.ts";
import type { Clock } from "../door/clock.ts";
import type { Door } from "../door/door.ts";
import type { RequestFacts } from "../door/event.ts";
import type { Tx } from "../door/tables.ts";
import type { Authenticate, Authenticated, StepUp } from "../platform/http/session.ts";
import type { Banner } from "../platform/http/view.ts";
import type { Language } from "../platform/i18n/index.ts";
import type { TourStep } from "../platform/module.ts";
import type { PolicyInForce } from "../platform/policy/index.ts";
import type { Vault } from "../platform/vault/index.ts";
import { authenticateBy } from "./authenticate.ts";
import { bannersFor } from "./banners.ts";
import { cookiesFor } from "./cookies.ts";
import { identifyBy, personBy } from "./identify.ts";
import { readBlocklist } from "./password/common.ts";
import type { NarrowWriters } from "./narrow.ts";
import { hashingWith } from "./password/hashing.ts";
import type { AccessRuntime } from "./runtime.ts";
import type { AccessServices } from "./services.ts";
import { setupLink } from "./setup/link.ts";
import { stepUpBy } from "./step-up/step-up.ts";
import { useStepUpBy } from "./step-up/use.ts";
import { recordForged, recordTurnedAway } from "./turned-away.ts";

export interface AccessOptions {
  /** The door needs `identify` before it exists, so it is asked for when it is used. */
  door(): Door;
  /** Read-only, by its database role. */
  read: Tx;
  /** What this module writes past the door, already bound: it never holds a connection that writes. */
  narrow: NarrowWriters;
  rules: PolicyInForce;
  vault: Vault;
  /** 32 bytes that key the password hashes. Losing them makes every password wrong. */
  pepper: Buffer;
  /** 32 bytes that key the tokens of forms; the same as the HTTP layer's. */
  formKey: Buffer;
  clock: Clock;
  /** Browsers reach the console over TLS: cookies are Secure and carry the `__Host-` prefix. */
  secure: boolean;
  /** The origin that browsers see, for one-time links; undefined on loopback. */
  publicOrigin?: string | undefined;
  /** The queries of all modules by name, for the figures of the first screens. */
  queries?: ReadonlyMap<string, AnyQuery>;
  /** The tour of all modules, in a demo. */
  tour?: readonly TourStep[];
  /** Waits; a test gives one that does not. */
  pause?: (ms: number) => Promise<void>;
}

/** What this module gives the door and the HTTP layer. */
export interface Access {
  services: Omit<AccessServices, "command">;
  identify: Identify;
  person: (tx: Tx, id: string) => Promise<Actor>;
  useStepUp: (tx: Tx, actor: Actor, digest: Buffer) => Promise<Date | null>;
  authenticate: Authenticate;
  stepUp: StepUp;
  turnedAway: (credential: Credential, permission: string, request: RequestFacts) => Promise<void>;
  forged: (credential: Credential, code: "forged" | "cross_origin", request: RequestFacts) => Promise<void>;
  banners(
    who: Authenticated,
    language: Language,
    state: { demo: boolean; fork: boolean },
  ): Promise<readonly Banner[]>;
  /**
   * A one-time link for the very first person, at this origin; null once there is somebody. Each call makes a new link
   * and kills the one before.
   */
  setupLink(origin: string, osUser?: string): Promise<string | null>;
  runtime: AccessRuntime;
}

/** Puts the module together. Holds no state that another process would have to know. */
export function openAccess(options: AccessOptions): Access {
  const { rules, clock } = options;
  const identify = identifyBy(rules, clock);
  const person = personBy(rules);
  const runtime: AccessRuntime = {
    door: options.door,
    read: options.read,
    touchSession: options.narrow.touchSession,
    throttle: options.narrow.throttle,
    rules,
    clock,
    identify,
    cookies: cookiesFor(options.secure),
    hashing: hashingWith(options.pepper),
    blocklist: readBlocklist(),
    formKey: options.formKey,
    publicOrigin: options.publicOrigin,
    queries: options.queries ?? new Map(),
    tour: options.tour ?? [],
    pause: options.pause ?? pause,
  };
  return {
    services: { rules, person },
    identify,
    person,
    useStepUp: useStepUpBy(clock),
    authenticate: authenticateBy(runtime),
    stepUp: stepUpBy(runtime),
    turnedAway: async (credential, permission, request) =>
      await recordTurnedAway(options.door(), credential, permission, request),
    forged: async (credential, code, request) =>
      await recordForged(options.door(), credential, code, request),
    banners: async (who, language, state) => bannersFor(who, language, state),
    setupLink: async (origin, osUser) => await setupLink(runtime, origin, osUser ?? "start"),
    runtime,
  };
}

async function pause(ms: number): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, ms));
}
