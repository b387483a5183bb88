import { execFile } from "node:child_process";
import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { eventually } from "../support/audit.ts";
import { registration } from "../mall/members/support.ts";
import { browserAvailable, launch, withPage } from "../support/browser.ts";
import type { Client } from "../support/client.ts";
import { testConsole, type TestConsole } from "../support/console.ts";

let world: TestConsole;
let officer: Client;
beforeAll(async () => {
  world = await testConsole({ with: "people" });
  officer = await world.session(world.loginOf("compliance_officer"));
  await eventually("this process signs", async () => world.console.audit.signing !== undefined);
  await officer.get("/audit"); // which leaves an event
  await world.console.audit.settle();
}, 120_000);
afterAll(async () => await world?.close());

const page = async (path: string) => {
  const response = await officer.get(path);
  return { status: response.status, text: await response.text(), headers: response.headers };
};

/** A new member, whose registration is in the log. */
const aMember = async (): Promise<{ no: string; id: string }> => {
  const manager = await world.session("ma.jun");
  const input = registration();
  const sent = { ...input, consents: "service", tier: "standard" };
  const made = await manager.submit("/members/new", sent, "/members");
  const id = /\/members\/([0-9a-f-]{36})/.exec(made.headers.get("location") ?? "")?.[1] ?? "";
  await world.console.audit.settle();
  return { no: input.member_no ?? "", id };
};

