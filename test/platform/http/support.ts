import { randomBytes } from "node:crypto";
import type { Actor } from "../../../src/door/actor.ts";
import { command, query } from "../../../src/door/command.ts";
import type { Door } from "../../../src/door/door.ts";
import { parseInput } from "../../../src/door/parse.ts";
import { Refusal } from "../../../src/door/refusal.ts";
import { loadAssets } from "../../../src/platform/assets.ts";
import { createApp } from "../../../src/platform/http/app.ts";
import type { HttpPorts } from "../../../src/platform/http/ports.ts";
import { type Authenticated, nobody } from "../../../src/platform/http/session.ts";
import { createLog } from "../../../src/platform/log.ts";
import { defineModule, type Route } from "../../../src/platform/module.ts";
import { viewContext } from "../../../views/context.ts";
import { systemPages } from "../../../views/system/index.tsx";
import { z } from "zod";

export const origin = "https://mall.example";

/** Adds a line to a list; refuses what the text asks it to refuse. */
export const addNote = command({
  name: "notes.add",
  input: z.strictObject({ text: z.string().min(2).max(100) }),
  run: async ({ input }) => input.text,
});

export const listNotes = query({
  name: "notes.list",
  input: z.strictObject({}),
  run: async () => ["one"],
});

const actor: Actor = {
  type: "user",
  id: "0190b0d2-0000-7000-8000-000000000001",
  display: "li.na",
  roles: ["clerk"],
  permissions: new Set(["notes.add", "notes.list"]),
  assurance: null,
  breakGlass: null,
  language: "en",
};

const session = { type: "session", person: actor.id, session: "s".repeat(64) } as const;

/** The people of these tests, named by the header `x-test-who`. */
export const people: Record<string, Authenticated> = {
  full: { ...nobody, credential: session, actor, language: "en" },
  half: { ...nobody, credential: session, half: { next: "/sign-in/code" }, language: "en" },
  powerless: {
    ...nobody,
    credential: session,
    actor: { ...actor, permissions: new Set() },
    language: "en",
  },
};

export interface TestApp {
  fetch: (path: string, init?: RequestInit & { who?: string }) => Promise<Response>;
  /** Posts a form as a browser on our own page does, with the token of that person. */
  post: (
    path: string,
    fields: Record<string, string>,
    init?: { who?: string; headers?: Record<string, string> },
  ) => Promise<Response>;
  /** A token for the forms of a signed-in person. */
  token: () => Promise<string>;
  /** What passed the door: name and input. */
  passed: { name: string; input: unknown; key: string | undefined }[];
  /** Lines of the operator's log. */
  lines: Record<string, unknown>[];
  app: ReturnType<typeof createApp>["app"];
  built: ReturnType<typeof createApp>;
}

/** The whole application over a door that remembers what passed it. */
export function testApp(routes: readonly Route[], over: Partial<HttpPorts> = {}): TestApp {
  const passed: TestApp["passed"] = [];
  const lines: TestApp["lines"] = [];
  const door: Door = {
    async execute(command, _credential, input, options) {
      const parsed = parseInput(command.input, input);
      passed.push({ name: command.name, input: parsed, key: options?.idempotencyKey });
      refuseWhenAsked(parsed);
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the only command here gives back its text
      return { value: input as never, commandId: "c", event: "e", replayed: false };
    },
    reveal: async () => {
      throw new Error("no reveal here");
    },
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the only query here gives a list of texts
    ask: async () => ["one"] as never,
    whoIs: async () => actor,
  };
  const built = createApp({
    door,
    modules: [
      defineModule({
        name: "notes",
        commands: [addNote],
        queries: [listNotes],
        routes,
        params: [],
        jobs: [],
        nav: [{ group: "mall", label: "shell.home", path: "/notes", access: listNotes, icon: "info" }],
      }),
    ],
    authenticate: async (c) => people[c.req.header("x-test-who") ?? ""] ?? nobody,
    stepUp: async ({ who }) => who,
    view: viewContext,
    pages: systemPages,
    assets: loadAssets(),
    banners: async () => [],
    formKey: randomBytes(32),
    publicOrigin: origin,
    trustedProxies: [],
    timezone: "Asia/Shanghai",
    ready: {},
    clock: { now: () => new Date("2026-03-05T06:00:00Z") },
    log: createLog("info", { write: (line) => void lines.push(JSON.parse(line)) }),
    ...over,
  });
  const { app } = built;
  const fetch: TestApp["fetch"] = async (path, { who, ...init } = {}) => {
    const headers = new Headers(init.headers);
    if (who !== undefined) headers.set("x-test-who", who);
    return await app.request(`${origin}${path}`, { ...init, headers });
  };
  const token = async () => tokenOf(await fetch("/notes/new", { who: "full" }));
  return {
    app,
    built,
    passed,
    lines,
    fetch,
    token,
    post: async (path, fields, { who = "full", headers = {} } = {}) =>
      await fetch(path, {
        method: "POST",
        who,
        headers: { "sec-fetch-site": "same-origin", ...headers },
        body: new URLSearchParams({ _csrf: await token(), ...fields }),
      }),
  };
}

/** The token in a page's first form. */
export async function tokenOf(response: Response): Promise<string> {
  const text = await response.text();
  const token = /name="_csrf" value="([^"]+)"/.exec(text)?.[1];
  if (token === undefined) throw new Error(`no token in a page of status ${response.status}`);
  return token;
}

function refuseWhenAsked(input: unknown): void {
  const text = typeof input === "object" && input !== null && "text" in input ? String(input.text) : "";
  switch (text) {
    case "conflict":
      throw new Refusal("conflict", "conflict");
    case "denied":
      throw new Refusal("denied", "permission");
    case "pending":
      throw new Refusal("pending-approval", "pending_approval", {
        approval: "0190b0d2-aaaa-7000-8000-000000000009",
      });
    case "step-up":
      throw new Refusal("step-up-required", "step_up", {
        stepUp: { level: "bound", minutes: 5, digest: "abc-DEF" },
      });
    case "frozen":
      throw new Refusal("frozen", "frozen");
    case "throttled":
      throw new Refusal("throttled", "throttled", { retryAfter: 12.5 });
    case "unavailable":
      throw new Refusal("unavailable", "busy");
    case "ended":
      throw new Refusal("denied", "session_ended");
    case "crash":
      throw new Error("column phone: 13812345678");
  }
}
