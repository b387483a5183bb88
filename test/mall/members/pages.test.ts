import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { exportMember } from "../../../src/mall/members/exports.ts";
import { chunk } from "../../../src/mall/members/import/step.ts";
import type { Client } from "../../support/client.ts";
import { type TestConsole, testConsole } from "../../support/console.ts";
import { registration } from "./support.ts";

describe("the pages of members", () => {
  let world: TestConsole;
  let manager: Client;
  beforeAll(async () => {
    world = await testConsole({ with: "people" });
    manager = await world.session("ma.jun");
  }, 120_000);
  afterAll(async () => await world.close());

  const member = async (data: Parameters<typeof registration>[0] = {}) => {
    const input = registration(data);
    const sent = { ...input, consents: "service", tier: "standard" };
    const response = await manager.submit("/members/new", sent, "/members");
    expect(response.status).toBe(303);
    return (response.headers.get("location") ?? "").split("?")[0] ?? "";
  };

  it("5.1.1 registers by form, keeps what was typed when it cannot, and says why beside the field", async () => {
    const wrong = await manager.submit(
      "/members/new",
      { ...registration({ phone: "12", name: "夏洛" }), consents: "service", tier: "standard" },
      "/members",
    );
    expect(wrong.status).toBe(422);
    const page = await wrong.text();
    expect(page).toContain('value="夏洛"');
    expect(page).toContain("请填写有效的手机号码");
    expect(await member()).toMatch(/^\/members\/[0-9a-f-]{36}$/);
  });

  it("5.1.4 shows masks on the list and on the member's page, and never a value", async () => {
    const address = await member({ name: "欧阳锋", phone: "13911223344", email: "ouyang.feng@example.com" });
    for (const path of ["/members", address, `${address}/edit`]) {
      const page = await (await manager.get(path)).text();
      expect(page).toContain("欧*");
      for (const value of ["欧阳锋", "13911223344", "ouyang.feng"]) expect(page).not.toContain(value);
    }
  });

  it("5.1.4 names a member by the number on the card to those who are asked to agree to an export", async () => {
    const id = (await member()).split("/").at(-1) ?? "";
    const labels = await exportMember.labels?.(world.console.read, [id]);
    const found = await world.console.read
      .selectFrom("members.member")
      .select("no")
      .where("id", "=", id)
      .execute();
    expect([labels?.get(id)]).toEqual(found.map(({ no }) => no));
    const officer = await world.session(world.loginOf("privacy_officer"));
    expect((await officer.get(exportMember.resultAt?.(id) ?? "")).status).toBe(200);
  });

  it("5.1.4 takes a search by post: no address and no line of the operator's log holds what was searched for", async () => {
    await member({ phone: "13955667788" });
    const found = await manager.submit("/members", { by: "phone", text: "13955667788" }, "/members/search");
    expect(found.status).toBe(303);
    const results = found.headers.get("location") ?? "";
    expect(results).toMatch(/^\/members\/search\?found=/);
    // going back to it and reloading it ask for the address again
    for (let n = 0; n < 2; n += 1) expect(await (await manager.get(results)).text()).toContain("139****7788");
    const long = await manager.submit("/members", { by: "name", text: "长".repeat(300) }, "/members/search");
    expect((await manager.get(long.headers.get("location") ?? "")).status).toBe(200);
    expect(long.headers.get("location")).toMatch(/^\/members\/search\?found=/);
    const colleague = await world.session("lin.wei");
    const theirs = await colleague.get(results);
    expect(theirs.status).toBe(422);
    expect(await theirs.text()).not.toContain("139****7788");
    expect(JSON.stringify(world.lines)).not.toContain("13955667788");
  });

  it("5.1.4 reveals by post only, for some minutes, and tells the browser to keep nothing and to leave", async () => {
    const address = await member({ phone: "13912340987" });
    const ask = await manager.get(`${address}/reveal/phone`);
    expect(await ask.text()).not.toContain("13912340987");
    const noPurpose = await manager.submit(`${address}/reveal/phone`, { purpose: "", ticket: "" });
    expect(noPurpose.status).toBe(422);
    const noTicket = await manager.submit(`${address}/reveal/phone`, { purpose: "incident", ticket: "" });
    expect(await noTicket.text()).toMatch(/error-summary[\s\S]*编号[^<]*: /);
    const asked = { purpose: "data_review", ticket: "", _key: "reveal-once" };
    const shown = await manager.submit(`${address}/reveal/phone`, asked);
    expect(shown.status).toBe(200);
    const text = await shown.text();
    expect(text).toContain("+8613912340987");
    expect(text).toContain("目的");
    const reloaded = await manager.submit(`${address}/reveal/phone`, asked);
    expect(reloaded.status).toBe(409);
    const used = await reloaded.text();
    expect(used).toContain("此次查看已用过");
    for (const href of [address, `${address}/reveal/phone`]) expect(used).toContain(`href="${href}"`);
    expect(shown.headers.get("refresh")).toBe(`600; url=${address}`);
    expect(shown.headers.get("cache-control")).toContain("no-store");
    expect((await manager.get(`${address}/reveal/password`)).status).toBe(404);
  });

  it("5.1.4 opens a change from the event's page, and says that it is what the log committed to", async () => {
    const address = await member({ phone: "13912340111" });
    const officer = await world.session("lin.wei");
    // events are sequenced behind the command, and looks at the history are events as well
    const change = await vi.waitUntil(
      async () => {
        const history = await officer.get(`/audit/object/member/${address.split("/")[2]}`);
        const events = (await history.text()).match(/\/audit\/events\/\d+/g) ?? [];
        const pages = await Promise.all(
          [...new Set(events)].map(async (event) => await (await officer.get(event)).text()),
        );
        return /\/members\/[0-9a-f-]+\/changes\/[0-9a-f-]+\/phone/.exec(pages.join())?.[0];
      },
      { timeout: 10_000, interval: 200 },
    );
    expect(await (await officer.get(change)).text()).not.toContain("13912340111");
    const noPurpose = await officer.submit(change, { purpose: "", ticket: "" });
    expect(noPurpose.status).toBe(422);
    const shown = await officer.submit(change, { purpose: "data_review", ticket: "" });
    expect(shown.status).toBe(200);
    const text = await shown.text();
    expect(text).toContain("+8613912340111");
    expect(text).toContain("与日志承诺一致");
    expect(shown.headers.get("refresh")).toBe(`600; url=${address}`);
    expect(shown.headers.get("cache-control")).toContain("no-store");
  });

  it("5.1.4 asks for a second factor when the last one is old", async () => {
    const address = await member();
    const stale = await world.session("ma.jun", { factorAgo: 30 });
    const response = await stale.submit(`${address}/reveal/phone`, { purpose: "data_review", ticket: "" });
    expect(response.status).toBe(403);
    expect(await response.text()).toContain("_stepup_code");
  });

  it("5.1.3 shows both versions of a stale form field by field, and the form saves on the newer one", async () => {
    const address = await member({ name: "黄老邪" });
    const keep = { name: "", phone: "", email: "", sex: "", birth_date: "", tier: "standard" };
    const first = await manager.submit(`${address}/edit`, { ...keep, version: "1", name: "黄药师" });
    expect(first.status).toBe(303);
    const stale = await manager.submit(`${address}/edit`, {
      ...keep,
      version: "1",
      email: "island@example.com",
    });
    expect(stale.status).toBe(409);
    const page = await stale.text();
    expect(page).toContain("资料已被他人修改");
    expect(page).toContain('value="island@example.com"');
    expect(page).toContain('name="version" value="2"');
    const again = await manager.submit(`${address}/edit`, {
      ...keep,
      version: "2",
      email: "island@example.com",
    });
    expect(again.status).toBe(303);
  });

  it("hides what is not there behind 404, and says 403 to those who may not", async () => {
    expect((await manager.get("/members/0198f000-0000-7000-8000-000000000000")).status).toBe(404);
    expect((await manager.get("/members/not-a-member")).status).toBe(404);
    const marketing = await world.session("anna.koch");
    expect((await marketing.get("/members")).status).toBe(403);
    expect((await marketing.get("/members/statistics")).status).toBe(200);
  });

  it("refuses a file without a single byte, and other uploads that are none, with a page and not with an error", async () => {
    const none = await manager.submit("/members/imports", { file: "" });
    expect(none.status).toBe(422);
    const body = new FormData();
    body.set("_csrf", await manager.token("/members/imports"));
    body.set("file", new Blob(["member_no\0"]), "members.csv");
    const upload = await manager.fetch("/members/imports", {
      method: "POST",
      headers: { "sec-fetch-site": "same-origin" },
      body,
    });
    expect(upload.status).toBe(303);
    const page = await (await manager.get(upload.headers.get("location") ?? "")).text();
    expect(page).toContain("文件含有空字节");
    expect(page).toContain("未写入任何内容");
  });

  it("shows when a consent was given also where there is room", async () => {
    const page = await (await manager.get(await member())).text();
    const table = /id="consents"[\s\S]*?<\/table>/.exec(page)?.[0] ?? "";
    expect(table).toContain("<time");
    expect(table).not.toContain("secondary");
  });

  it("opens a report with what was refused and its rule, and offers no start where nothing is left", async () => {
    const page = async (...rows: string[]) => {
      const body = new FormData();
      body.set("_csrf", await manager.token("/members/imports"));
      const header = "member_no,name,phone,email,sex,birth_date,registered_at,consents";
      body.set("file", new Blob([`${[header, ...rows].join("\n")}\n`]), "members.csv");
      const upload = await manager.fetch("/members/imports", {
        method: "POST",
        headers: { "sec-fetch-site": "same-origin" },
        body,
      });
      const address = upload.headers.get("location") ?? "";
      const job = { type: "scheduler", job: "members.import" } as const;
      await world.console.door.execute(chunk, job, { import: address.split("/").at(-1) });
      return { address, text: await (await manager.get(address)).text() };
    };
    const bad = "Z1,王小明,13912348881,,,,2024-01-01,";
    const good = "Z00002,王小红,13912348882,,,,2024-01-01,";
    const none = await page(bad);
    expect(none.text).toContain("3 到 32 位字母、数字或连字符，且不是手机号");
    expect(none.text).not.toContain(`${none.address}/start`);

    const some = await page(good, bad);
    expect(some.text).toContain(`${some.address}/start`);
    expect(some.text).toContain(`href="${some.address}?outcome=created"`);
    const rows = (text: string) =>
      (/id="report"[\s\S]*?<\/table>/.exec(text)?.[0] ?? "").match(/<tr/g)?.length;
    expect(rows(some.text)).toBe(2); // the head and the refused one
    expect(rows(await (await manager.get(`${some.address}?outcome=`)).text())).toBe(3);
  });

  it("says on an import's page why it was stopped: the person who started it was disabled meanwhile", async () => {
    const officer = await world.session("lin.wei");
    const body = new FormData();
    body.set("_csrf", await officer.token("/members/imports"));
    const rows =
      "member_no,name,phone,email,sex,birth_date,registered_at,consents\nP00001,王小明,13912349999,,,,2024-01-01,\n";
    body.set("file", new Blob([rows]), "members.csv");
    const upload = await officer.fetch("/members/imports", {
      method: "POST",
      headers: { "sec-fetch-site": "same-origin" },
      body,
    });
    expect(upload.status).toBe(303);
    const address = upload.headers.get("location") ?? "";
    const step = async () =>
      await world.console.door.execute(
        chunk,
        { type: "scheduler", job: "members.import" },
        { import: address.split("/").at(-1) },
      );
    await step();
    const version = /name="version" value="(\d+)"/.exec(await (await officer.get(address)).text())?.[1] ?? "";
    expect((await officer.submit(address, { version }, `${address}/start`)).status).toBe(303);

    const lead = await world.session(world.loginOf("security_lead"));
    const staff = `/staff/${await world.personId("lin.wei")}`;
    const disabled = await lead.submit(staff, { reason: "misused the import" }, `${staff}/disable`);
    expect(disabled.status).toBe(303);
    expect((await step()).value.more).toBe(false);
    const page = await (await manager.get(address)).text();
    expect(page).toContain("启动本次导入的人已被停用");
    expect(page).toContain("已写入的行保留");
    const written = world.console.read.selectFrom("members.member").select("id").where("no", "=", "P00001");
    expect(await written.execute()).toEqual([]);
  });
});
