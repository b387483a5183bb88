import { html } from "hono/html";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { accessModule } from "../../src/access/index.ts";
import { loadAssets } from "../../src/platform/assets.ts";
import { createApp } from "../../src/platform/http/index.ts";
import { get, unattended } from "../../src/platform/module.ts";
import { createLog } from "../../src/platform/log.ts";
import { viewContext } from "../../views/context.ts";
import { systemPages } from "../../views/system/index.tsx";
import { accessWorld, PASSWORD, type World } from "./world.ts";

/** A page of a person, and what the page asks by itself. */
const byThemselves = [
  get("/attended", "anyone", async (page) => page.html(html`<p>${String(page.viewer?.display)}</p>`)),
  unattended("/unattended", "anyone", async (page) =>
    page.html(html`<p>${String(page.viewer?.display)}</p>`),
  ),
];

const ORIGIN = "https://mall.example";
let world: World;
let app: ReturnType<typeof createApp>["app"];

beforeAll(async () => {
  world = await accessWorld({
    wei: ["people_administrator"],
    hao: ["approver"],
    emma: ["auditor"],
    lan: [],
  });
  const { access } = world;
  ({ app } = createApp({
    door: world.door,
    modules: [{ ...accessModule, routes: [...accessModule.routes, ...byThemselves] }],
    authenticate: access.authenticate,
    stepUp: access.stepUp,
    turnedAway: access.turnedAway,
    banners: async (who, language) => await access.banners(who, language, { demo: false, fork: false }),
    view: viewContext,
    pages: systemPages,
    assets: loadAssets(),
    formKey: world.formKey,
    publicOrigin: ORIGIN,
    trustedProxies: [],
    timezone: "Asia/Shanghai",
    ready: {},
    clock: world.clock,
    log: createLog("info", { write: () => {} }),
  }));
});
afterAll(async () => await world.close());

/** A browser: keeps cookies, sends forms as our own page does. */
function newBrowser() {
  const jar = new Map<string, string>();
  const send = async (path: string, init: RequestInit = {}) => {
    const headers = new Headers(init.headers);
    headers.set("cookie", [...jar].map(([name, value]) => `${name}=${value}`).join("; "));
    headers.set("accept-language", "en");
    const response = await app.request(`${ORIGIN}${path}`, { ...init, headers });
    for (const cookie of response.headers.getSetCookie()) {
      const [, name = "", value = ""] = /^([^=]+)=([^;]*)/.exec(cookie) ?? [];
      if (value === "" || /max-age=0/i.test(cookie)) jar.delete(name);
      else jar.set(name, value);
    }
    return response;
  };
  const get = async (path: string) => await send(path);
  const post = async (path: string, fields: Record<string, string>, form = path) => {
    const page = await (await get(form)).text();
    const token = /name="_csrf" value="([^"]+)"/.exec(page)?.[1] ?? "";
    return await send(path, {
      method: "POST",
      headers: { "sec-fetch-site": "same-origin", "content-type": "application/x-www-form-urlencoded" },
      body: new URLSearchParams({ _csrf: token, ...fields }).toString(),
    });
  };
  return {
    jar,
    get,
    post,
    async signIn(login: string) {
      await post("/sign-in", { login, password: PASSWORD, next: "" });
      return await post("/sign-in/code", { code: world.code(login), next: "" });
    },
  };
}

