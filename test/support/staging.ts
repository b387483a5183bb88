import { z } from "zod";
import { createSession, newHandle, sessionId } from "../../src/access/sessions.ts";
import { addPerson } from "../../src/access/staff/people.ts";
import { command } from "../../src/door/command.ts";
import { Id } from "../../src/door/ids.ts";
import { defineModule } from "../../src/platform/module.ts";

/** Minutes ago, or from now where they lie ahead. */
const Minutes = z.number().int();

/**
 * A session as a test needs it, with its token: of one factor or two, and as old as it has to be. Stands in for
 * waiting a quarter of an hour; whoever tests signing in itself goes through the forms.
 */
export const stageSession = command({
  name: "staging.session",
  input: z.strictObject({
    person: Id,
    level: z.union([z.literal(1), z.literal(2)]),
    startedAgo: Minutes,
    factorAgo: Minutes,
    endsIn: Minutes,
  }),
  crud: "c",
  anonymous: true,
  category: "staff",
  target: (input) => ({ type: "staff", id: input.person }),
  async run({ tx, input, now }) {
    const at = (minutes: number) => new Date(now.getTime() + minutes * 60_000);
    const startedAt = at(-input.startedAgo);
    const clock = { now: () => startedAt };
    const token = await createSession(tx, clock, {
      person: input.person,
      handle: newHandle({ now: () => now }),
      level: input.level,
      authenticatedAt: startedAt,
      factorAt: input.level === 2 ? at(-input.factorAgo) : null,
      expiresAt: at(input.endsIn),
      address: "127.0.0.1",
      agent: "test",
      device: null,
    });
    return { token, session: sessionId(token) };
  },
});

/** Makes the second factor of a session older, so that the next gate asks for it again. */
export const ageFactor = command({
  name: "staging.age_factor",
  input: z.strictObject({ person: Id, minutes: Minutes }),
  crud: "u",
  anonymous: true,
  category: "staff",
  target: (input) => ({ type: "staff", id: input.person }),
  async run({ tx, input, now }) {
    await tx
      .updateTable("access.session")
      .set({ factor_at: new Date(now.getTime() - input.minutes * 60_000) })
      .where("person_id", "=", input.person)
      .where("ended_at", "is", null)
      .where("level", "=", 2)
      .execute();
  },
});

/** Somebody with at most one role, without a second factor, and perhaps not allowed in any more. */
export const stagePerson = command({
  name: "staging.person",
  input: z.strictObject({
    login: z.string(),
    state: z.enum(["active", "disabled"]),
    role: z.string().nullable(),
  }),
  crud: "c",
  anonymous: true,
  category: "staff",
  async run({ tx, input, now, newId, record }) {
    const id = newId();
    await addPerson(tx, { id, login: input.login, name: input.login, by: "staging", now });
    await tx
      .updateTable("access.person")
      .set({ state: input.state, disabled_at: input.state === "disabled" ? now : null })
      .where("id", "=", id)
      .execute();
    if (input.role !== null) {
      await tx
        .insertInto("access.role_grant")
        .values({
          id: newId(),
          person_id: id,
          role: input.role,
          kind: "standing",
          granted_by: "staging",
          granted_at: now,
        })
        .execute();
    }
    record.target({ type: "staff", id, label: input.login });
    return { id };
  },
});

/** Commands that only a test's console has. */
export const stagingModule = defineModule({
  name: "staging",
  commands: [stageSession, ageFactor, stagePerson],
  queries: [],
  routes: [],
  params: [],
  jobs: [],
  nav: [],
});
