import * as fc from "fast-check";
import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import { readBody } from "../../../src/platform/http/body.ts";
import { formOf } from "../../../src/platform/http/form.ts";
import { plainName, uploadOf } from "../../../src/platform/http/upload.ts";
import { noteRoutes } from "./routes.tsx";
import { testApp } from "./support.ts";

/** A body in pieces of a size, without a declared length, as a chunked request has it. */
function pieces(bytes: Uint8Array, size: number): ReadableStream<Uint8Array> {
  let at = 0;
  return new ReadableStream({
    pull(controller) {
      if (at >= bytes.length) return controller.close();
      controller.enqueue(bytes.slice(at, at + size));
      at += size;
    },
  });
}

function request(type: string, body: string | Uint8Array, size = 7): Request {
  const bytes = typeof body === "string" ? new TextEncoder().encode(body) : body;
  return new Request("https://mall.example/", {
    method: "POST",
    headers: { "content-type": type },
    body: pieces(bytes, size),
    duplex: "half",
  } as RequestInit);
}

const form = "application/x-www-form-urlencoded";
const multi = "multipart/form-data; boundary=XyZ";
const part = (name: string, value: string) =>
  `--XyZ\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`;
const file = (name: string, content: string) =>
  `--XyZ\r\nContent-Disposition: form-data; name="file"; filename="${name}"\r\nContent-Type: text/csv\r\n\r\n${content}\r\n`;

async function codeOf(work: Promise<unknown>): Promise<string> {
  try {
    await work;
    return "read";
  } catch (error) {
    return error instanceof Error && "code" in error ? String(error.code) : "crash";
  }
}

describe("a form", () => {
  test("is read as a browser writes it", async () => {
    const { fields } = await readBody(request(form, "name=%E5%BC%A0+%E4%B8%89&a=1&a=2&empty=&bare"));
    const read = formOf(fields);
    expect(read.values).toEqual({ name: "张 三", a: ["1", "2"], empty: "", bare: "" });
    expect([read.get("name"), read.all("a"), read.get("missing")]).toEqual(["张 三", ["1", "2"], ""]);
    expect(() => read.get("a")).toThrow("invalid: repeated");
  });

  test.each([
    ["bytes that are no UTF-8", "name=%E5%BC"],
    ["raw bytes that are no UTF-8", new Uint8Array([0x61, 0x3d, 0xff])],
    ["an escape that is none", "name=100%"],
    ["an overlong escape", "name=%C0%AF"],
    ["half of a surrogate pair", "name=%ED%A0%80"],
    ["a NUL", "name=a%00b"],
    ["a NUL in a name", "na%00me=a"],
    ["more fields than anybody has", "a&".repeat(1001)],
  ])("with %s is malformed", async (_what, body) => {
    expect(await codeOf(readBody(request(form, body)))).toBe("malformed");
  });

  test("decodes once (ASVS 1.1.1)", async () => {
    const { fields } = await readBody(request(form, "a=%2541"));
    expect(fields).toEqual([["a", "%41"]]);
  });

  test("cannot reach a prototype (ASVS 1.5.2)", async () => {
    const { fields } = await readBody(request(form, "__proto__=x&__proto__[admin]=1&constructor=y&a=1"));
    const { values } = formOf(fields);
    expect(Object.hasOwn(values, "__proto__")).toBe(true);
    expect(Object.getPrototypeOf(values)).toBe(Object.prototype);
    expect("admin" in {}).toBe(false);
  });

  test("of other kinds is not taken", async () => {
    expect(await codeOf(readBody(request("application/json", "{}")))).toBe("media_type");
    expect(await codeOf(readBody(request("text/plain", "a=1")))).toBe("media_type");
    expect(await codeOf(readBody(request("multipart/form-data", "")))).toBe("media_type");
    expect(await codeOf(readBody(request("application/x-www-form-urlencodedx", "a=1")))).toBe("media_type");
  });

  test("is held to 64 KB also when no length is declared (ASVS 5.2.1)", async () => {
    expect(await codeOf(readBody(request(form, `a=${"x".repeat(65_534)}`, 4096)))).toBe("read");
    expect(await codeOf(readBody(request(form, `a=${"x".repeat(65_535)}`, 4096)))).toBe("too_large");
  });

  test("whose sender hangs up in the middle is malformed, and nobody's fault here", async () => {
    const broken = new ReadableStream<Uint8Array>({
      pull(stream) {
        stream.error(Object.assign(new Error("aborted"), { code: "ECONNRESET" }));
      },
    });
    const init = {
      method: "POST",
      headers: { "content-type": "application/x-www-form-urlencoded" },
      body: broken,
      duplex: "half",
    };
    const request = new Request("http://gatehouse.test/", init);
    await expect(readBody(request)).rejects.toMatchObject({ kind: "invalid", code: "malformed" });
  });

  test("stops being read at its limit", async () => {
    let sent = 0;
    const endless = new ReadableStream<Uint8Array>({
      pull(controller) {
        sent += 1024;
        controller.enqueue(new Uint8Array(1024).fill(97));
      },
    });
    const endlessForm = new Request("https://mall.example/", {
      method: "POST",
      headers: { "content-type": form },
      body: endless,
      duplex: "half",
    } as RequestInit);
    expect(await codeOf(readBody(endlessForm))).toBe("too_large");
    expect(sent).toBeLessThan(80 * 1024);
  });
});