describe("signing in by the forms of the contract", () => {
  test("password, code, first screen; the cookie is Secure, HttpOnly, Strict, and ends with the browser", async () => {
    const browser = newBrowser();
    const first = await browser.post("/sign-in", { login: "wei", password: PASSWORD, next: "/staff" });
    expect([first.status, first.headers.get("location")]).toEqual([303, "/sign-in/code?next=%2Fstaff"]);
    const cookie = first.headers.getSetCookie().find((c) => c.startsWith("__Host-gatehouse="));
    expect(cookie).toMatch(/; Path=\/; HttpOnly; Secure; SameSite=Strict$/);
    const pending = browser.jar.get("__Host-gatehouse");
    expect((await browser.get("/staff")).headers.get("location")).toBe("/sign-in/code");
    const second = await browser.post("/sign-in/code", { code: world.code("wei"), next: "/staff" });
    expect([second.status, second.headers.get("location")]).toEqual([303, "/staff"]);
    expect(browser.jar.get("__Host-gatehouse")).not.toBe(pending);
    expect(browser.jar.has("__Host-gatehouse-device")).toBe(true);
    expect((await browser.get("/staff")).status).toBe(200);
  });

  test("nowhere else than here, wherever `next` points", async () => {
    for (const next of [
      "https://evil.example/",
      "//evil.example",
      "/\\evil.example",
      "javascript:alert(1)",
    ]) {
      const browser = newBrowser();
      await browser.post("/sign-in", { login: "hao", password: PASSWORD, next });
      const answer = await browser.post("/sign-in/code", { code: world.code("hao"), next });
      expect(answer.headers.get("location")).toBe("/");
    }
  });

  test("every no is the same page, byte for byte", async () => {
    const page = async (login: string, password: string) => {
      const answer = await newBrowser().post("/sign-in", { login, password, next: "" });
      const text = await answer.text();
      return `${answer.status} ${text
        .replaceAll(/name="_csrf" value="[^"]+"/g, "")
        .replaceAll(/nonce="[^"]+"/g, "")
        .replaceAll(/[0-9a-f]{8}-[0-9a-f-]{27}/g, "")
        .replaceAll(login, "")}`;
    };
    const known = await page("wei", "wrong");
    expect(known).toMatch(/^403 /);
    expect(await page("nobody-has-this", "wrong")).toBe(known);
    for (let i = 0; i < 12; i += 1) await page("throttled-one", "wrong");
    expect(await page("throttled-one", PASSWORD)).toBe(known);
  });

  test("a wrong code is said beside its field, and typed again", async () => {
    const browser = newBrowser();
    await browser.post("/sign-in", { login: "hao", password: PASSWORD, next: "" });
    const answer = await browser.post("/sign-in/code", { code: "000000", next: "/me" });
    expect(answer.status).toBe(403);
    const text = await answer.text();
    expect(text).toContain("This code is not right");
    // the code is not given back, so the page does not say that it was kept
    expect(text).toContain("Passwords and codes have to be typed again");
    expect(text).not.toContain("What you typed is kept");
  });

  test("signing out kills the session, and tells the browser to forget", async () => {
    const browser = newBrowser();
    await browser.signIn("emma");
    const token = browser.jar.get("__Host-gatehouse") ?? "";
    const out = await browser.post("/sign-out", {}, "/me");
    expect([out.status, out.headers.get("location")]).toEqual([303, "/sign-in?notice=notice.signed-out"]);
    expect(out.headers.get("clear-site-data")).toContain("cookies");
    const thief = newBrowser();
    thief.jar.set("__Host-gatehouse", token);
    expect((await thief.get("/me")).headers.get("location")).toBe("/sign-in?next=%2Fme");
  });

  test("forged and overlong cookies are nobody's", async () => {
    for (const value of ["x", "a".repeat(5000), "..%2f", "'".repeat(40)]) {
      const browser = newBrowser();
      browser.jar.set("__Host-gatehouse", value);
      expect((await browser.get("/me")).status).toBe(303);
    }
  });
});

test("what a page asks by itself is answered, and is no sign that somebody is there (ASVS 7.3.1)", async () => {
  const browser = newBrowser();
  await browser.signIn("emma");
  const ask = async (path: string) => {
    world.clock.advance(10 * 60_000);
    const response = await browser.get(path);
    return [response.status, (await response.text()).includes("emma")];
  };
  expect(await ask("/attended")).toEqual([200, true]);
  expect(await ask("/unattended")).toEqual([200, true]);
  expect(await ask("/unattended")).toEqual([303, false]);
});

