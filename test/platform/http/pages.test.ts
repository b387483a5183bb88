import { describe, expect, test } from "vitest";
import { noteRoutes } from "./routes.tsx";
import { testApp, tokenOf } from "./support.ts";

describe("who reaches a route", () => {
  const { fetch } = testApp(noteRoutes);

  test("whoever may use its query sees the page, with a navigation of what they may open", async () => {
    const response = await fetch("/notes", { who: "full" });
    expect(response.status).toBe(200);
    expect(await response.text()).toContain('href="/notes"');
  });

  test("nobody yet is led to sign-in and back, query included", async () => {
    const response = await fetch("/notes?tier=gold&made=%E9%87%91");
    expect(response.status).toBe(303);
    expect(response.headers.get("location")).toBe(
      "/sign-in?next=%2Fnotes%3Ftier%3Dgold%26made%3D%25E9%2587%2591",
    );
  });

  test("a part of a page sends the whole page to sign-in", async () => {
    const response = await fetch("/notes", {
      headers: { "hx-request": "true", "hx-current-url": "https://mall.example/notes/7?x=1" },
    });
    expect(response.status).toBe(401);
    expect(response.headers.get("hx-redirect")).toBe("/sign-in?next=%2Fnotes%2F7%3Fx%3D1");
  });

  test("one factor leads to the next factor, and nowhere else", async () => {
    expect((await fetch("/notes", { who: "half" })).headers.get("location")).toBe("/sign-in/code");
    expect((await fetch("/sign-in/code", { who: "half" })).status).toBe(200);
    expect((await fetch("/sign-in/code", { who: "full" })).headers.get("location")).toBe("/");
    expect((await fetch("/sign-in/code")).headers.get("location")).toMatch(/^\/sign-in\?/);
  });

  test("without the permission the handler does not run", async () => {
    const response = await fetch("/notes", { who: "powerless" });
    expect(response.status).toBe(403);
    expect(await response.text()).toContain("Your roles do not include this");
  });

  test("a failing look-up of the session lets nobody pass", async () => {
    const broken = testApp(noteRoutes, {
      authenticate: async () => {
        throw new Error("the database is gone");
      },
    });
    expect((await broken.fetch("/notes", { who: "full" })).status).toBe(500);
    expect((await broken.fetch("/hello")).status).toBe(500);
  });
});

describe("addresses", () => {
  const { fetch } = testApp(noteRoutes);

  test("a fixed address wins over a parameter, whatever the order of the manifest", async () => {
    const { fetch } = testApp(noteRoutes.toReversed());
    expect(await (await fetch("/notes/new", { who: "full" })).text()).toContain("New note");
    expect(await (await fetch("/notes/7", { who: "full" })).text()).toContain("<h1>7</h1>");
  });

  test.each(["PUT", "DELETE", "PATCH", "OPTIONS", "PROPFIND"])(
    "%s is not allowed on a page",
    async (method) => {
      const response = await fetch("/notes", { method, who: "full" });
      expect(response.status).toBe(405);
      expect(response.headers.get("allow")).toBe("GET, HEAD, POST");
    },
  );

  test("a page does not take a post, and an action is not looked at", async () => {
    const response = await fetch("/notes/bare", { who: "full" });
    expect(response.status).toBe(405);
    expect(response.headers.get("allow")).toBe("POST");
  });

  test("HEAD is GET without the page", async () => {
    const response = await fetch("/notes", { method: "HEAD", who: "full" });
    expect(response.status).toBe(200);
    expect(await response.text()).toBe("");
  });

  test("a look passes no command, whatever its handler tries (ASVS 3.5.3)", async () => {
    const { fetch, passed, lines } = testApp(noteRoutes);
    for (const method of ["GET", "HEAD"])
      expect((await fetch("/notes/by-a-look", { method, who: "full" })).status).toBe(500);
    expect(passed).toEqual([]);
    expect(lines.filter(({ event }) => event === "unexpected_error")).toHaveLength(2);
  });

  test("an address of nobody is a page in the person's language", async () => {
    const response = await fetch("/nowhere", { headers: { "accept-language": "en" } });
    expect(response.status).toBe(404);
    expect(await response.text()).toContain("There is nothing here that you can see");
    expect(await (await fetch("/nowhere")).text()).toContain("没有找到");
    expect(await (await fetch("/nowhere", { who: "full" })).text()).toContain('action="/sign-out"');
  });

  test("two routes of one address stop the start", () => {
    const [route] = noteRoutes;
    if (route === undefined) throw new Error("no routes");
    expect(() => testApp([...noteRoutes, { ...route }])).toThrow("two routes claim get /notes");
  });
});

