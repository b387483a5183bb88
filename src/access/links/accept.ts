import { z } from "zod";
import { command } from "../../door/command.ts";
import { Refusal } from "../../door/refusal.ts";
import { about } from "../about.ts";
import { notify } from "../notices/notify.ts";
import { hashOf, HashedPassword, storePassword } from "../password/new-password.ts";
import { endSessionsOf } from "../sessions.ts";
import { useLink } from "./link.ts";

/** What our link tokens look like. */
export const LinkToken = z.string().regex(/^[\w-]{43}$/);

/**
 * Uses an invitation or a reset: sets the password and ends every session. It signs nobody in, and leaves the second
 * factor as it is: a reset does not go around it (ASVS 6.4.2).
 */
export const acceptLink = command({
  name: "access.link.accept",
  input: z.strictObject({ token: LinkToken, password: HashedPassword }),
  anonymous: true,
  severity: 2,
  async run({ tx, input, record, now }) {
    const { kind, person } = await useLink(tx, input.token, ["invite", "reset"], now);
    const row = await tx
      .selectFrom("access.person")
      .select(["id", "login", "state"])
      .where("id", "=", person)
      .forUpdate()
      .executeTakeFirst();
    if (row === undefined || row.state === "disabled") throw new Refusal("not-found", "link_gone");
    record.target({ type: "staff", id: row.id, label: row.login });
    record.fact("kind", kind);
    await about(tx, row.id);
    await storePassword(tx, row.id, hashOf(input.password, "password"), now);
    await endSessionsOf(tx, { now: () => now }, row.id, "credentials");
    // a first password changes nothing that anybody else could have had
    if (kind === "invite") return;
    await notify(tx, now, [row.id], { kind: "credential_changed", facts: { what: "password" }, href: "/me" });
  },
});
