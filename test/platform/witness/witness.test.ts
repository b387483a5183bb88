import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmod, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { afterAll, afterEach, beforeEach, describe, expect, it } from "vitest";
import { addCosignatures } from "../../../src/platform/audit/cosignature.ts";
import { consistencyProof } from "../../../src/platform/audit/merkle.ts";
import { ed25519Signer, openNote, parseNote, parseVkey } from "../../../src/platform/audit/note.ts";
import { parseTilePath } from "../../../src/platform/audit/tiles.ts";
import {
  startWitness,
  type RunningWitness,
  type WitnessOptions,
} from "../../../src/platform/witness/index.ts";
import { formatAddCheckpoint } from "../../../src/platform/witness/request.ts";
import { openState } from "../../../src/platform/witness/state.ts";
import { createWitness } from "../../../src/platform/witness/witness.ts";
import { eventLog, inventLog, logSigner, eventBody, witnessSigner } from "../audit/evidence.ts";

const log = eventLog(600);
const fork = inventLog(
  Array.from({ length: 600 }, (_, i) => eventBody(i, i < 100 ? {} : { note: "rewritten" })),
);
const noon = new Date("2026-11-22T12:00:00.000Z");

const place = await mkdtemp(join(tmpdir(), "witness-"));
afterAll(() => rm(place, { recursive: true }));
const newState = () => mkdtemp(join(place, "state-"));

const running: RunningWitness[] = [];
afterEach(async () => {
  for (const one of running.splice(0)) await one.close();
});

async function start(stateDir: string, more: Partial<WitnessOptions> = {}): Promise<RunningWitness> {
  const witness = await startWitness({
    stateDir,
    name: "witness.example/w1",
    logs: [logSigner.key],
    clock: { now: () => noon },
    listen: { host: "127.0.0.1", port: 0 },
    ...more,
  });
  running.push(witness);
  return witness;
}

async function submit(
  witness: RunningWitness,
  oldSize: number,
  size: number,
  history = log,
  proofOf = oldSize,
) {
  const note = await history.signed(size);
  const proof = proofOf <= size ? await consistencyProof(proofOf, size, history.read) : [];
  return post(witness, formatAddCheckpoint({ oldSize, proof, note }));
}

async function post(witness: RunningWitness, body: string) {
  const response = await fetch(`${witness.address}/add-checkpoint`, { method: "POST", body });
  return { status: response.status, type: response.headers.get("content-type"), text: await response.text() };
}