describe("a form", () => {
  test("that is right passes the door and leads on, with a notice", async () => {
    const { post, passed, fetch } = testApp(noteRoutes);
    const response = await post("/notes", { text: "hello", _key: "key-12345678" });
    expect(response.status).toBe(303);
    expect(response.headers.get("location")).toBe("/notes?notice=notice.saved");
    expect(passed).toEqual([{ name: "notes.add", input: { text: "hello" }, key: "key-12345678:notes.add" }]);
    expect(await (await fetch("/notes?notice=notice.saved", { who: "full" })).text()).toContain("Saved.");
  });

  test("that is wrong comes back with what was typed and what is wrong beside it", async () => {
    const { post } = testApp(noteRoutes);
    const response = await post("/notes", { text: "x" });
    expect(response.status).toBe(422);
    const html = await response.text();
    expect(html).toContain('value="x"');
    expect(html).toContain("At least 2 characters");
    expect(html).toContain('href="#field-text"');
  });

  test("that met a newer version comes back as a conflict", async () => {
    const { post } = testApp(noteRoutes);
    const response = await post("/notes", { text: "conflict" });
    expect(response.status).toBe(409);
    expect(await response.text()).toContain('value="conflict"');
  });

  test("with an unknown field is refused, not trimmed", async () => {
    const { post } = testApp(noteRoutes);
    const response = await post("/notes", { text: "hello", role: "admin" });
    expect(response.status).toBe(422);
    expect(await response.text()).toContain("not known here");
  });

  test("with a malformed key is refused", async () => {
    const { post } = testApp(noteRoutes);
    expect((await post("/notes", { text: "hello", _key: "../../x" })).status).toBe(400);
  });
});

describe("every refusal has its answer", () => {
  test.each([
    ["denied", 403, "Your roles do not include this"],
    ["pending", 202, "/approvals/0190b0d2-aaaa-7000-8000-000000000009"],
    ["frozen", 423, "frozen"],
    ["throttled", 429, "Try again in"],
    ["unavailable", 503, "Nothing was changed"],
    ["crash", 500, "Something went wrong"],
  ])("%s is %i", async (text, status, words) => {
    const { post, lines } = testApp(noteRoutes);
    const response = await post("/notes", { text });
    expect(response.status).toBe(status);
    const html = await response.text();
    expect(html).toContain(words);
    expect(html).not.toContain("13812345678");
    expect(JSON.stringify(lines)).not.toContain("13812345678");
  });

  test("throttled says when to come again", async () => {
    const { post } = testApp(noteRoutes);
    expect((await post("/notes", { text: "throttled" })).headers.get("retry-after")).toBe("13");
  });

  test("an unexpected error shows the request id and nothing of itself", async () => {
    const { fetch, lines } = testApp(noteRoutes);
    const response = await fetch("/notes/crash", { who: "full" });
    expect(response.status).toBe(500);
    const html = await response.text();
    expect(html).toContain(response.headers.get("x-request-id"));
    expect(html).not.toContain("hunter2");
    const line = lines.find(({ event }) => event === "unexpected_error");
    expect(line).toMatchObject({ level: "error", route: "/notes/crash", error: { type: "Error" } });
    expect(JSON.stringify(lines)).not.toContain("hunter2");
  });

  test("a part of a page gets a part that says no", async () => {
    const { post } = testApp(noteRoutes);
    const response = await post("/notes/bare", { text: "denied" }, { headers: { "hx-request": "true" } });
    const html = await response.text();
    expect(html).not.toContain("<html");
    expect(html).toContain("Your roles do not include this");
  });

  test("when not even a page can be made, the request id comes in both languages", async () => {
    const { fetch } = testApp(noteRoutes, {
      banners: async () => {
        throw new Error("the database is gone");
      },
    });
    const response = await fetch("/nowhere");
    expect(response.status).toBe(500);
    expect(response.headers.get("content-type")).toBe("text/plain; charset=UTF-8");
    expect(await response.text()).toContain(response.headers.get("x-request-id"));
  });
});

