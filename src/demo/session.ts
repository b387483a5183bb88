import { z } from "zod";
import { createSession, newHandle, sessionId } from "../access/sessions.ts";
import { command } from "../door/command.ts";
import { Id } from "../door/ids.ts";

/** Minutes that a session of the demo's loading lives. */
const MINUTES = 60;

/** A session of one of the demo's people while it is being loaded; no cookie of it ever exists. Demo only. */
export const demoSession = command({
  name: "demo.session",
  input: z.strictObject({ person: Id }),
  crud: "c",
  // no route leads here, and no other console has it
  anonymous: true,
  category: "staff",
  target: (input) => ({ type: "staff", id: input.person }),
  async run({ tx, input, now }) {
    const clock = { now: () => now };
    const token = await createSession(tx, clock, {
      person: input.person,
      handle: newHandle(clock),
      level: 2,
      authenticatedAt: now,
      factorAt: now,
      expiresAt: new Date(now.getTime() + MINUTES * 60_000),
      address: "",
      agent: "demo",
      device: null,
    });
    return { session: sessionId(token) };
  },
});