describe("a witness", () => {
  let stateDir: string;
  let witness: RunningWitness;
  beforeEach(async () => {
    stateDir = await newState();
    witness = await start(stateDir);
  });

  it("cosigns a log that grows, stating the time", async () => {
    for (const [oldSize, size] of [
      [0, 100],
      [100, 101],
      [101, 101],
      [101, 600],
    ] as const) {
      const { status, text } = await submit(witness, oldSize, size);
      expect(status).toBe(200);
      const key = parseVkey(witness.vkey);
      const cosigned = addCosignatures(await log.signed(size), text, [key]);
      expect(openNote(parseNote(Buffer.from(cosigned)), [key])).toEqual([{ key, at: noon.getTime() }]);
    }
  });

  it("tells the size it knows to a log that has forgotten it", async () => {
    await submit(witness, 0, 100);
    expect(await submit(witness, 0, 200)).toEqual({ status: 409, type: "text/x.tlog.size", text: "100\n" });
    expect(await submit(witness, 50, 200)).toMatchObject({ status: 409, text: "100\n" });
    expect(await submit(witness, 100, 200)).toMatchObject({ status: 200 });
  });

  it("shows the newest that both signed to a log that was restored, and nothing of a log it never saw", async () => {
    const latest = async (origin: string) =>
      await fetch(`${witness.address}/latest-checkpoint`, { method: "POST", body: `${origin}\n` });
    expect((await latest(logSigner.key.name)).status).toBe(404);
    await submit(witness, 0, 300);
    const note = await (await latest(logSigner.key.name)).text();
    expect(note.startsWith(await log.signed(300))).toBe(true);
    const key = parseVkey(witness.vkey);
    expect(openNote(parseNote(Buffer.from(note)), [logSigner.key, key]).map((signed) => signed.key)).toEqual([
      logSigner.key,
      key,
    ]);
    expect((await latest("other.example/log")).status).toBe(404);
  });

  it("refuses a roll-back, a fork of the same size, and one that is larger", async () => {
    await submit(witness, 0, 300);
    expect(await submit(witness, 200, 200)).toMatchObject({ status: 409, text: "300\n" });
    expect(await submit(witness, 300, 200)).toMatchObject({ status: 400 });
    expect(await submit(witness, 300, 300, fork)).toMatchObject({ status: 409, text: "300\n" });
    expect(await submit(witness, 300, 400, fork)).toMatchObject({ status: 422 });
    expect(await submit(witness, 300, 400)).toMatchObject({ status: 200 });
  });

  it("keeps what a forking log has signed, as evidence, and raises an alarm", async () => {
    const alarms: string[] = [];
    const other = await newState();
    const watched = await start(other, {
      onAlarm: ({ claimed }) => alarms.push(`a fork of ${claimed.size}`),
    });
    await submit(watched, 0, 300);
    await submit(watched, 300, 300, fork);
    await submit(watched, 300, 300, fork);
    await submit(watched, 300, 500, fork);
    expect(alarms).toEqual(["a fork of 300", "a fork of 300", "a fork of 500"]);
    expect(await readdir(join(other, "evidence"))).toHaveLength(2);
  });

  it("refuses what is not of the form, not signed, or of a log it does not know", async () => {
    const note = await log.signed(10);
    const request = formatAddCheckpoint({ oldSize: 0, proof: [], note });
    for (const body of [
      "",
      "old 0\n",
      request.replace("old 0", "old 00"),
      request.replace("old 0", "old -1"),
      `x${request}`,
    ])
      expect((await post(witness, body)).status, body).toBe(400);
    expect((await post(witness, request.replace("old 0\n", `old 0\n${"A".repeat(44)}\n`))).status).toBe(400);
    expect((await post(witness, "x".repeat(70_000))).status).toBe(413);
    expect((await post(witness, request.replaceAll("mall.example/log", "other.example/log"))).status).toBe(
      404,
    );
    expect((await post(witness, request.replace("\n10\n", "\n11\n"))).status).toBe(403);
    expect((await submit(witness, 0, 10, log, 3)).status).toBe(422);
    expect((await fetch(`${witness.address}/add-checkpoint`)).status).toBe(405);
    expect((await fetch(`${witness.address}/elsewhere`)).status).toBe(404);
    expect(await (await fetch(`${witness.address}/vkey`)).text()).toBe(`${witness.vkey}\n`);
  });

  it("lets only one of two histories pass when they race", async () => {
    await submit(witness, 0, 100);
    const racing = await Promise.all(
      Array.from({ length: 20 }, (_, i) => submit(witness, 100, 200 + i, i % 2 === 0 ? log : fork)),
    );
    expect(racing.filter(({ status }) => status === 200)).toHaveLength(1);
    expect(racing.filter(({ status }) => status === 409)).toHaveLength(19);
  });

  it("remembers across a restart, under the same key", async () => {
    await submit(witness, 0, 300);
    const { vkey } = witness;
    await running.pop()?.close();
    const again = await start(stateDir);
    expect(again.vkey).toBe(vkey);
    expect(await submit(again, 0, 100, fork)).toMatchObject({ status: 409, text: "300\n" });
    expect(await submit(again, 300, 301)).toMatchObject({ status: 200 });
  });

  it("does not start on a state that is in use, damaged, readable by others or of another name", async () => {
    await expect(start(stateDir)).rejects.toThrow(/uses this state/);
    await submit(witness, 0, 300);
    await running.pop()?.close();
    await expect(start(stateDir, { name: "witness.example/w2" })).rejects.toThrow(/is that of the witness/);
    await chmod(join(stateDir, "key"), 0o644);
    await expect(start(stateDir)).rejects.toThrow(/others may read/);
    await chmod(join(stateDir, "key"), 0o600);
    const [memory = ""] = (await readdir(stateDir)).filter((name) => name.endsWith(".checkpoint"));
    await writeFile(join(stateDir, memory), "");
    await expect(start(stateDir)).rejects.toThrow();
  });

  it("takes over the lock of a process that is no more", async () => {
    await running.pop()?.close();
    const gone = spawn(process.execPath, ["-e", ""]);
    await once(gone, "exit");
    await writeFile(join(stateDir, "lock"), String(gone.pid));
    await start(stateDir);
  });
});