describe("pages", () => {
  test.each(["/", "/me", "/approvals", "/approvals/mine", "/staff", "/staff/invite", "/staff/matrix"])(
    "%s opens in both languages",
    async (path) => {
      const browser = newBrowser();
      await browser.signIn("wei");
      const english = await (await browser.get(path)).text();
      expect(english).toContain('<html lang="en"');
      await browser.post("/preferences", { language: "zh-CN", return_to: path }, "/me");
      const chinese = await browser.get(path);
      expect(chinese.status).toBe(200);
      expect(await chinese.text()).toContain('<html lang="zh-CN"');
      await browser.post("/preferences", { language: "en", return_to: path }, "/me");
    },
  );

  test("before sign-in the language is kept in a cookie", async () => {
    const browser = newBrowser();
    await browser.post("/preferences", { language: "zh-CN", return_to: "/sign-in" }, "/sign-in");
    expect(await (await browser.get("/sign-in")).text()).toContain('<html lang="zh-CN"');
  });

  test("one-time links cannot be tried at will: an address that guesses waits, one that holds a link does not", async () => {
    const admin = newBrowser();
    await admin.signIn("wei");
    const made = await (await admin.post("/staff/invite", { login: "link.holder", name: "新同事" })).text();
    const link = /https:\/\/mall\.example(\/welcome\/[\w-]{43})/.exec(made)?.[1] ?? "";
    const person = newBrowser();
    const seen = async (path: string) => (await person.get(path)).status;
    for (let i = 0; i < 70; i += 1) expect(await seen(link)).toBe(200);
    const guesses: number[] = [];
    for (let i = 0; i < 61; i += 1) {
      const path = i % 2 === 0 ? "welcome" : "setup";
      guesses.push(await seen(`/${path}/${String(i).padStart(43, "x")}`));
    }
    expect(guesses).toEqual([...Array.from({ length: 60 }, () => 404), 429]);
    expect(await seen(link)).toBe(429);
    world.clock.advance(16 * 60_000);
    expect(await seen(link)).toBe(200);
  });

  test("a colleague is invited, chooses a password, enrols and signs in; the link works once", async () => {
    const admin = newBrowser();
    await admin.signIn("wei");
    const made = await (await admin.post("/staff/invite", { login: "new.one", name: "新同事" })).text();
    const link = /https:\/\/mall\.example(\/welcome\/[\w-]{43})/.exec(made)?.[1] ?? "";
    expect(link).not.toBe("");
    const person = newBrowser();
    expect(await (await person.get(link)).text()).toContain("new.one");
    const short = await person.post(link, { password: "too short" });
    expect([short.status, /At least 15 characters/.test(await short.text())]).toEqual([422, true]);
    const set = await person.post(link, { password: PASSWORD });
    expect(set.headers.get("location")).toBe("/sign-in?notice=access.notice.password-set");
    expect((await person.get(link)).status).toBe(404);
    // no sign-in as a side effect
    expect(person.jar.has("__Host-gatehouse")).toBe(false);
    const half = await person.post("/sign-in", { login: "new.one", password: PASSWORD, next: "" });
    expect(half.headers.get("location")).toBe("/enrol");
    expect((await person.get("/sign-in/code")).status).toBe(200);
    await person.post("/enrol", { next: "" });
    const enrol = await (await person.get("/enrol")).text();
    expect(enrol).toContain('<svg class="qr"');
    const secret = /<code>([A-Z2-7 ]{32,})<\/code>/.exec(enrol)?.[1]?.replaceAll(" ", "") ?? "";
    const { generateSync } = await import("otplib");
    world.clock.advance(60_000);
    const code = generateSync({ secret, epoch: Math.floor(world.clock.now().getTime() / 1000) });
    const done = await (await person.post("/enrol/confirm", { code, next: "" }, "/enrol")).text();
    expect(done.match(/([A-Z2-7]{4}-){5}[A-Z2-7]{4}/g)).toHaveLength(10);
    expect((await person.get("/me")).status).toBe(200);
    // a first password is no change that somebody else could have made
    expect(await (await person.get("/")).text()).not.toContain("was changed");
  });

  test("a dangerous step is asked for, proved, and done by the same form", async () => {
    const browser = newBrowser();
    await browser.signIn("lan");
    const asked = await browser.post("/me/recovery", {}, "/me");
    expect(asked.status).toBe(403);
    const page = await asked.text();
    const hidden = Object.fromEntries(
      [...page.matchAll(/<input type="hidden" name="([^"]+)" value="([^"]*)"/g)].map(
        ([, name = "", value = ""]) => [name, value],
      ),
    );
    expect(hidden["_stepup_level"]).toBe("bound");
    const { _csrf: _, ...fields } = hidden;
    const before = browser.jar.get("__Host-gatehouse");
    const wrong = await browser.post(
      "/me/recovery",
      { ...fields, _stepup_password: "not mine", _stepup_code: world.code("lan") },
      "/me",
    );
    expect([wrong.status, /Password or code is not right/.test(await wrong.text())]).toEqual([403, true]);
    const right = await browser.post(
      "/me/recovery",
      { ...fields, _stepup_password: PASSWORD, _stepup_code: world.code("lan") },
      "/me",
    );
    expect(right.status).toBe(200);
    expect((await right.text()).match(/([A-Z2-7]{4}-){5}[A-Z2-7]{4}/g)).toHaveLength(10);
    expect(browser.jar.get("__Host-gatehouse")).not.toBe(before);
    expect((await browser.get("/me")).status).toBe(200);

    // other forms of before the renewal are still on screens, and are the same person's in the same sign-in
    const forged = (await world.events("access.forged")).length;
    const old = await browser.post("/me/recovery", { _csrf: hidden["_csrf"] ?? "" }, "/me");
    expect(await old.text()).toContain("_stepup_level");
    // in the next sign-in they have expired; that is nobody's attack
    const later = newBrowser();
    await later.signIn("lan");
    const stale = await later.post("/me/recovery", { _csrf: hidden["_csrf"] ?? "" }, "/me");
    expect([stale.status, (await stale.text()).includes("_stepup_level")]).toEqual([403, false]);
    expect(await world.events("access.forged")).toHaveLength(forged);
  });

  test("what waits for approval is counted for those who may approve, and for nobody else", async () => {
    const home = async (login: string) => {
      const browser = newBrowser();
      await browser.signIn(login);
      return await (await browser.get("/")).text();
    };
    expect(await home("hao")).toContain("Approvals waiting");
    expect(await home("lan")).not.toContain("Approvals waiting");
    // and whoever may invite finds the way to it on the first screen
    expect(await home("wei")).toContain('href="/staff/invite"');
    expect(await home("lan")).not.toContain('href="/staff/invite"');
  });

  test("a role is taken away on a page that says what happens, and works at once", async () => {
    const admin = newBrowser();
    await admin.signIn("wei");
    const person = `/staff/${world.ids["emma"]}`;
    const page = await (await admin.get(person)).text();
    const link = new RegExp(`${person}/roles/[0-9a-f-]{36}`).exec(page)?.[0] ?? "";
    expect(await (await admin.get(link)).text()).toContain("emma loses what “Auditor” gives");
    const nothing = await admin.post(link, { reason: "" });
    expect(nothing.status).toBe(422);
    const done = await admin.post(link, { reason: "moved on" });
    expect(done.headers.get("location")).toBe(`${person}?notice=access.notice.revoked`);
    expect(await (await admin.get(person)).text()).toContain("No roles");
    expect((await admin.get(link)).status).toBe(404);
  });

  test("who may not, does not; and the visit is in the log", async () => {
    const browser = newBrowser();
    await browser.signIn("hao");
    expect((await browser.get("/staff/invite")).status).toBe(403);
    const events = await world.events("access.turned_away");
    expect(events.at(-1)).toMatchObject({
      outcome: { result: "denied", code: "permission" },
      target: [{ type: "permission", id: "staff.invite" }],
      actor: { id: world.ids["hao"] },
    });
  });

  test("every password field lets managers and pasting help", async () => {
    const browser = newBrowser();
    await browser.signIn("emma");
    const pages = [
      await (await newBrowser().get("/sign-in")).text(),
      await (await browser.get("/me")).text(),
    ];
    for (const page of pages) {
      expect(page).toContain('autocomplete="current-password"');
      expect(page).not.toContain("onpaste");
    }
    expect(pages[1]).toContain('autocomplete="new-password"');
  });
});