describe("an upload", () => {
  test("is read in pieces of any size, boundary across them or not", async () => {
    const content = `name\r\n--XyY\r\n-${"\r\n--Xy".repeat(50)}`;
    for (const size of [1, 2, 3, 5, 8, 64, 10_000]) {
      const { fields, file: open } = await readBody(
        request(multi, `${part("title", "会员")}${file("a.csv", content)}--XyZ--\r\n`, size),
      );
      expect(fields).toEqual([["title", "会员"]]);
      const upload = uploadOf(open);
      const chunks: Uint8Array[] = [];
      for await (const chunk of upload.chunks) chunks.push(chunk);
      expect(Buffer.concat(chunks).toString()).toBe(content);
      expect(upload.sum()).toEqual({
        size: Buffer.byteLength(content),
        sha256: createHash("sha256").update(content).digest("hex"),
      });
    }
  });

  test("gives back whatever bytes and fields were sent", async () => {
    const field = fc.tuple(
      fc.string({ minLength: 1 }).map((name) => name.replaceAll(/["\\%]|\p{Cc}/gu, "_") || "x"),
      fc.string({ unit: "grapheme" }).map((value) => value.replaceAll("\0", "").toWellFormed()),
    );
    await fc.assert(
      fc.asyncProperty(
        fc.array(field, { maxLength: 5 }),
        fc.uint8Array({ maxLength: 300 }),
        fc.integer({ min: 1, max: 50 }),
        async (fields, bytes, size) => {
          const boundary = "b0undary-that-is-not-in-the-data-4711";
          const head = fields.map(
            ([name, value]) =>
              `--${boundary}\r\nContent-Disposition: form-data; name="${name.toWellFormed()}"\r\n\r\n${value}\r\n`,
          );
          const open = `--${boundary}\r\nContent-Disposition: form-data; name="file"; filename="f"\r\n\r\n`;
          const body = Buffer.concat([
            Buffer.from(head.join("") + open),
            bytes,
            Buffer.from(`\r\n--${boundary}--\r\n`),
          ]);
          const read = await readBody(request(`multipart/form-data; boundary="${boundary}"`, body, size));
          expect(read.fields).toEqual(fields.map(([name, value]) => [name.toWellFormed(), value]));
          const chunks: Uint8Array[] = [];
          for await (const chunk of uploadOf(read.file).chunks) chunks.push(chunk);
          expect(Buffer.concat(chunks).equals(Buffer.from(bytes))).toBe(true);
        },
      ),
      { numRuns: 200 },
    );
  });

  test.each([
    ["no part at all", ""],
    ["no end", part("a", "1")],
    ["an end inside a part", part("a", "1").slice(0, -4)],
    ["something before the first part", `preamble\r\n${part("a", "1")}--XyZ--`],
    ["a part without a name", "--XyZ\r\nContent-Disposition: form-data\r\n\r\nx\r\n--XyZ--"],
    ["a part of another kind", '--XyZ\r\nContent-Disposition: attachment; name="a"\r\n\r\nx\r\n--XyZ--'],
    [
      "an encoding of the last century",
      '--XyZ\r\nContent-Disposition: form-data; name="a"\r\nContent-Transfer-Encoding: base64\r\n\r\nx\r\n--XyZ--',
    ],
    ["headers without an end", `--XyZ\r\n${"x".repeat(9000)}`],
    ["junk after a boundary", "--XyZjunk\r\n\r\n"],
    ["a NUL in a field", `${part("a", "x\0y")}--XyZ--`],
  ])("with %s is malformed", async (_what, body) => {
    expect(await codeOf(readBody(request(multi, body)))).toBe("malformed");
  });

  test("with anything after its file is malformed once the file has been read", async () => {
    const { file: open } = await readBody(request(multi, `${file("a", "1")}${part("late", "x")}--XyZ--`));
    const drained = (async () => {
      for await (const chunk of uploadOf(open).chunks) void chunk;
    })();
    expect(await codeOf(drained)).toBe("malformed");
  });

  test("that is too long ends in the middle, whatever length was declared", async () => {
    const { file: open } = await readBody(request(multi, `${file("a", "x".repeat(5000))}--XyZ--`, 512), 2000);
    const drained = (async () => {
      for await (const chunk of uploadOf(open).chunks) void chunk;
    })();
    expect(await codeOf(drained)).toBe("too_large");
  });

  test("holds its fields to 64 KB, whatever the file may be", async () => {
    const body = `${part("a", "x".repeat(70_000))}--XyZ--`;
    expect(await codeOf(readBody(request(multi, body, 4096), 1_000_000))).toBe("too_large");
  });

  test("without a file is a form, and asking for the file is refused beside its field", async () => {
    const empty = file("", "");
    const { fields, file: open } = await readBody(request(multi, `${part("a", "1")}${empty}--XyZ--`));
    expect(fields).toEqual([["a", "1"]]);
    expect(() => uploadOf(open)).toThrow("invalid: invalid");
  });

  test("has no digest before it was read", async () => {
    const { file: open } = await readBody(request(multi, `${file("a", "1")}--XyZ--`));
    expect(() => uploadOf(open).sum()).toThrow("before it was read");
  });

  test.each([
    ["../../etc/passwd", "passwd"],
    ["C:\\Users\\li\\名单.csv", "名单.csv"],
    ["a\u202Efdp.exe", "afdp.exe"],
    ["\u0000\u0007", "file"],
    ["x".repeat(500), "x".repeat(200)],
  ])("named %j is called %s", (given, name) => {
    expect(plainName(given)).toBe(name);
  });
});

describe("through the application", () => {
  const app = testApp(noteRoutes);
  const send = async (type: string, body: string | Uint8Array) =>
    await app.fetch("/notes/files", {
      method: "POST",
      who: "full",
      headers: { "sec-fetch-site": "same-origin", "content-type": type },
      body: typeof body === "string" ? body : new Uint8Array(body),
    });

  test("an upload reaches its handler as a stream, after its token", async () => {
    const _csrf = await app.token();
    const response = await send(
      multi,
      `${part("_csrf", _csrf)}${part("title", "t")}${file("名单.csv", "a,b")}--XyZ--`,
    );
    expect(await response.json()).toEqual({
      name: "名单.csv",
      type: "text/csv",
      title: "t",
      size: 3,
      sha256: createHash("sha256").update("a,b").digest("hex"),
    });
  });

  test("a token after the file is none", async () => {
    const _csrf = await app.token();
    expect((await send(multi, `${file("a", "1")}${part("_csrf", _csrf)}--XyZ--`)).status).toBe(403);
  });

  test("no body, however hostile, is a 500", async () => {
    const _csrf = await app.token();
    const type = fc.constantFrom(
      form,
      multi,
      "multipart/form-data; boundary=",
      "application/json",
      "",
      'x/y; charset="',
    );
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 400 }),
      fc.string({ unit: "binary" }).map((text) => Buffer.from(text)),
      fc
        .array(
          fc.constantFrom(
            "--XyZ",
            "\r\n",
            "--",
            'Content-Disposition: form-data; name="',
            '"',
            "%",
            "=",
            "&",
            "\0",
            `_csrf=${_csrf}`,
            "__proto__",
            "_stepup_code=1",
            "_key=",
            "_carry=a.b",
          ),
        )
        .map((parts) => Buffer.from(parts.join(""))),
    );
    await fc.assert(
      fc.asyncProperty(
        type,
        bytes,
        fc.constantFrom("/notes", "/notes/files", "/hello"),
        async (kind, body, path) => {
          const response = await app.fetch(path, {
            method: "POST",
            who: "full",
            headers: { "sec-fetch-site": "same-origin", "content-type": kind },
            body: new Uint8Array(body),
          });
          expect(response.status).toBeLessThan(500);
        },
      ),
      { numRuns: 400 },
    );
  });

  test("no query, however hostile, is a 500", async () => {
    const piece = fc.oneof(
      fc.constantFrom("%", "%00", "%ff", "&", "=", "notice", "next", "__proto__", "[]"),
      fc.webQueryParameters(),
    );
    await fc.assert(
      fc.asyncProperty(
        fc.array(piece, { maxLength: 6 }),
        fc.constantFrom("/notes", "/hello", "/nowhere"),
        async (parts, path) => {
          const response = await app.fetch(`${path}?${parts.join("")}`, { who: "full" });
          expect(response.status).toBeLessThan(500);
        },
      ),
      { numRuns: 200 },
    );
  });

  test("a parameter given twice is refused, not guessed (ASVS 15.3.7)", async () => {
    const response = await app.fetch("/notes?tier=gold&tier=silver", { who: "full" });
    expect(response.status).toBe(400);
    expect(await response.text()).toContain("tier");
  });

  test("a parameter of the path that is no text names nothing", async () => {
    expect((await app.fetch("/notes/a%00b", { who: "full" })).status).toBe(404);
    expect((await app.fetch("/notes/%ff", { who: "full" })).status).toBeLessThan(500);
  });
});