describe("a witness that is killed between remembering and signing", () => {
  it("never cosigns the other history afterwards", async () => {
    const directory = await newState();
    const parts = {
      state: await openState(directory),
      logs: [logSigner.key],
      clock: { now: () => noon },
      onAlarm: () => {},
    };
    const dying = createWitness({
      ...parts,
      signer: { key: witnessSigner.key, sign: () => Promise.reject(new Error("killed")) },
    });
    const request = async (history: typeof log) => ({
      oldSize: 0,
      proof: [],
      note: await history.signed(200),
    });
    await expect(dying.add(await request(log))).rejects.toThrow("killed");

    const revived = createWitness({ ...parts, state: await openState(directory), signer: witnessSigner });
    expect(await revived.add(await request(fork))).toEqual({ status: 409, size: 200 });
    expect(await revived.add({ ...(await request(fork)), oldSize: 200 })).toMatchObject({ status: 409 });
    expect(await revived.add({ ...(await request(log)), oldSize: 200 })).toMatchObject({ status: 200 });
  });

  it("cosigns nothing that it could not remember", async () => {
    const state = await openState(await newState());
    const forgetful = createWitness({
      state: { ...state, remember: () => Promise.reject(new Error("the disk is full")) },
      signer: { key: witnessSigner.key, sign: () => Promise.reject(new Error("signed all the same")) },
      logs: [logSigner.key],
      clock: { now: () => noon },
      onAlarm: () => {},
    });
    await expect(forgetful.add({ oldSize: 0, proof: [], note: await log.signed(9) })).rejects.toThrow(
      "disk is full",
    );
  });
});

describe("a witness that pulls", () => {
  /** A log's public side: checkpoint and tiles, of whatever history and size it shows at the moment. */
  async function publish() {
    const shown = { history: log, size: 300, delivered: "" };
    const server = createServer((request, response) => {
      void (async () => {
        const path = request.url?.slice(1) ?? "";
        if (path === "cosigned") {
          for await (const chunk of request) shown.delivered += String(chunk);
          return response.end();
        }
        if (path === "checkpoint") return response.end(await shown.history.signed(shown.size));
        const tile = parseTilePath(path);
        if (!tile || tile.level === "entries") return response.writeHead(404).end();
        const { level, index, width } = tile;
        const nodes = Array.from({ length: width }, (_, i) => ({ level: level * 8, index: index * 256 + i }));
        return response.end(Buffer.concat(await shown.history.read(nodes)));
      })();
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const bound = server.address();
    const port = typeof bound === "object" && bound ? bound.port : 0;
    return { shown, url: `http://127.0.0.1:${port}`, close: () => server.close() };
  }

  it("follows the log by its tiles, brings its cosignatures, and notices forks and roll-backs", async () => {
    const site = await publish();
    const results: string[] = [];
    const witness = await startWitness({
      stateDir: await newState(),
      name: "witness.example/laptop",
      logs: [logSigner.key],
      clock: { now: () => noon },
      pull: { url: site.url, log: logSigner.key, deliver: `${site.url}/cosigned`, everyMs: 5 },
      onPull: ({ status }) => {
        if (results.at(-1) !== String(status)) results.push(String(status));
      },
    });
    running.push(witness);
    const until = async (status: string) => {
      while (results.at(-1) !== status) await delay(5);
    };
    await until("200");
    expect(site.shown.delivered).toContain("witness.example/laptop");
    site.shown.size = 599;
    await delay(50);
    site.shown.size = 550;
    await until("rolled-back");
    site.shown.size = 600;
    await until("200");
    site.shown.history = fork;
    await until("409");
    expect(results).toEqual(["200", "rolled-back", "200", "409"]);
    site.close();
  });

  it("goes on when the log cannot be reached, or shows what another key signed", async () => {
    const site = await publish();
    const errors: unknown[] = [];
    const stranger = ed25519Signer(logSigner.key.name, Buffer.alloc(32, 99)).key;
    for (const [url, key] of [
      ["http://127.0.0.1:1", logSigner.key],
      [site.url, stranger],
    ] as const) {
      const seen = errors.length;
      const witness = await startWitness({
        stateDir: await newState(),
        name: "witness.example/laptop",
        logs: [key],
        clock: { now: () => noon },
        pull: { url, log: key, everyMs: 5 },
        onError: (error) => errors.push(error),
      });
      while (errors.length < seen + 2) await delay(5);
      await witness.close();
    }
    site.close();
  });
});
