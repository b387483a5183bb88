/** @jsxImportSource hono/jsx */
import { expect, test } from "vitest";
import { SignInPage } from "../../views/access/sign-in.tsx";
import { JobsPage } from "../../views/system/jobs.tsx";
import { PolicyPage } from "../../views/system/policy.tsx";
import { PoliciesPage } from "../../views/system/policies.tsx";
import { rendered, testView } from "../views/context.ts";

const at = new Date("2026-03-05T06:00:00Z");

test("what did not arrive is on the page of jobs, with a way to send it again and without its content", async () => {
  const html = await rendered(
    <JobsPage
      v={testView({ language: "en" })}
      jobs={{ rows: [], next: undefined, counts: {} }}
      failed={[{ id: "0193", kind: "members.mail", attempts: 12, last_error: "http_500", created_at: at }]}
      state={undefined}
    />,
  );
  expect(html).toContain("Not delivered");
  expect(html).toContain("members.mail");
  expect(html).toContain("http_500");
  expect(html).toContain('action="/jobs/effects/0193/retry"');
});

test("before there is any account the sign-in page says where the link is", async () => {
  const along = { next: "", carry: null };
  const page = async (untouched: boolean) =>
    await rendered(<SignInPage v={testView({ language: "en" })} along={along} untouched={untouched} />);
  expect(await page(true)).toContain("the one-time link that the start printed");
  expect(await page(false)).not.toContain("the one-time link");
});

test("the text of a policy is shown as text", async () => {
  const policy = {
    document: "POL-GOODS",
    version: "1.0.0",
    effective_from: at,
    sha256: "ab".repeat(32),
    text: "<script>alert(1)</script>",
    title: { "zh-CN": "商品", en: "Goods" },
    parameters: [["shelf_days", 7] as [string, unknown]],
  };
  const html = await rendered(<PolicyPage v={testView({ language: "en" })} policy={policy} />);
  expect(html).toContain("&lt;script&gt;alert(1)&lt;/script&gt;");
  expect(html).toContain("shelf_days");
  expect(html).toContain("Goods");
});

test("a bad policy file is named with its line, and drafts stand beside what is in force", async () => {
  const version = {
    id: "1",
    document: "POL-GOODS",
    version: "1.0.0",
    sha256: "ab".repeat(32),
    state: "published" as const,
    effective_from: at,
    imported_at: at,
    inForce: true,
  };
  const html = await rendered(
    <PoliciesPage
      v={testView({ language: "en" })}
      policies={{
        versions: [
          version,
          { ...version, id: "2", version: "1.1.0", state: "draft", effective_from: null, inForce: false },
        ],
        errors: [{ file: "policies/documents/POL-GOODS.md", line: 9, message: "unknown key <colour>" }],
      }}
    />,
  );
  expect(html).toContain("policies/documents/POL-GOODS.md:9");
  expect(html).toContain("unknown key &lt;colour&gt;");
  expect(html).toContain("What was in force stays in force");
  expect(html).toContain("In force");
  expect(html).toContain("Draft");
});
