import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { projectRoot } from "../../src/platform/root.ts";

const LIMIT_S = 60;
const PATIENCE_S = 600;

/**
 * What a newcomer waits for: from a fresh clone, with its packages from wherever this machine gets packages, to the
 * sign-in page of a console that has made its database.
 */
export async function run() {
  const folder = await mkdtemp(join(tmpdir(), `gatehouse-fresh-${process.pid}-`));
  const clone = join(folder, "gatehouse");
  const port = await freePort();
  const began = performance.now();
  const seconds = () => (performance.now() - began) / 1_000;
  let stop = async () => {};
  try {
    await done(["git", "clone", "--quiet", "--depth", "1", `file://${projectRoot()}`, clone], folder);
    await done(["npm", "ci", "--no-audit", "--no-fund"], clone);
    const installed = seconds();
    const console = begin(["npm", "start"], clone, { PORT: String(port), DATA_DIR: join(folder, "data") });
    stop = async () => {
      if (console.child.pid !== undefined && console.child.exitCode === null)
        process.kill(-console.child.pid);
      await console.ended;
    };
    while (!(await answers(`http://127.0.0.1:${port}/sign-in`))) {
      if (console.child.exitCode !== null || seconds() > PATIENCE_S)
        throw new Error(`there is no sign-in page:\n${console.said()}`);
      await delay(100);
    }
    const total = seconds();
    return [
      {
        name: "fresh clone to the sign-in page, in seconds",
        ratio: total,
        limit: `≤ ${LIMIT_S}`,
        passed: total <= LIMIT_S,
        detail: `clone and packages ${installed.toFixed(0)} s, build, database and start ${(total - installed).toFixed(0)} s`,
      },
    ];
  } finally {
    await stop();
    await rm(folder, { recursive: true, force: true });
  }
}

/** Starts a program in a group of its own, without what this process was told by its own npm. */
function begin([name = "", ...args]: readonly string[], cwd: string, env: Record<string, string> = {}) {
  const inherited = Object.entries(process.env).filter(
    ([key]) => !/^(npm_|INIT_CWD$|NODE_OPTIONS$)/.test(key),
  );
  const path = (process.env["PATH"] ?? "")
    .split(delimiter)
    .filter((entry) => !entry.includes("node_modules"));
  const child = spawn(name, args, {
    cwd,
    detached: true,
    env: { ...Object.fromEntries(inherited), PATH: path.join(delimiter), ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let said = "";
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding("utf8").on("data", (text: string) => (said = `${said}${text}`.slice(-20_000)));
  return { child, said: () => said, ended: once(child, "close") };
}

async function done(words: readonly string[], cwd: string): Promise<void> {
  const { child, said, ended } = begin(words, cwd);
  await ended;
  if (child.exitCode !== 0) throw new Error(`${words.join(" ")} ended with ${child.exitCode}:\n${said()}`);
}

async function answers(address: string): Promise<boolean> {
  try {
    const response = await fetch(address);
    await response.text();
    return response.status === 200;
  } catch {
    return false; // nobody listens yet
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  if (address === null || typeof address === "string") throw new Error("the server has no port");
  return address.port;
}
