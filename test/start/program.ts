import { spawn } from "node:child_process";
import { once } from "node:events";
import { access } from "node:fs/promises";
import { join } from "node:path";
import { projectRoot } from "../../src/platform/root.ts";

export interface ProgramOptions {
  dataDir: string;
  args?: readonly string[];
  /** Flags of Node beside those that every start has. */
  flags?: readonly string[];
  env?: Readonly<Record<string, string>>;
  /** The operating-system user to be, when we are root. */
  as?: { uid: number; gid: number };
  /** The checkout to run; ours unless said. */
  root?: string;
}

/** The program that an operator starts, in a process of its own. */
export interface Program {
  readonly pid: number;
  /** Everything it has said on both streams. */
  said(): string;
  /** Waits for words of its; gives the groups. Fails when it ends without them. */
  hears(words: RegExp): Promise<RegExpExecArray>;
  /** Milliseconds from its start to "ready", and the address that it printed. */
  ready(): Promise<{ ms: number; url: string }>;
  signal(signal: NodeJS.Signals): void;
  /** Its exit code, when it has ended: null when a signal ended it. */
  ended: Promise<number | null>;
}

const PATIENCE_MS = 240_000;

/** Starts `node dist/src/main.js`, as `npm start` does after the build, on a free port. */
export async function startProgram(options: ProgramOptions): Promise<Program> {
  const { dataDir, args = [], flags = [], env = {}, as, root = projectRoot() } = options;
  const main = join(root, "dist", "src", "main.js");
  await access(main); // without the build there is nothing to start: npm test builds first
  const began = performance.now();
  const child = spawn(process.execPath, ["--disable-proto=throw", ...flags, main, ...args], {
    ...as,
    cwd: root,
    env: { PATH: process.env["PATH"], TMPDIR: process.env["TMPDIR"], DATA_DIR: dataDir, PORT: "0", ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let said = "";
  let over = false;
  const listeners = new Set<() => void>();
  const news = () => {
    for (const listener of listeners) listener();
  };
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => {
      said += text;
      news();
    });
  }
  const ended = once(child, "close").then(([code]): number | null => {
    over = true;
    news();
    return typeof code === "number" ? code : null;
  });

  const hears = async (words: RegExp): Promise<RegExpExecArray> =>
    await new Promise((resolve, reject) => {
      const patience = setTimeout(
        () => done(new Error(`It did not say ${words} in time:\n${said}`)),
        PATIENCE_MS,
      );
      const done = (outcome: RegExpExecArray | Error) => {
        clearTimeout(patience);
        listeners.delete(look);
        if (outcome instanceof Error) reject(outcome);
        else resolve(outcome);
      };
      const look = () => {
        const found = words.exec(said);
        if (found !== null) done(found);
        else if (over) done(new Error(`It ended without saying ${words}:\n${said}`));
      };
      listeners.add(look);
      look();
    });

  return {
    pid: child.pid ?? 0,
    said: () => said,
    hears,
    async ready() {
      const [, url = ""] = await hears(/Gatehouse is ready at (\S+)/);
      return { ms: performance.now() - began, url };
    },
    signal: (signal) => void child.kill(signal),
    ended,
  };
}
