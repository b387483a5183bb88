import { z } from "zod";
import { command } from "../door/command.ts";
import { about } from "../access/about.ts";
import { makeRecoveryCodes } from "../access/factor/recovery.ts";
import { TOTP_LABEL } from "../access/factor/use.ts";
import { ruleOf } from "../access/grants/commands.ts";
import { syncDuties } from "../access/grants/duties.ts";
import { hashOf, HashedPassword, newPassword, storePassword } from "../access/password/new-password.ts";
import { addPerson, DisplayName, Login } from "../access/staff/people.ts";
import { Refusal } from "../door/refusal.ts";
import type { Console } from "../app.ts";
import type { DemoAccount } from "./accounts.ts";

const Planted = z.strictObject({
  login: Login,
  name: DisplayName,
  language: z.enum(["zh-CN", "en"]),
  roles: z.array(z.string().max(60)).min(1),
  password: HashedPassword,
  totpSecret: z.string().regex(/^[A-Z2-7]{32}$/),
});

/**
 * Puts the demo's people into an empty console, enrolled and with their roles, and closes the set-up. Only a console
 * that was started as a demo has this command, and it refuses as soon as one person exists.
 */
export const plantStaff = command({
  name: "demo.staff",
  input: z.strictObject({ people: z.array(Planted).min(1).max(100) }),
  crud: "c",
  category: "access",
  // no route leads here, and no other console has it
  anonymous: true,
  severity: 3,
  async run({ tx, vault, access, input, params, record, now, newId }) {
    const policy = await access.rules(tx);
    const somebody = await tx.selectFrom("access.person").select("id").limit(1).executeTakeFirst();
    if (somebody !== undefined) throw new Refusal("conflict", "setup_closed");
    await syncDuties(tx, policy);
    for (const { login, name, language, roles, password, totpSecret } of input.people) {
      const id = newId();
      await addPerson(tx, { id, login, name, by: "demo", now });
      await tx.updateTable("access.person").set({ state: "active" }).where("id", "=", id).execute();
      await tx.updateTable("access.preference").set({ language }).where("person_id", "=", id).execute();
      await about(tx, id);
      await storePassword(tx, id, hashOf(password, "password"), now);
      const secret = await vault.seal(tx, TOTP_LABEL, Buffer.from(totpSecret), id);
      await tx
        .insertInto("access.totp")
        .values({ id: newId(), person_id: id, secret, state: "active", created_at: now, confirmed_at: now })
        .execute();
      await makeRecoveryCodes({ tx, params, now }, id);
      for (const role of roles) {
        await tx
          .insertInto("access.role_grant")
          .values({
            id: newId(),
            person_id: id,
            role,
            kind: ruleOf(policy, role).just_in_time ? "eligible" : "standing",
            granted_by: "demo",
            granted_at: now,
          })
          .execute();
      }
      record.target({ type: "staff", id, label: login });
    }
    await tx.updateTable("access.setup").set({ closed_at: now }).execute();
    record.fact("people", input.people.length);
    return {};
  },
});

/** Hashes the passwords, then plants everybody in one transaction. */
export async function plant(
  console: Console,
  people: readonly (DemoAccount & { name: string })[],
): Promise<void> {
  const { runtime } = console.access;
  const policy = await console.rules(console.read);
  const planted = await Promise.all(
    people.map(async ({ login, name, language, roles, password, totpSecret }) => ({
      login,
      name,
      language,
      roles: [...roles],
      totpSecret,
      password: await newPassword(runtime.hashing, policy, runtime.blocklist, {
        password,
        names: [login, name],
      }),
    })),
  );
  await console.door.execute(plantStaff, { type: "operator", osUser: "demo" }, { people: planted });
}
