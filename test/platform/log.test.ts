import { expect, test } from "vitest";
import { createLog, type LogFields } from "../../src/platform/log.ts";
import { noteRoutes } from "./http/routes.tsx";
import { testApp } from "./http/support.ts";

function collected() {
  const lines: string[] = [];
  return { lines, log: createLog("info", { write: (line) => void lines.push(line) }) };
}

test("a line is JSON with time in UTC, level, a known word and listed fields (ASVS 16.2)", () => {
  const { lines, log } = collected();
  log.warn("authz_fail", { request: "r1", ip: "203.0.113.9", status: 403, code: undefined });
  expect(lines).toHaveLength(1);
  const line: unknown = JSON.parse(lines[0] ?? "");
  expect(line).toEqual({
    level: "warn",
    time: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
    event: "authz_fail",
    request: "r1",
    ip: "203.0.113.9",
    status: 403,
  });
});

test("a field that is not listed is not written, whoever sends it", () => {
  const { lines, log } = collected();
  const sent = { request: "r1", phone: "13812345678", password: "hunter2" };
  log.info("http_request", sent satisfies LogFields);
  expect(lines[0]).not.toMatch(/13812345678|hunter2/);
});

test("nothing in a value begins a line of its own or colours a terminal (ASVS 16.4.1)", () => {
  const { lines, log } = collected();
  log.info("http_request", { route: '/a\r\n{"event":"forged"}\u001b[31m', code: "x".repeat(5000) });
  expect(lines).toHaveLength(1);
  expect(lines[0]?.trimEnd()).not.toMatch(/\p{Cc}/u);
  expect(lines[0]?.length).toBeLessThan(600);
});

test("an error is told by kind and place, never by its message", () => {
  const { lines, log } = collected();
  const cause = Object.assign(new Error("Key (phone)=(13812345678) already exists"), {
    code: "23505",
    constraint: "member_phone_bx",
    detail: "Key (phone)=(13812345678)",
  });
  log.error("unexpected_error", { error: new TypeError("13812345678 is no date", { cause }) });
  expect(lines[0]).not.toContain("13812345678");
  expect(JSON.parse(lines[0] ?? "")).toMatchObject({
    error: { type: "TypeError", cause: { code: "23505", constraint: "member_phone_bx" } },
  });
});

test("a level below the configured one is not written", () => {
  const lines: string[] = [];
  const log = createLog("error", { write: (line) => void lines.push(line) });
  log.info("http_request");
  log.warn("authz_fail");
  log.error("sys_crash");
  expect(lines).toHaveLength(1);
});

test("what is typed into an address, a form or a header never reaches the log (ASVS 16.2.5)", async () => {
  const { fetch, post, lines } = testApp(noteRoutes);
  const canary = "canary-13812345678";
  await fetch(`/notes/${canary}?q=${canary}`, {
    who: "full",
    headers: { cookie: canary, "user-agent": canary },
  });
  await fetch(`/${canary}`, { headers: { "x-request-id": canary } });
  await post("/notes", { text: canary, unknown: canary });
  await post("/notes", { text: canary, _csrf: canary });
  expect(lines.filter(({ event }) => event === "http_request").length).toBeGreaterThan(4);
  expect(JSON.stringify(lines)).not.toContain(canary);
});