describe("the pages of the log", () => {
  test("the explorer lists events, keeps every filter in its address, and offers what is saved", async () => {
    const { status, text } = await page("/audit?category=audit&outcome=success");
    expect(status).toBe(200);
    expect(text).toContain("/audit/events/");
    expect(text).toContain("检索审计日志");
    expect(text).toContain("/audit/export?category=audit&amp;outcome=success");
  });

  test("the chart has an address of its own, with the filter, and counts what the page lists", async () => {
    const { text } = await page("/audit?category=audit");
    expect(text).toContain('href="/audit/chart?category=audit"');
    expect(text).toContain('hx-get="/audit/chart?category=audit"');
    expect(text).not.toContain("<svg viewBox"); // the events do not wait for it
    const chart = await page("/audit/chart?category=audit");
    expect(chart.status).toBe(200);
    expect(chart.text).toContain("chart-bar");
    expect(chart.text).toMatch(/href="\/audit\?category=audit&amp;from=/);
    expect((await page("/audit/chart?actor=13800138000")).status).toBe(422);
  });

  test("a filter that is not understood is shown again with what was typed, and nothing is searched for", async () => {
    const { status, text } = await page("/audit?actor=13800138000&action=members.edit");
    expect(status).toBe(422);
    expect(text).toContain('value="members.edit"');
    expect(text).not.toContain("/audit/events/");
  });

  test("a login and a member's number are taken for whom they name, in the filter, the one box and the search", async () => {
    const login = world.loginOf("compliance_officer");
    const id = await world.personId(login);
    const { no, id: member } = await aMember();
    for (const path of [
      `/audit?actor=${login}`,
      `/audit?target=${no.toLowerCase()}`,
      `/audit?target=${no}&type=member`,
    ]) {
      const { status, text } = await page(path);
      expect([path, status, text.includes('href="/audit/events/')]).toEqual([path, 200, true]);
    }
    const lead = async (path: string, field: string, text: string) => {
      const answer = await officer.submit("/audit", { [field]: text }, path);
      return [answer.status, answer.headers.get("location")];
    };
    expect(await lead("/audit/find", "text", login)).toEqual([303, `/audit/person/${id}`]);
    expect(await lead("/search", "q", login)).toEqual([303, `/audit/person/${id}`]);
    expect(await lead("/audit/find", "text", no)).toEqual([303, `/audit/object/member/${member}`]);
    expect(await lead("/audit/find", "text", "检索审计日志")).toEqual([303, "/audit?action=audit.search"]);
    expect(await lead("/audit/find", "text", "T-2026-881")).toEqual([422, null]);
    for (const [filter, message] of [
      ["actor=lin.wie", "没有这个登录名，日志中也没有这个操作人"],
      ["target=M999999", "没有这个会员号或登录名，日志中也没有这个对象"],
    ]) {
      const { status, text } = await page(`/audit?${filter}`);
      expect([filter, status, text.includes(message ?? "")]).toEqual([filter, 422, true]);
    }
  });

  test("a history names whom it is about, and leads back to their page those who may open it", async () => {
    const login = world.loginOf("compliance_officer");
    const person = await world.personId(login);
    const { no, id: member } = await aMember();
    for (const [path, title, back] of [
      [`/audit/object/member/${member}`, `会员 ${no} 的历史`, `/members/${member}`],
      [`/audit/seen/${member}`, `谁看过会员 ${no} 的信息`, `/members/${member}`],
      [`/audit/person/${person}`, `${login} 的操作`, `/staff/${person}`],
      [`/audit/person/${login}`, `${login} 的操作`, `/staff/${person}`],
    ] as const) {
      const { text } = await page(path);
      const way = /<nav class="breadcrumbs"[^]*?<\/nav>/.exec(text)?.[0] ?? "";
      expect([path, /<h1[^>]*>([^<]*)</.exec(text)?.[1]]).toEqual([path, title]);
      expect([path, way]).toEqual([path, expect.stringContaining(`href="${back}"`)]);
    }
  });

  test("an event's page shows the path's pattern as people read it, and what its proof rests on", async () => {
    const { id } = await aMember();
    expect((await officer.get(`/members/${id}`)).status).toBe(200);
    await world.console.audit.settle();
    const [found] = /\/audit\/events\/\d+/.exec((await page("/audit?action=members.view")).text) ?? [];
    const { text } = await page(found ?? "");
    expect(text).toContain("GET /members/:member<");
    expect((await page("/audit/events/0")).text).toContain("证明有效，现凭本系统自己的签名");
  });

  test("one event has its page, its proof and its bytes", async () => {
    expect((await page("/audit/events/0")).status).toBe(200);
    const proof = await page("/audit/events/0/proof");
    expect(proof.headers.get("content-disposition")).toContain("event-0.tlog-proof");
    expect(proof.text).toContain("c2sp.org/tlog-proof@v1");
    const body = await page("/audit/events/0/body");
    expect(JSON.parse(body.text)).toMatchObject({ v: 1 });
    expect((await page("/audit/events/99999999")).status).toBe(404);
    expect((await page("/audit/events/x")).status).toBe(422);
  });

  test("histories of an object and of a person, who saw a member, and the state of the log open", async () => {
    const id = await world.personId(world.loginOf("compliance_officer"));
    for (const path of [
      `/audit/person/${id}`,
      `/audit/object/person/${id}`,
      "/audit/seen/0190a000-0000-7000-8000-00000000000b",
      "/audit/status",
      "/audit/export",
    ])
      expect([path, (await page(path)).status]).toEqual([path, 200]);
  });

  test("without a witness the state page says what a proof rests on, and what to do", async () => {
    const { text } = await page("/audit/status");
    expect(text).toContain("POL-AUDIT 未要求见证者");
    expect(text).toContain("gatehouse audit witness");
    expect((await page("/audit/policy")).text).toMatch(/^quorum none$/m);
  });

  test("an event's proof verifies with nothing but the three files that its page offers", async () => {
    const folder = await mkdtemp(join(tmpdir(), "gatehouse-proof-"));
    const event = await page("/audit/events/0");
    const files = ["/audit/events/0/proof", "/audit/policy", "/audit/verifier"];
    for (const path of files) {
      expect(event.text).toContain(`href="${path}"`);
      const answer = await officer.get(path);
      const name = /filename="?([^";]+)/.exec(answer.headers.get("content-disposition") ?? "")?.[1] ?? "";
      await writeFile(join(folder, name), Buffer.from(await answer.arrayBuffer()));
    }
    expect((await readdir(folder)).toSorted()).toEqual([
      "event-0.tlog-proof",
      "gatehouse-verify.mjs",
      "trusted.policy",
    ]);
    const command = /node (gatehouse-verify.mjs [^<]+)/.exec(event.text)?.[1]?.trim() ?? "";
    const { stdout } = await promisify(execFile)(process.execPath, command.split(" "), { cwd: folder });
    expect(stdout).toMatch(/verified/i);
    await rm(folder, { recursive: true });
  });

  test("a search is kept under a name and forgotten again", async () => {
    const token = await officer.token("/audit?category=audit");
    const saved = await officer.post("/audit/searches", {
      _csrf: token,
      name: "nightly",
      f_category: "audit",
    });
    expect([saved.status, saved.headers.get("location")]).toEqual([
      303,
      expect.stringContaining("/audit?category=audit"),
    ]);
    const { text } = await page("/audit");
    const id = /\/audit\/searches\/([0-9a-f-]+)\/delete/.exec(text)?.[1];
    expect(text).toContain("nightly");
    const gone = await officer.post(`/audit/searches/${id}/delete`, { _csrf: token });
    expect(gone.status).toBe(303);
  });

  test("an export is a download of the events as they stand", async () => {
    const response = await officer.submit("/audit/export", { format: "jsonl", f_category: "audit" });
    expect(response.headers.get("content-disposition")).toContain(".jsonl");
    const [line = ""] = (await response.text()).split("\n");
    expect(JSON.parse(line)).toMatchObject({ category: "audit" });
  });

  test("somebody without the right sees none of it", async () => {
    const agent = await world.session(world.loginOf("service_agent"));
    for (const path of [
      "/audit",
      "/audit/chart",
      "/audit/events/0",
      "/audit/status",
      "/audit/export",
      "/log/tile/entries/000.p/1",
    ])
      expect([path, (await agent.get(path)).status]).toEqual([path, 403]);
  });
});

describe.skipIf(!browserAvailable)("in a browser", () => {
  test("the pages stand on a wide and on a narrow screen, in both themes", async () => {
    const base = await world.listen();
    const browser = await launch();
    try {
      for (const [width, colorScheme] of [
        [1440, "light"],
        [390, "dark"],
      ] as const) {
        await withPage(browser, { viewport: { width, height: 900 }, colorScheme }, async (view) => {
          const cookies = [...officer.cookies].map(([name, value]) => ({ name, value, url: base }));
          await view.context().addCookies(cookies);
          for (const path of ["/audit", "/audit/events/0", "/audit/status", "/audit/export"]) {
            const answer = await view.goto(`${base}${path}`);
            expect([path, answer?.status()]).toEqual([path, 200]);
            if (path === "/audit")
              await view.waitForSelector("#audit-chart .chart-bar", { state: "attached" });
            const overflow = await view.evaluate(
              "document.documentElement.scrollWidth - document.documentElement.clientWidth",
            );
            expect([path, width, overflow]).toEqual([path, width, 0]);
            const shots = process.env["SCREENSHOTS"];
            if (shots !== undefined)
              await view.screenshot({
                path: `${shots}/audit${path.replaceAll("/", "-")}-${width}.png`,
                fullPage: true,
              });
          }
        });
      }
    } finally {
      await browser.close();
    }
  }, 60_000);
});
