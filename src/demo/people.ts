import { z } from "zod";
import { command } from "../door/command.ts";
import { TOTP_LABEL } from "../access/factor/use.ts";

const Person = z.strictObject({
  id: z.uuid(),
  login: z.string().max(32),
  name: z.string().max(80),
  roles: z.array(z.string()).min(1),
  language: z.enum(["zh-CN", "en"]),
  passwordHash: z.string().startsWith("$argon2id$"),
  totpSecret: z.string().regex(/^[A-Z2-7]{32}$/),
});

/**
 * Puts the demo's people in place, enrolled, with passwords that everybody can read. It exists only in a console that
 * was started as a demo: no other one has this command.
 */
export const seedPeople = command({
  name: "demo.people",
  input: z.strictObject({ people: z.array(Person).min(1).max(50) }),
  crud: "c",
  // no route leads here, and no other console has it
  anonymous: true,
  category: "staff",
  severity: 3,
  target: () => ({ type: "demo", id: "people" }),
  async run({ tx, input, vault, record, now, newId }) {
    for (const person of input.people) {
      await tx
        .insertInto("access.person")
        .values({
          id: person.id,
          login: person.login,
          display_name: person.name,
          state: "active",
          created_at: now,
          created_by: "demo",
        })
        .execute();
      await tx
        .insertInto("access.preference")
        .values({ person_id: person.id, language: person.language })
        .execute();
      await tx
        .insertInto("access.password")
        .values({ person_id: person.id, hash: person.passwordHash, changed_at: now })
        .execute();
      const secret = await vault.seal(tx, TOTP_LABEL, Buffer.from(person.totpSecret), person.id);
      await tx
        .insertInto("access.totp")
        .values({
          id: newId(),
          person_id: person.id,
          secret,
          state: "active",
          created_at: now,
          confirmed_at: now,
        })
        .execute();
      await tx
        .insertInto("access.role_grant")
        .values(
          person.roles.map((role) => ({
            id: newId(),
            person_id: person.id,
            role,
            kind: "standing" as const,
            reason: "demo",
            granted_by: "demo",
            granted_at: now,
          })),
        )
        .execute();
      record.target({ type: "staff", id: person.id, label: person.login });
    }
    await tx.updateTable("access.setup").set({ closed_at: now }).where("closed_at", "is", null).execute();
    record.fact("people", input.people.length);
    return {};
  },
});
