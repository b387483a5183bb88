import { chmod, mkdir, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import type { DemoAccount } from "../../src/demo/accounts.ts";
import { readPostmaster } from "../../src/platform/database/postmaster.ts";
import { type Program, startProgram } from "../start/program.ts";
import { birthday, type Canary, chineseName, latinName, mail, phone, tracesOf } from "./canaries.ts";
import { searchFiles, searchTables, watcher } from "./search.ts";
import { Visitor } from "./visitor.ts";

// A whole demo is loaded, lived in, and read byte by byte.
vi.setConfig({ testTimeout: 300_000, hookTimeout: 600_000 });

/** People of the imported file. */
const IMPORTED = 5;

const canaries: Canary[] = [];
const plant = (what: string, text: string): string => {
  canaries.push({ what, text });
  return text;
};

const person = (what: string) => ({
  name: plant(`${what}: name`, Math.random() < 0.5 ? latinName() : chineseName()),
  phone: plant(`${what}: phone`, phone()),
  email: plant(`${what}: mail`, mail()),
  birth: plant(`${what}: birthday`, birthday()),
});

let home: string;
let dataDir: string;
let temp: string;
let program: Program | undefined;
let tables: { found: string[]; tables: number };
/** What the person who looked was shown, so that a test that shows nothing cannot pass. */
const shown: string[] = [];
const statuses: Record<string, number> = {};

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), `gatehouse-privacy-${process.pid}-`));
  await chmod(home, 0o755);
  [dataDir, temp] = [join(home, "var"), join(home, "tmp")];
  await mkdir(temp, { mode: 0o1777 });
  await chmod(temp, 0o1777);
  program = await startProgram({
    dataDir,
    args: ["--demo"],
    env: { TMPDIR: temp, LOG_LEVEL: "trace" },
  });
  const { url } = await program.ready();
  // written by the demo itself
  const accounts = JSON.parse(await readFile(join(dataDir, "accounts.json"), "utf8")) as DemoAccount[];
  await live(url, (login) => {
    const account = accounts.find((a) => a.login === login);
    if (account === undefined) throw new Error(`the demo has no ${login}`);
    return new Visitor(url, account);
  });
  await delay(1_000); // the sequencer has moved the last events
  tables = await searchTables(await adminUrl(), watcher(canaries));
  program.signal("SIGTERM");
  expect(await program.ended).toBe(0);
});