describe("step-up", () => {
  test("asks for the proof and repeats the form", async () => {
    const { post } = testApp(noteRoutes);
    const response = await post("/notes", { text: "step-up", _key: "key-12345678" });
    expect(response.status).toBe(403);
    const html = await response.text();
    expect(html).toContain('action="/notes"');
    expect(html).toContain('name="text" value="step-up"');
    expect(html).toContain('name="_key" value="key-12345678"');
    expect(html).toContain('name="_stepup_digest" value="abc-DEF"');
    expect(html).toContain('name="_stepup_password"');
  });

  const proof = {
    _stepup_level: "bound",
    _stepup_minutes: "5",
    _stepup_digest: "abc-DEF",
    _stepup_password: "correct horse",
    _stepup_code: "123456",
  };

  test("a right proof is taken first and never reaches the command", async () => {
    const seen: unknown[] = [];
    const { post, passed } = testApp(noteRoutes, {
      stepUp: async ({ who, need, password, code }) => {
        seen.push({ need, password, code });
        return who;
      },
    });
    const response = await post("/notes", { text: "hello", ...proof });
    expect(response.status).toBe(303);
    expect(seen).toEqual([
      { need: { level: "bound", minutes: 5, digest: "abc-DEF" }, password: "correct horse", code: "123456" },
    ]);
    expect(passed).toEqual([{ name: "notes.add", input: { text: "hello" }, key: undefined }]);
  });

  test("a wrong proof is asked for again, and the command does not run", async () => {
    const { Refusal } = await import("../../../src/door/refusal.ts");
    const { post, passed } = testApp(noteRoutes, {
      stepUp: async () => {
        throw new Refusal("step-up-required", "step_up_wrong");
      },
    });
    const response = await post("/notes", { text: "hello", ...proof });
    expect(response.status).toBe(403);
    const html = await response.text();
    expect(html).toContain('name="text" value="hello"');
    expect(html).not.toContain("correct horse");
    expect(passed).toEqual([]);
  });

  test("a need that nobody asked for is malformed", async () => {
    const { post } = testApp(noteRoutes);
    expect((await post("/notes", { text: "hello", ...proof, _stepup_level: "none" })).status).toBe(400);
  });
});

describe("a session that ended while somebody typed", () => {
  test("keeps the form through sign-in, in the page alone", async () => {
    const { post, fetch } = testApp(noteRoutes);
    const again = await post("/notes", { text: "long thought" }, { who: "nobody" });
    expect(again.status).toBe(401);
    const html = await again.text();
    expect(html).not.toContain("long thought");
    const carry = /name="_carry" value="([^"]+)"/.exec(html)?.[1] ?? "";
    const cookie = again.headers.get("set-cookie")?.split(";")[0] ?? "";
    const csrf = /name="_csrf" value="([^"]+)"/.exec(html)?.[1] ?? "";

    const signedIn = await fetch("/sign-in", {
      method: "POST",
      headers: { "sec-fetch-site": "same-origin", cookie },
      body: new URLSearchParams({ _csrf: csrf, _carry: carry }),
    });
    const offer = await signedIn.text();
    expect(offer).toContain('action="/notes"');
    expect(offer).toContain('name="text" value="long thought"');
    const token = /name="_csrf" value="([^"]+)"/.exec(offer)?.[1] ?? "";
    expect((await post("/notes", { text: "long thought", _csrf: token })).status).toBe(303);
  });

  test("is noticed as late as in the door", async () => {
    const { post } = testApp(noteRoutes);
    const response = await post("/notes", { text: "ended" });
    expect(response.status).toBe(401);
    expect(await response.text()).toContain("_carry");
  });

  test("never carries a password", async () => {
    const { post } = testApp(noteRoutes);
    const response = await post("/notes", { text: "x", new_password: "hunter2hunter2" }, { who: "nobody" });
    const html = await response.text();
    expect(html).not.toContain("_carry");
    expect(html).toContain("没有保留");
  });

  test("a forged carry is nothing", async () => {
    const { fetch } = testApp(noteRoutes);
    const page = await fetch("/hello");
    const cookie = page.headers.get("set-cookie")?.split(";")[0] ?? "";
    const _csrf = await tokenOf(page);
    const forged = `${Buffer.from('["/notes",[["text","x"]]]').toString("base64url")}.AAAA`;
    const response = await fetch("/sign-in", {
      method: "POST",
      headers: { "sec-fetch-site": "same-origin", cookie },
      body: new URLSearchParams({ _csrf, _carry: forged }),
    });
    expect(response.status).toBe(303);
  });
});
