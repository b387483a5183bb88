import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { register } from "../../../src/mall/members/register.ts";
import { type MembersWorld, membersWorld, refusalOf, registration } from "./support.ts";

describe("5.1.0, 5.1.1 registering a member", () => {
  let world: MembersWorld;
  beforeAll(async () => {
    world = await membersWorld();
  });
  afterAll(async () => await world.close());

  it("stores name, sex, birth, phone and mail as envelopes only, and leaves none of them in the log", async () => {
    const id = await world.member({
      name: "欧阳若兰",
      phone: "137 1234 5678",
      email: "Ruolan.OuYang@Example.com",
      birth_date: "1988/2/9",
    });
    const { rows } = await world.db.owner.query<Record<string, unknown>>(
      "SELECT * FROM members.member WHERE id = $1",
      [id],
    );
    const row = rows[0] ?? {};
    for (const column of ["name_ct", "sex_ct", "birth_ct", "phone_ct", "email_ct"]) {
      expect(row[column]).toMatch(/^e1\.A256GCM\./);
    }
    const everywhere = JSON.stringify([row, await world.events()]).toLowerCase();
    for (const planted of ["欧阳若兰", "13712345678", "ruolan", "1988-02-09", "1988/2/9"]) {
      expect(everywhere).not.toContain(planted);
    }
    expect(row["review_state"]).toBe("submitted");
    const event = (await world.events()).at(-1);
    expect(event).toMatchObject({ action: "members.register", crud: "c", target: [{ type: "member", id }] });
    expect(event?.["fields"]).toEqual(["tier", "consents", "name", "sex", "birth_date", "phone", "email"]);
  });

  it("asks for little: a name, a phone or a mail, and consent to the service", async () => {
    const short = registration({ phone: "", sex: "", birth_date: "" });
    await expect(world.door.execute(register, world.clerk, short)).resolves.toBeDefined();
    expect(
      await refusalOf(
        world.door.execute(register, world.clerk, registration({ phone: "", email: "", consents: [] })),
      ),
    ).toEqual({ kind: "invalid", code: "invalid", issues: ["phone contact", "consents service_consent"] });
  });

  it("says which fields it cannot read", async () => {
    const bad = registration({
      member_no: "!!",
      name: "=HYPERLINK(1)",
      phone: "12",
      email: "nobody",
      sex: "maybe",
      birth_date: "1990-02-30",
    });
    expect((await refusalOf(world.door.execute(register, world.clerk, bad))).issues).toEqual([
      "member_no member_no",
      "name name",
      "phone phone",
      "email email",
      "sex sex",
      "birth_date date",
    ]);
  });

  it("refuses children under the policy's age", async () => {
    const child = registration({ birth_date: `${new Date().getFullYear() - 10}-01-01` });
    expect((await refusalOf(world.door.execute(register, world.clerk, child))).issues).toEqual([
      "birth_date too_young",
    ]);
  });

  it.each(["member_no", "phone", "email"] as const)(
    "refuses a %s that another member has, at its field",
    async (field) => {
      const first = registration();
      await world.door.execute(register, world.clerk, first);
      const second = { ...registration(), [field]: first[field] };
      expect((await refusalOf(world.door.execute(register, world.clerk, second))).issues).toEqual([
        `${field} taken`,
      ]);
    },
  );

  it("lets exactly one of two sessions register the same phone", async () => {
    const phone = "13899990000";
    const attempts = await Promise.allSettled(
      [registration({ phone }), registration({ phone })].map((input) =>
        world.door.execute(register, world.clerk, input),
      ),
    );
    expect(attempts.map((a) => a.status).sort()).toEqual(["fulfilled", "rejected"]);
    expect(world.unexpected).toEqual([]);
  });

  it("refuses keys it does not know", async () => {
    const input = { ...registration(), status: "frozen" };
    expect((await refusalOf(world.door.execute(register, world.clerk, input))).issues).toEqual([
      "status unknown",
    ]);
  });
});
