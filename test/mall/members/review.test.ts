import * as fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { edit } from "../../../src/mall/members/edit.ts";
import { reviewQueue } from "../../../src/mall/members/list.ts";
import { reviewMachine, reviewStates, step } from "../../../src/mall/members/model.ts";
import { register } from "../../../src/mall/members/register.ts";
import { review } from "../../../src/mall/members/review.ts";
import { type MembersWorld, membersWorld, refusalOf, registration } from "./support.ts";

describe("5.1.2 reviewing submitted data", () => {
  let world: MembersWorld;
  beforeAll(async () => {
    world = await membersWorld({ duties: { "members.review": ["members.register", "members.edit"] } });
  });
  afterAll(async () => await world.close());

  const approve = (member: string, version: number) => ({ member, version, decision: "approve" });

  it("approves, or returns with a reason, and keeps both in the log", async () => {
    const reviewer = world.person("members.review");
    const [one, two] = [await world.member(), await world.member()];
    await world.door.execute(review, reviewer, approve(one, 1));
    await world.door.execute(review, reviewer, {
      member: two,
      version: 1,
      decision: "return",
      reason: "contact_wrong",
    });
    const events = (await world.events()).filter((e) => e["action"] === "members.review");
    expect(events.map((e) => e["change"])).toEqual([
      [{ field: "review_state", before: "submitted", after: "approved" }],
      [
        { field: "review_state", before: "submitted", after: "returned" },
        { field: "review_reason", before: null, after: "contact_wrong" },
      ],
    ]);
  });

  it("refuses whoever entered or last changed the data", async () => {
    const clerk = world.person("members.register", "members.edit", "members.review");
    const other = world.person("members.edit", "members.review");
    const { member } = (await world.door.execute(register, clerk, registration())).value;
    expect(await refusalOf(world.door.execute(review, clerk, approve(member, 1)))).toMatchObject({
      kind: "denied",
      code: "duty",
    });
    const changes = {
      name: "何田田",
      phone: null,
      email: null,
      sex: null,
      birth_date: null,
      tier: "standard",
    };
    await world.door.execute(edit, other, { member, version: 1, ...changes });
    expect((await refusalOf(world.door.execute(review, other, approve(member, 2)))).code).toBe("duty");
  });

  it("never ends in an approved change of one's own, when edit and review by one person run at once", async () => {
    let hold: Promise<void> | undefined;
    let committing = () => {};
    const barrier = await membersWorld({
      duties: { "members.review": ["members.register", "members.edit"] },
      // an edit stops before its commit, with the row locked and its deed unseen by others
      wrap: (pool) => ({
        async connect() {
          const connection = await pool.connect();
          return {
            release: (broken) => connection.release(broken),
            async query(statement) {
              const text = typeof statement === "string" ? statement : statement.text;
              if (hold !== undefined && text.startsWith("COMMIT")) {
                const wait = hold;
                hold = undefined;
                committing();
                await wait;
              }
              return await connection.query(statement);
            },
          };
        },
      }),
    });
    const both = barrier.person("members.edit", "members.review");
    const member = await barrier.member();
    const atCommit = new Promise<void>((resolve) => (committing = resolve));
    let go = () => {};
    hold = new Promise<void>((resolve) => (go = resolve));
    const rest = { phone: null, email: null, sex: null, birth_date: null, tier: "standard" };
    const editing = barrier.door.execute(edit, both, { member, version: 1, name: "何田田", ...rest });
    await atCommit;
    const reviewing = refusalOf(barrier.door.execute(review, both, approve(member, 2)));
    await vi.waitUntil(async () => {
      const { rows } = await barrier.db.owner.query("SELECT FROM pg_locks WHERE NOT granted");
      return rows.length > 0;
    });
    go();
    await editing;
    expect(await reviewing).toMatchObject({ kind: "denied", code: "duty" });
    const { rows } = await barrier.db.owner.query(
      "SELECT review_state, submitted_by, reviewed_by FROM members.member",
    );
    expect(rows).toEqual([{ review_state: "submitted", submitted_by: both.person, reviewed_by: null }]);

    // and with a hole in the command, the row itself refuses
    await barrier.db.owner.query("ALTER TABLE members.member DISABLE TRIGGER USER");
    const approved = barrier.db.owner.query(
      "UPDATE members.member SET review_state = 'approved', reviewed_at = now(), reviewed_by = submitted_by",
    );
    await expect(approved).rejects.toThrow("member_review_other");
    await barrier.close();
  });

  it("refuses a return without a reason, a decision on a version nobody saw, and a second decision", async () => {
    const reviewer = world.person("members.review");
    const member = await world.member();
    const noReason = { member, version: 1, decision: "return" };
    expect((await refusalOf(world.door.execute(review, reviewer, noReason))).issues).toEqual([
      "reason choice",
    ]);
    expect((await refusalOf(world.door.execute(review, reviewer, approve(member, 2)))).kind).toBe("conflict");
    await world.door.execute(review, reviewer, approve(member, 1));
    expect((await refusalOf(world.door.execute(review, reviewer, approve(member, 2)))).code).toBe("state");
  });

  it("lets exactly one of two reviewers decide", async () => {
    const member = await world.member();
    const reviewers = [world.person("members.review"), world.person("members.review")];
    const results = await Promise.allSettled(
      reviewers.map((reviewer) => world.door.execute(review, reviewer, approve(member, 1))),
    );
    expect(results.map((r) => r.status).sort()).toEqual(["fulfilled", "rejected"]);
  });

  it("queues the longest waiting first, page by page, without a gap", async () => {
    const { rows } = await world.door.ask(reviewQueue, world.clerk, {});
    const times = rows.map((row) => row.submitted_at.getTime());
    expect(times).toEqual(times.toSorted((a, b) => a - b));
    expect(rows.every((row) => row.review_state === "submitted")).toBe(true);
  });

  it("walks every pair of state and event: an arrow of the table or a refusal", () => {
    const events = [...new Set(reviewMachine.map((arrow) => arrow.event))];
    fc.assert(
      fc.property(fc.constantFrom(...reviewStates), fc.constantFrom(...events), (from, event) => {
        const arrow = reviewMachine.find((a) => a.from === from && a.event === event);
        if (arrow === undefined) expect(() => step(reviewMachine, from, event)).toThrow("conflict: state");
        else expect(step(reviewMachine, from, event)).toBe(arrow.to);
      }),
    );
  });
});
