import { createHash, randomBytes, randomInt, randomUUID } from "node:crypto";
import type { Tx } from "../../src/door/tables.ts";
import { uuidv7 } from "../../src/door/ids.ts";
import type { Attempt } from "./protocol.ts";

/** Rows of an import: two steps of it. */
const IMPORT_ROWS = 620;
/** Imports under way at the same time; one whose worker was killed waits for the end of its lease. */
const IMPORTS_AT_ONCE = 3;

type Draft = Omit<Attempt, "key"> & { key?: string };

/** Thinks of the next thing that somebody at work would do; null when there is nothing to do it to. */
type Idea = (read: Tx) => Promise<Draft | null>;

const clerks = ["ma.jun", "li.na"] as const;

const ideas: readonly (readonly [weight: number, idea: Idea])[] = [
  [24, async () => ({ login: pick(clerks), command: "members.register", input: registration() })],
  [24, edit],
  [12, standing],
  [12, consent],
  [6, review],
  [2, look],
  [3, search],
  [3, exportOne],
  [2, importStep],
];
const total = ideas.reduce((sum, [weight]) => sum + weight, 0);

/** The next command of somebody's day. */
export async function nextAttempt(read: Tx): Promise<Attempt | null> {
  let roll = randomInt(total);
  const [, idea] = ideas.find(([weight]) => (roll -= weight) < 0) ?? ideas[0] ?? [0, async () => null];
  const draft = await idea(read);
  return draft === null ? null : { key: randomUUID(), ...draft };
}

async function edit(read: Tx): Promise<Draft | null> {
  const member = await someMember(read);
  if (member === null) return null;
  const nothing = { name: null, phone: null, email: null, sex: null, birth_date: null };
  const change = pick([{ phone: phone() }, { email: mail() }, { name: pick(names) }, {}]);
  const tier = pick(["standard", "silver", "gold"]);
  const input = { member: member.id, version: member.version, ...nothing, ...change, tier };
  return { login: pick(clerks), command: "members.edit", input };
}

async function standing(read: Tx): Promise<Draft | null> {
  const member = await someMember(read);
  if (member === null) return null;
  const input = { member: member.id, version: member.version };
  return member.status === "frozen"
    ? { login: "ma.jun", command: "members.unfreeze", input }
    : { login: "ma.jun", command: "members.freeze", input: { ...input, reason: "member_request" } };
}

async function consent(read: Tx): Promise<Draft | null> {
  const member = await someMember(read);
  if (member === null) return null;
  const [purpose, granted] = [pick(["marketing", "profiling", "sharing"]), randomInt(2) === 0];
  const input = { member: member.id, purpose, granted, channel: "phone" };
  return { login: pick(clerks), command: "members.consent.record", input };
}

async function review(read: Tx): Promise<Draft | null> {
  const member = await someMember(read);
  if (member === null) return null;
  const input = { member: member.id, version: member.version, decision: "approve" };
  return { login: "gao.fei", command: "members.review", input };
}

async function look(read: Tx): Promise<Draft | null> {
  const member = await someMember(read);
  if (member === null) return null;
  const input = { member: member.id, field: "phone", purpose: "data_review", ticket: null };
  return { login: pick(["li.na", "tom.baker", "ma.jun", "lin.wei"]), command: "members.reveal", input };
}

async function search(): Promise<Draft> {
  const input = { by: "phone", text: phone() };
  return { login: pick(["li.na", "tom.baker", "gao.fei"]), command: "members.search", input };
}

/** Asks for an export, or agrees to one that waits. */
async function exportOne(read: Tx): Promise<Draft | null> {
  const open = await read
    .selectFrom("door.approval_request")
    .select(["id", "payload_digest"])
    .where("state", "=", "open")
    .orderBy("created_at")
    .limit(1)
    .executeTakeFirst();
  if (open !== undefined && randomInt(2) === 0) {
    const digest = open.payload_digest.toString("base64url");
    const input = { request: open.id, decision: pick(["approve", "deny"]), digest, reason: "as agreed" };
    return { login: "chen.hao", command: "approvals.decide", input };
  }
  const member = await someMember(read);
  if (member === null) return null;
  const input = { member: member.id, version: member.version, reason: "asked for at the counter" };
  return { login: "lin.wei", command: "members.export", input };
}

/** Takes an import one step on, or sends a new file. The rows themselves are the worker's. */
async function importStep(read: Tx): Promise<Draft | null> {
  const open = await read
    .selectFrom("members.import")
    .select(["id", "state", "version"])
    .where("state", "in", ["uploaded", "checking", "checked", "running"])
    .execute();
  const ready = open.find(({ state }) => state === "uploaded" || state === "checked");
  if (ready?.state === "uploaded")
    return { login: "ma.jun", command: "members.import.check", input: { import: ready.id } };
  if (ready !== undefined) {
    const input = { import: ready.id, version: ready.version };
    return { login: "ma.jun", command: "members.import.start", input };
  }
  if (open.length >= IMPORTS_AT_ONCE) return null;
  const bytes = Buffer.from(file());
  const sha256 = createHash("sha256").update(bytes).digest("hex");
  const last = { sha256, encoding: "utf-8" };
  const input = { import: uuidv7(), no: 0, bytes: bytes.toString("base64"), last };
  return { login: "ma.jun", command: "members.import.upload", input };
}

/** One of the newest members, so that commands meet at the same rows now and then. */
async function someMember(read: Tx) {
  const members = await read
    .selectFrom("members.member")
    .select(["id", "version", "status"])
    .orderBy("registered_at", "desc")
    .limit(60)
    .execute();
  return members.length === 0 ? null : pick(members);
}

const names = ["王小明", "Ada Byron", "李雷", "韩梅梅", "Grace O'Neil"];
const phone = () => `1${randomInt(3, 10)}${String(randomInt(1_000_000_000)).padStart(9, "0")}`;
const mail = () => `${randomBytes(8).toString("hex")}@example.com`;
const memberNo = () => `C${randomBytes(7).toString("hex").toUpperCase()}`;

function registration() {
  return {
    member_no: memberNo(),
    name: pick(names),
    phone: phone(),
    email: mail(),
    sex: "female",
    birth_date: "1990-04-05",
    consents: ["service", "marketing"],
    channel: "counter",
  };
}

function file(): string {
  const row = () =>
    `${memberNo()},${pick(names)},${phone()},${mail()},f,1985-01-31,2024-05-06,service@2026-01`;
  const header = "member_no,name,phone,email,sex,birth_date,registered_at,consents";
  return [header, ...Array.from({ length: IMPORT_ROWS }, row), ""].join("\n");
}

function pick<T>(list: readonly T[]): T {
  const found = list[randomInt(list.length)];
  if (found === undefined) throw new Error("nothing to pick from");
  return found;
}