afterAll(async () => {
  program?.signal("SIGKILL");
  await program?.ended;
  const postmaster = await readPostmaster(join(dataDir, "postgres"));
  if (postmaster !== undefined) process.kill(postmaster.pid, "SIGKILL");
  await rm(home, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
});

async function adminUrl(): Promise<string> {
  const postmaster = await readPostmaster(join(dataDir, "postgres"));
  const password = await readFile(join(dataDir, "postgres.password"), "utf8");
  return `postgres://postgres:${password}@127.0.0.1:${postmaster?.port ?? 0}/gatehouse`;
}

/** A day at the console, with data where it belongs and where people put it by mistake. */
async function live(url: string, visitor: (login: string) => Visitor): Promise<void> {
  const [manager, officer, approver] = [visitor("ma.jun"), visitor("lin.wei"), visitor("chen.hao")];
  await manager.signIn();
  await officer.signIn();

  await importFile(manager);
  const member = await registerAndEdit(manager);
  await searchAndLook(manager, member);
  await approver.signIn();
  await exportOne(officer, approver, member);
  await mistakes(url, manager, member);
}

async function importFile(manager: Visitor): Promise<void> {
  // newer than all of the demo, so that it stands on the first page of the list
  const today = new Date(Date.now() - 60_000).toISOString().replace(/\.\d+Z$/, "Z");
  const rows = Array.from({ length: IMPORTED }, (_, n) => {
    const { name, phone: number, email, birth } = person(`import ${n + 1}`);
    return `Z90000${n},${name},${number},${email},f,${birth},${today},service@2026-01`;
  });
  const bad = plant("import: a row that is refused", phone());
  const header = "member_no,name,phone,email,sex,birth_date,registered_at,consents";
  const file = [
    header,
    ...rows,
    `Z900099,${plant("import: a refused name", latinName())},${bad},no mail,f,1990-02-31,x,`,
  ];
  const sent = await manager.upload(
    "/members/imports",
    `${plant("import: the file's name", latinName())}.csv`,
    file.join("\n"),
  );
  statuses["import"] = sent.status;
  await hears(manager, sent.location, /\/start"/);
  await manager.send(sent.location, {}, `${sent.location}/start`);
  await hears(manager, "/members", /Z900000/);
}

async function registerAndEdit(manager: Visitor): Promise<string> {
  const one = person("registration");
  const registered = await manager.send(
    "/members/new",
    {
      member_no: "Z900100",
      name: one.name,
      phone: one.phone,
      email: one.email,
      sex: "female",
      birth_date: one.birth,
      tier: "standard",
      consents: "service",
      channel: "counter",
    },
    "/members",
  );
  statuses["register"] = registered.status;
  const [, member = ""] = /\/members\/([0-9a-f-]{36})/.exec(registered.location) ?? [];
  const change = person("edit");
  const edited = await manager.send(`/members/${member}/edit`, {
    name: change.name,
    phone: change.phone,
    email: change.email,
    sex: "",
    birth_date: change.birth,
    tier: "gold",
  });
  statuses["edit"] = edited.status;
  return member;
}

async function searchAndLook(manager: Visitor, member: string): Promise<void> {
  const number = canaries.find(({ what }) => what === "edit: phone")?.text ?? "";
  const name = canaries.find(({ what }) => what === "edit: name")?.text ?? "";
  for (const [by, text] of [
    ["phone", number],
    ["name", name],
    ["phone", plant("search: nobody's phone", phone())],
    ["email", plant("search: nobody's mail", mail())],
    ["name", plant("search: nobody's name", latinName())],
    ["last_four", plant("search: a phone where four digits belong", phone())],
    ["phone", plant("search: a mail where a phone belongs", mail())],
  ] as const) {
    statuses[`search ${by} ${text}`] = (await manager.send("/members/search", { by, text })).status;
  }
  for (const field of ["name", "phone", "email", "birth_date"]) {
    const look = await manager.send(`/members/${member}/reveal/${field}`, {
      purpose: "data_review",
      ticket: "",
    });
    statuses[`reveal ${field}`] = look.status;
    shown.push(look.text);
  }
  await manager.page(`/members/${member}`);
}

async function exportOne(officer: Visitor, approver: Visitor, member: string): Promise<void> {
  const reason = `${plant("export: a name in the reason", chineseName())} asked, call ${plant("export: a phone in the reason", phone())}`;
  const asked = await officer.send(`/members/${member}/export`, { reason });
  statuses["export"] = asked.status;
  const inbox = await approver.page("/approvals");
  const [, request = ""] = /\/approvals\/([0-9a-f-]{36})/.exec(inbox) ?? [];
  const note = plant("approval: a mail in the note", mail());
  const decided = await approver.send(`/approvals/${request}`, {
    decision: "approve",
    reason: `told ${note}`,
  });
  statuses["approve"] = decided.status;
  const exports = await officer.page("/members/exports");
  const [, id = ""] = /\/members\/exports\/([0-9a-f-]{36})/.exec(exports) ?? [];
  statuses["download"] = (await officer.send(`/members/exports/${id}`, {})).status;
}

/** Data where it does not belong: none of it may stay. */
async function mistakes(url: string, manager: Visitor, member: string): Promise<void> {
  const stranger = await fetch(`${url}/sign-in`);
  const cookie = stranger.headers
    .getSetCookie()
    .map((line) => line.split(";")[0])
    .join("; ");
  const token = /name="_csrf" value="([^"]+)"/.exec(await stranger.text())?.[1] ?? "";
  await fetch(`${url}/sign-in`, {
    method: "POST",
    headers: { cookie, "sec-fetch-site": "same-origin" },
    body: new URLSearchParams({
      _csrf: token,
      login: plant("sign-in: a phone as login", phone()),
      password: plant("sign-in: a mail as password", mail()),
    }),
  });
  const headers = {
    "user-agent": plant("header: a name as browser", latinName()),
    referer: `${url}/${plant("header: a mail as referrer", mail())}`,
  };
  await fetch(`${url}/sign-in`, { headers });
  for (const path of [
    `/members?tier=${plant("address: a phone as filter", phone())}`,
    `/members/${plant("address: a phone as member", phone())}`,
    `/${plant("address: a mail as page", mail())}`,
    `/members/${member}/reveal/${plant("address: a phone as field", phone())}`,
    `/members?after=${plant("address: a mail as cursor", mail())}`,
  ])
    await manager.page(path);
  await manager.send(`/members/${member}/reveal/phone`, {
    purpose: plant("reveal: a phone as purpose", phone()),
    ticket: "",
  });
  await manager.send(`/members/${member}/reveal/phone`, {
    purpose: "service_request",
    ticket: `ask ${plant("reveal: a name as ticket", latinName())}`,
  });
  const wrong = person("a form that is refused");
  const refused = await manager.send(
    "/members/new",
    {
      member_no: wrong.name,
      name: wrong.phone,
      phone: wrong.email,
      email: wrong.birth,
      sex: wrong.name,
      birth_date: wrong.email,
      tier: wrong.phone,
      consents: wrong.email,
      channel: wrong.birth,
      [plant("form: a phone as field", phone())]: "x",
    },
    "/members",
  );
  statuses["refused form"] = refused.status;
}

