import type { Credential } from "../../../src/door/actor.ts";
import { commands } from "../../../src/mall/members/commands.ts";
import { register } from "../../../src/mall/members/register.ts";
import { type TestDatabase, testDatabase } from "../../support/database.ts";
import { type TestDoor, testDoor, type TestDoorOptions } from "../../support/door.ts";

/** Values as the shipped policy has them, small where a test has to reach a limit. */
export const testParams = {
  reveal_purposes: [
    { code: "service_request", ticket: true },
    { code: "data_review", ticket: false },
  ],
  reveal_minutes: 10,
  reveal_budgets: { test: 3 },
  member_searches_per_minute: 20,
  statistics_min_cell: 5,
  member_min_age: 14,
  privacy_notice_version: "2026-01",
  member_export_hours: 24,
  import_max_megabytes: 2,
  import_person_megabytes: 1_000,
  import_person_files: 100,
  import_wait_hours: 24,
};

export const everything = [
  ...commands.map((command) => command.name),
  "members.list",
  "members.view",
  "members.review_queue",
  "members.statistics",
  "members.statistics.count",
  "members.imports",
  "members.import.report",
  "members.exports",
];

export interface MembersWorld extends TestDoor {
  db: TestDatabase;
  /** Somebody who may do all of this module. */
  clerk: Credential & { type: "session" };
  /** Registers a member and gives the id. */
  member(data?: Partial<RegisterInput>): Promise<string>;
}

export interface RegisterInput {
  member_no: string;
  name: string;
  phone: string;
  email: string;
  sex: string;
  birth_date: string;
  consents: string[];
  channel: string;
}

let numbers = 0;

/** Input of a registration that is right in every field, and unlike all others of this run. */
export function registration(data: Partial<RegisterInput> = {}): RegisterInput {
  numbers += 1;
  const no = String(numbers).padStart(6, "0");
  return {
    member_no: `M${no}`,
    name: "张小凤",
    phone: `139${no}${no.slice(-2)}`,
    email: `m${no}@example.com`,
    sex: "female",
    birth_date: "1990-04-05",
    consents: ["service"],
    channel: "counter",
    ...data,
  };
}

/** The module over a real database, door and vault. Close it in `afterAll`. */
export async function membersWorld(options: TestDoorOptions = {}): Promise<MembersWorld> {
  const db = await testDatabase();
  const door = await testDoor(db, { commands, ...options, params: { ...testParams, ...options.params } });
  const clerk = door.person(...everything);
  return {
    ...door,
    db,
    clerk,
    async member(data) {
      return (await door.door.execute(register, clerk, registration(data))).value.member;
    },
    async close() {
      await door.close();
      await db.close();
    },
  };
}

/** Kind, code and fields of the refusal that a promise ends in. */
export async function refusalOf(promise: Promise<unknown>) {
  const { Refusal } = await import("../../../src/door/refusal.ts");
  const error: unknown = await promise.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof Refusal)) throw new Error("no refusal", { cause: error });
  return {
    kind: error.kind,
    code: error.code,
    issues: (error.details.issues ?? []).map((issue) => `${issue.path} ${issue.code}`),
  };
}
