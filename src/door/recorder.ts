import type { Actor } from "./actor.ts";
import type { AnyCommand, Deed, FurtherEvent, Recorder } from "./command.ts";
import type { AuditBody, Change, RequestFacts, Severity, StagedEvent, Target } from "./event.ts";
import type { SensitiveChange } from "./ports.ts";
import type { Policy } from "./policy.ts";

/** What a command said about itself while it ran. */
export interface Recording {
  recorder: Recorder;
  readonly targets: Target[];
  readonly changes: Change[];
  readonly sensitive: SensitiveChange[];
  /** Fields that were looked at. */
  readonly fields: Set<string>;
  readonly facts: NonNullable<AuditBody["facts"]>;
  readonly further: FurtherEvent[];
  readonly deeds: Deed[];
  onBehalfOf: string | undefined;
  purpose: AuditBody["purpose"];
  severity: Severity;
  correlation: NonNullable<AuditBody["correlation"]>;
}

/** Starts an empty recording for one run of a command. */
export function recording(command: AnyCommand, target: Target | null): Recording {
  const made: Recording = {
    targets: target === null ? [] : [target],
    changes: [],
    sensitive: [],
    fields: new Set(),
    facts: {},
    further: [],
    deeds: [],
    onBehalfOf: undefined,
    purpose: undefined,
    severity: command.severity,
    correlation: {},
    recorder: {
      change(field, before, after) {
        if (JSON.stringify(before) !== JSON.stringify(after)) made.changes.push({ field, before, after });
      },
      sensitive(field, before, after) {
        if ((before?.envelope ?? null) !== after.envelope) made.sensitive.push({ field, before, after });
      },
      field(name) {
        made.fields.add(name);
      },
      fact(name, value) {
        made.facts[name] = value;
      },
      target(found) {
        const known = made.targets.findIndex((t) => t.type === found.type && t.id === found.id);
        if (known >= 0) made.targets[known] = found;
        else made.targets.push(found);
      },
      purpose(code, ticket) {
        made.purpose = ticket === undefined ? { code } : { code, ticket };
      },
      severity(severity) {
        made.severity = severity;
      },
      correlate(ids) {
        Object.assign(made.correlation, ids);
      },
      also(event) {
        made.further.push(event);
      },
      onBehalfOf(person) {
        made.onBehalfOf = person;
      },
      did(deed) {
        made.deeds.push(deed);
      },
    },
  };
  return made;
}

/** Facts shared by every event of one passage through the door. */
export interface Passage {
  at: Date;
  actor: Actor;
  policy: Policy | null;
  request: RequestFacts | undefined;
  commandId: string;
  /** When the actor proved a second factor for this very operation. */
  stepUpAt?: Date | undefined;
  /** The person for whom the actor, a service, acts. */
  onBehalfOf?: string | undefined;
  correlation?: NonNullable<AuditBody["correlation"]>;
}

/** An event with the facts of its passage; absent facts are absent keys, so that the canonical bytes are short. */
export function eventOf(
  passage: Passage,
  id: string,
  rest: Pick<AuditBody, "action" | "crud" | "category" | "target" | "outcome" | "severity"> &
    Partial<Pick<AuditBody, "fields" | "purpose" | "change" | "facts">>,
): StagedEvent {
  const { actor, request } = passage;
  const assurance = actor.assurance;
  return dropEmpty({
    v: 1,
    id,
    at: passage.at.toISOString(),
    actor: dropEmpty({
      type: actor.type,
      id: actor.id,
      display: actor.display,
      roles: [...actor.roles],
      on_behalf_of: passage.onBehalfOf,
    }),
    session:
      assurance === null
        ? undefined
        : dropEmpty({
            id_hash: assurance.session,
            aal: assurance.level,
            mfa_at: assurance.factorAt?.toISOString(),
            step_up_at: passage.stepUpAt?.toISOString(),
          }),
    ...rest,
    request,
    correlation: { ...passage.correlation, command_id: passage.commandId },
    policy: passage.policy === null ? undefined : inForce(passage.policy),
  });
}

const inForce = ({ id, version, set }: Policy) => ({ id, version, set });

type Present<T> = { [K in keyof T]: Exclude<T[K], undefined> };

function dropEmpty<T extends object>(value: T): Present<T> {
  // keys whose value is undefined are gone, which is what `Present` says
  return Object.fromEntries(Object.entries(value).filter(([, v]) => v !== undefined)) as Present<T>;
}
