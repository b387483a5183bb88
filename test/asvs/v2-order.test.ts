import { array, assert, asyncProperty, constantFrom } from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { uuidv7 } from "../../src/door/ids.ts";
import { Refusal } from "../../src/door/refusal.ts";
import { edit } from "../../src/mall/members/edit.ts";
import { cancel, check, start, upload } from "../../src/mall/members/import/commands.ts";
import { importMachine } from "../../src/mall/members/import/model.ts";
import { chunk } from "../../src/mall/members/import/step.ts";
import { reviewMachine, statusMachine } from "../../src/mall/members/model.ts";
import { review } from "../../src/mall/members/review.ts";
import { freeze, unfreeze } from "../../src/mall/members/standing.ts";
import { everything, membersWorld, type MembersWorld } from "../mall/members/support.ts";
import { csv } from "../mall/members/import/support.ts";

interface Arrow {
  from: string;
  to: string;
}

let world: MembersWorld;
beforeAll(async () => {
  world = await membersWorld({ duties: { "members.review": ["members.register", "members.edit"] } });
});
afterAll(async () => await world.close());

const runs = { numRuns: 12 };

/** What became of an attempt: done, or refused in words of ours. An error of any other kind fails the test. */
async function attempt(work: Promise<unknown>): Promise<boolean> {
  try {
    await work;
    return true;
  } catch (error) {
    if (error instanceof Refusal && error.kind !== "unavailable") return false;
    throw error;
  }
}

/** Whether a way through some states takes only arrows of the machine; staying where one is takes none. */
function lawful(machine: readonly Arrow[], way: readonly string[]): boolean {
  return way.every((to, at) => {
    const from = way[at - 1];
    return (
      from === undefined || from === to || machine.some((arrow) => arrow.from === from && arrow.to === to)
    );
  });
}

async function one<T>(text: string, id: string): Promise<T> {
  const { rows } = await world.db.owner.query(text, [id]);
  // the columns that the query names
  return rows[0] as T;
}

describe("V2 steps in their order, whatever is tried in whichever order (ASVS 2.3.1)", () => {
  test("2.3.1 the check of a way knows a wrong one", () => {
    expect(lawful(importMachine, ["uploading", "uploaded", "checking", "checked"])).toBe(true);
    expect(lawful(importMachine, ["uploading", "uploaded", "running"])).toBe(false);
    expect(lawful(reviewMachine, ["returned", "approved"])).toBe(false);
  });

  test("2.3.1 an import goes from upload to dry run to start, and never past one of them", async () => {
    const tries = ["more", "last", "broken", "check", "start", "cancel", "work"] as const;
    const reached = new Set<string>();
    await assert(
      asyncProperty(array(constantFrom(...tries), { minLength: 6, maxLength: 14 }), async (sequence) => {
        const id = uuidv7();
        const bytes = Buffer.from(csv()).toString("base64");
        const sha256 = "0".repeat(64);
        let no = 0;
        const send = async (last: unknown) => {
          if (await attempt(world.door.execute(upload, world.clerk, { import: id, no, bytes, last })))
            no += 1;
        };
        await send(null);
        const version = async () =>
          (await one<{ version: number }>("SELECT version FROM members.import WHERE id = $1", id)).version;
        const doing = {
          more: async () => await send(null),
          last: async () => await send({ sha256, encoding: "utf-8" }),
          broken: async () => await send({ sha256, problem: "quotes" }),
          check: async () => await attempt(world.door.execute(check, world.clerk, { import: id })),
          start: async () =>
            await attempt(world.door.execute(start, world.clerk, { import: id, version: await version() })),
          cancel: async () => await attempt(world.door.execute(cancel, world.clerk, { import: id })),
          work: async () =>
            await attempt(
              world.door.execute(chunk, { type: "scheduler", job: "members.import" }, { import: id }),
            ),
        };
        const way: string[] = [];
        for (const step of sequence) {
          await doing[step]();
          way.push(
            (await one<{ state: string }>("SELECT state FROM members.import WHERE id = $1", id)).state,
          );
        }
        for (const state of way) reached.add(state);
        expect(`${way.join(" ")} ${lawful(importMachine, way)}`).toMatch(/ true$/);
      }),
      { ...runs, numRuns: 40 },
    );
    expect([...reached]).toEqual(expect.arrayContaining(["uploaded", "checking", "cancelled"]));
  }, 60_000);

  test("2.3.1 a member's data is approved only after somebody else submitted it, and stands still while decided", async () => {
    const people = [world.clerk, world.person(...everything), world.person(...everything)];
    const tries = ["edit", "approve", "return", "freeze", "unfreeze"] as const;
    const steps = array(constantFrom(...tries.flatMap((deed) => [0, 1, 2].map((who) => ({ deed, who })))), {
      minLength: 5,
      maxLength: 12,
    });
    let names = 0;
    await assert(
      asyncProperty(steps, async (sequence) => {
        const id = await world.member();
        const read = async () =>
          await one<{ version: number; review_state: string; status: string }>(
            "SELECT version, review_state, status FROM members.member WHERE id = $1",
            id,
          );
        let writer = 0;
        const [reviews, statuses] = [["submitted"], ["active"]];
        for (const { deed, who } of sequence) {
          const person = people[who] ?? world.clerk;
          const at = { member: id, version: (await read()).version };
          const name = `王${"一二三四五六七八九"[(names += 1) % 9]}${"甲乙丙丁"[names % 4]}`;
          const data = { name, phone: null, email: null, sex: null, birth_date: null, tier: "standard" };
          const doing = {
            edit: async () => await world.door.execute(edit, person, { ...at, ...data }),
            approve: async () => await world.door.execute(review, person, { ...at, decision: "approve" }),
            return: async () =>
              await world.door.execute(review, person, { ...at, decision: "return", reason: "incomplete" }),
            freeze: async () =>
              await world.door.execute(freeze, person, { ...at, reason: "fraud_suspected" }),
            unfreeze: async () => await world.door.execute(unfreeze, person, at),
          };
          const before = await read();
          const done = await attempt(doing[deed]());
          const after = await read();
          reviews.push(after.review_state);
          statuses.push(after.status);
          if (!done) expect(after).toEqual(before);
          if (done && (deed === "approve" || deed === "return")) {
            expect(before.review_state).toBe("submitted");
            expect(who).not.toBe(writer);
          }
          if (deed === "edit" && after.version > before.version) writer = who;
        }
        expect(`${reviews.join(" ")} ${lawful(reviewMachine, reviews)}`).toMatch(/ true$/);
        expect(`${statuses.join(" ")} ${lawful(statusMachine, statuses)}`).toMatch(/ true$/);
      }),
      runs,
    );
  }, 60_000);
});