/** Asks for a page until it says something. */
async function hears(visitor: Visitor, path: string, words: RegExp): Promise<void> {
  for (let tries = 0; tries < 240; tries += 1) {
    if (words.test(await visitor.page(path))) return;
    await delay(250);
  }
  throw new Error(`${path} never said ${words}`);
}

test("the day went as it was meant to: what is looked for below really was there", () => {
  const went = Object.entries(statuses)
    .filter(([, status]) => status >= 400)
    .map(([what]) => what);
  expect(went.toSorted()).toEqual(
    [
      "refused form",
      ...Object.keys(statuses).filter((what) => /^search (last_four|phone zq)/.test(what)),
    ].toSorted(),
  );
  const pages = shown.join("\n");
  for (const what of ["edit: name", "edit: mail", "edit: birthday"])
    expect(pages, what).toContain(canaries.find((canary) => canary.what === what)?.text);
});

test("the search below finds what is there: a trace in each of its spellings", () => {
  const watch = watcher([{ what: "known", text: "龘靐 zq@example.org" }]);
  for (const trace of tracesOf("龘靐 zq@example.org"))
    expect(watch("here", Buffer.concat([Buffer.from("before "), trace, Buffer.from(" after")]))).not.toEqual(
      [],
    );
  for (const shift of [0, 1, 2]) {
    const text = Buffer.from(`${"x".repeat(shift)}龘靐 zq@example.org and more`).toString("base64");
    expect(watch("here", Buffer.from(text))).not.toEqual([]);
  }
});

test("no row of any table, no body of the log holds a planted datum", () => {
  expect(tables.tables).toBeGreaterThan(40);
  expect(tables.found).toEqual([]);
});

test("no byte of the data directory does: tables, indexes, write-ahead log, the server's log, temporary files", async () => {
  const { found, bytes } = await searchFiles(dataDir, watcher(canaries));
  expect(bytes).toBeGreaterThan(30_000_000);
  expect(found).toEqual([]);
});

test("nothing was left in the directory for temporary files", async () => {
  expect(await searchFiles(temp, watcher(canaries))).toEqual({ found: [], bytes: 0 });
});

test("nothing that the console said of itself does", () => {
  const said = program?.said() ?? "";
  expect(said).toContain("http_request");
  expect(watcher(canaries)("the output", Buffer.from(said))).toEqual([]);
});
