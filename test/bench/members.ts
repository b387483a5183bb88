import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { type IncomingMessage, request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { text } from "node:stream/consumers";
import { setTimeout as delay } from "node:timers/promises";
import { generateSync } from "otplib";
import { readAccounts } from "../../src/demo/accounts.ts";
import { importColumns } from "../../src/mall/members/import/columns.ts";
import { Client } from "../support/client.ts";
import { startProgram } from "../start/program.ts";

const MEMBERS = 100_000;
/** Pages asked for, at random depths of the list; some before, until the program's compiler has seen them. */
const PAGES = 400;
const WARM_UP = 50;
/** After the import its sweep clears uploads and tokens; the list is read when that is done. */
const REST_MS = 15_000;
const LIST_P95_MS = 30;
const RSS_MB = 200;
/** A file over the limit of POL-PII-ACCESS (`import_max_megabytes`). */
const TOO_LARGE_MB = 201;
/** Whoever runs the mall imports members and reads their list. */
const LOGIN = "ma.jun";
/** As `npm start` starts it. */
const flags = ["--max-semi-space-size=8", "--max-old-space-size=192", "--v8-pool-size=1"];

/**
 * The console as it is started, in a process of its own, used over HTTP by a signed-in person: 100,000 members as a file
 * that streams in, pages of the list with their masks, and a file that is too large. What it needs is read from the
 * kernel: the highest resident size of the process, with its server, worker, sequencer and signer. A password hash takes
 * 64 MiB more for a moment, by policy; the sign-in's peak is told beside the load's.
 */
export async function run(options: { members?: number } = {}) {
  const members = options.members ?? MEMBERS;
  const dataDir = await mkdtemp(join(tmpdir(), `gatehouse-bench-${process.pid}-`));
  const start = async () => await startProgram({ dataDir, args: ["--demo"], flags });
  const first = await start(); // fills the demo, which a console does once in its life
  await first.ready();
  first.signal("SIGTERM");
  await first.ended;
  const program = await start();
  try {
    const { url } = await program.ready();
    const person = await signIn(url, dataDir);
    const signingIn = await peak(program.pid);
    await forgetPeak(program.pid);
    const began = performance.now();
    await importAll(person, url, members);
    const seconds = (performance.now() - began) / 1_000;
    await delay(REST_MS);
    await readPages(person, WARM_UP);
    const { p95, median } = await readPages(person, PAGES);
    const top = await peak(program.pid);
    await forgetPeak(program.pid);
    const refused = await sendTooLarge(person, url);
    const uploading = await peak(program.pid);
    return [
      {
        name: `import of ${members} members and reading them: megabytes of the console at its peak`,
        ratio: top,
        limit: `≤ ${RSS_MB}`,
        passed: top <= RSS_MB,
        detail:
          `${signingIn} while somebody signed in; ${Math.round(members / seconds)} rows a second, ` +
          `upload, dry run and import together ${Math.round(seconds)} s`,
      },
      {
        name: `list of 50 members with masks among ${members}: milliseconds at the 95th percentile`,
        ratio: p95,
        limit: `≤ ${LIST_P95_MS}`,
        passed: p95 <= LIST_P95_MS,
        detail: `median ${median.toFixed(1)} ms over HTTP, ${PAGES} pages at random depths`,
      },
      {
        name: `upload of ${TOO_LARGE_MB} MB that is refused: megabytes of the console at its peak`,
        ratio: uploading,
        limit: `≤ ${RSS_MB}`,
        passed: refused.status === 422 && uploading <= RSS_MB,
        detail: `answered ${refused.status} after ${refused.seconds.toFixed(0)} s`,
      },
    ];
  } finally {
    program.signal("SIGTERM");
    await program.ended;
    await rm(dataDir, { recursive: true, force: true });
  }
}

async function signIn(url: string, dataDir: string): Promise<Client> {
  const account = (await readAccounts(dataDir))?.find(({ login }) => login === LOGIN);
  if (account === undefined) throw new Error(`the demo has no ${LOGIN}`);
  const { login, password, totpSecret } = account;
  const client = new Client(
    { request: async (input, init) => await fetch(input, { ...init, redirect: "manual" }) },
    url,
  );
  const steps = [
    await client.submit("/sign-in", { login, password }),
    await client.submit("/sign-in/code", { code: generateSync({ secret: totpSecret }) }),
  ];
  if (steps.some(({ status }) => status !== 303)) throw new Error(`${LOGIN} could not sign in`);
  return client;
}

async function importAll(person: Client, url: string, members: number): Promise<void> {
  const answer = await send(person, url, rows(members));
  const at = answer.headers.location ?? "";
  if (answer.statusCode !== 303) throw new Error(`the upload got ${answer.statusCode}`);
  const checked = await until(person, at, /name="version" value="(\d+)"/);
  const started = await person.submit(at, { version: checked[1] ?? "" }, `${at}/start`);
  if (started.status !== 303) throw new Error(`the start got ${started.status}`);
  const done = await until(person, at, /[\s\S]*report\.csv[\s\S]*/);
  if (!done[0].includes(members.toLocaleString("en"))) throw new Error(`the page does not say ${members}`);
}

/** The page, as soon as it shows this. */
async function until(person: Client, path: string, shows: RegExp): Promise<RegExpExecArray> {
  for (let look = 0; look < 2_400; look += 1) {
    const found = shows.exec(await (await person.get(path)).text());
    if (found !== null) return found;
    await delay(500);
  }
  throw new Error(`${path} did not show ${shows}`);
}

/** Sends a file as a browser's form does, while it is made: nobody holds the whole of it. */
async function send(person: Client, url: string, file: AsyncIterable<Uint8Array>): Promise<IncomingMessage> {
  const boundary = randomUUID();
  const token = await person.token("/members/imports");
  const head =
    `--${boundary}\r\nContent-Disposition: form-data; name="_csrf"\r\n\r\n${token}\r\n` +
    `--${boundary}\r\nContent-Disposition: form-data; name="file"; filename="members.csv"\r\n` +
    "Content-Type: text/csv\r\n\r\n";
  async function* body() {
    yield Buffer.from(head);
    yield* file;
    yield Buffer.from(`\r\n--${boundary}--\r\n`);
  }
  const post = request(`${url}/members/imports`, {
    method: "POST",
    headers: {
      "content-type": `multipart/form-data; boundary=${boundary}`,
      "sec-fetch-site": "same-origin",
      cookie: [...person.cookies].map(([name, value]) => `${name}=${value}`).join("; "),
    },
  });
  const answered = once(post, "response");
  await pipeline(Readable.from(body()), post);
  const [answer] = (await answered) as [IncomingMessage]; // what the event carries
  return answer;
}

const row = (n: number) => {
  const day = `${2020 + (n % 6)}-${String(1 + (n % 12)).padStart(2, "0")}-${String(1 + (n % 28)).padStart(2, "0")}`;
  const phone = `136${String(n).padStart(8, "0")}`;
  return `B${n + 100_000},王小${String.fromCodePoint(0x4e00 + (n % 5_000))},${phone},b${n}@example.com,男,1980-01-01,${day},service@2026-01\n`;
};

async function* rows(members: number): AsyncGenerator<Uint8Array> {
  yield Buffer.from(`${importColumns.join(",")}\n`);
  for (let at = 0; at < members; at += 500)
    yield Buffer.from(Array.from({ length: Math.min(500, members - at) }, (_, i) => row(at + i)).join(""));
}

/** Ends with the clear page that names the limit. */
async function sendTooLarge(person: Client, url: string): Promise<{ status: number; seconds: number }> {
  async function* megabytes() {
    yield Buffer.from(`${importColumns.join(",")}\n`);
    const block = Buffer.from(Array.from({ length: 10_000 }, (_, n) => row(n)).join(""));
    for (let sent = 0; sent < TOO_LARGE_MB * 1_000_000; sent += block.length) yield block;
  }
  const began = performance.now();
  const answer = await send(person, url, megabytes());
  const page = await text(answer);
  if (!/文件过大，最大 \d+ MB/.test(page))
    throw new Error("the page does not say that the file is too large");
  return { status: answer.statusCode ?? 0, seconds: (performance.now() - began) / 1_000 };
}

async function readPages(person: Client, pages: number) {
  const times: number[] = [];
  let path = "/members";
  for (let n = 0; n < pages; n += 1) {
    const began = performance.now();
    const page = await (await person.get(path)).text();
    times.push(performance.now() - began);
    const next = /href="(\/members\?[^"]*after=[^"]*)"/.exec(page)?.[1]?.replaceAll("&amp;", "&");
    path = n % 40 === 39 || next === undefined ? `/members?after=${deepCursor(n)}` : next;
  }
  times.sort((a, b) => a - b);
  return { median: times[Math.floor(pages / 2)] ?? 0, p95: times[Math.floor(pages * 0.95)] ?? 0 };
}

/** Somewhere in the years that the file covers. */
function deepCursor(n: number): string {
  const at = Date.UTC(2020 + (n % 6), n % 12, 15);
  return Buffer.from(JSON.stringify([at, randomUUID()])).toString("base64url");
}

/** The highest resident size of a process so far, in megabytes, as the kernel has kept it. */
async function peak(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, "utf8");
  return Math.round((Number(/^VmHWM:\s+(\d+) kB/m.exec(status)?.[1]) * 1_024) / 1_000_000);
}

/** Lets the kernel begin a new peak (proc(5), `clear_refs`): what came before is not what is measured. */
async function forgetPeak(pid: number): Promise<void> {
  await writeFile(`/proc/${pid}/clear_refs`, "5");
}
