/** @jsxImportSource hono/jsx */
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  ActionButton,
  Clock,
  Confirm,
  Diff,
  Facts,
  Field,
  Form,
  LinkButton,
  live,
  Mask,
  Progress,
  safeHref,
  StateBadge,
  StateMachine,
  Table,
  Timeline,
} from "../../views/components/index.ts";
import { placeStates } from "../../views/components/state-machine-layout.ts";
import { Page, SignedOutPage } from "../../views/layout/index.ts";
import type { GateKind } from "../../src/platform/http/view.ts";
import { rendered, testView } from "./context.ts";

const v = testView({ language: "en" });

describe("safeHref", () => {
  it("lets web, mail and relative addresses through as they are", () => {
    for (const address of [
      "/members?q=1",
      "?page=2",
      "#content",
      "https://example.com/a",
      "mailto:a@example.com",
    ]) {
      expect(safeHref(address)).toBe(address);
    }
  });

  it("turns every other scheme into nothing, however it is disguised", () => {
    const disguised = [
      "javascript:alert(1)",
      " javascript:alert(1)",
      "java\nscript:alert(1)",
      "JAVASCRIPT:alert(1)",
    ];
    for (const address of [...disguised, "data:text/html,x", "vbscript:x", "blob:x", "http://[bad"]) {
      expect(safeHref(address)).toBe("#");
    }
  });
});

describe("components", () => {
  /** One page through which a hostile text passes in every place that takes text. */
  const everywhere = (text: string) => (
    <Page
      v={testView({
        language: "en",
        csrf: text,
        path: "/",
        nav: [{ name: "watch", items: [{ label: text, href: "/x" }] }],
        banners: [{ kind: "demo", text }],
        notices: [{ tone: "info", text }],
        viewer: { name: `A${text}`, roles: [text], can: () => true, gate: () => null },
      })}
      title={text}
      lead={text}
      crumbs={[{ label: text, href: "/" }]}
      personalData
    >
      <Facts facts={[{ label: text, value: text }]} />
      <Field v={v} name="a" label={text} value={text} hint={text} error={text} placeholder={text} />
      <Field v={v} type="textarea" name="b" label={text} value={text} />
      <Field
        v={v}
        type="select"
        name="c"
        label={text}
        value={text}
        options={[{ value: text, label: text }]}
      />
      <Field v={v} type="radio" name="d" label={text} options={[{ value: text, label: text, hint: text }]} />
      <StateBadge v={v} tone="good" label={text} />
      <Mask v={v} value={text} field={text} revealHref="/r" />
      <Diff v={v} caption={text} changes={[{ label: text, before: { shown: text }, after: null }]} />
      <Timeline v={v} label={text} entries={[{ at: v.now, title: text, actor: text, body: text }]} />
      <Progress v={v} label={text} done={1} total={2} />
      <ActionButton v={v} label={text} action="/a" values={{ key: text }} />
      <Confirm
        v={v}
        title={text}
        action="/a"
        consequences={[text]}
        confirmLabel={text}
        cancelHref="/"
        reason={{ maxlength: 10, value: text }}
        errors={[{ message: text }]}
      />
      <Table
        v={v}
        id="t"
        caption={text}
        columns={[{ key: "k", label: text, primary: true, cell: () => text }]}
        rows={[1]}
        rowName={() => text}
        rowHref={() => "/t"}
        empty={{ title: text }}
      />
    </Page>
  );

  it("render any text as text: no input makes an element or an attribute (ASVS 1.2.1)", async () => {
    const plain = await rendered(everywhere("§"));
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(
          fc.constantFrom(
            "<script>alert(1)</script>",
            '"><img src=x onerror=alert(1)>',
            "' onfocus='x",
            "</textarea><b>",
            "<!--",
          ),
          fc.string({
            unit: fc.constantFrom("<", ">", '"', "'", "&", "/", "=", "a", " "),
            minLength: 1,
            maxLength: 12,
          }),
        ),
        async (hostile) => {
          const framed = `§${hostile}§`;
          expect((await rendered(everywhere(framed))).replaceAll(escaped(framed), "§")).toBe(plain);
        },
      ),
      { numRuns: 60 },
    );
  });

  it("carry no style and no script of their own (ASVS 1.2.3)", async () => {
    const page = await rendered(everywhere("x"));
    expect(page).not.toMatch(/\sstyle=|<style|\son[a-z]+=|<script(?![^>]*\ssrc=)/);
  });

  it("never lead to a script", async () => {
    const page = await rendered(
      <>
        <LinkButton v={v} label="x" href="javascript:alert(1)" />
        <Form v={v} action="javascript:alert(1)" />
        <Mask v={v} value="x" field="x" revealHref="javascript:alert(1)" />
      </>,
    );
    expect(page).not.toContain("javascript:");
  });

  it("tie hint and error to their input", async () => {
    const field = await rendered(
      <Field v={v} name="address.city" label="City" hint="Where" error="Needed" required />,
    );
    expect(field).toContain('id="field-address-city"');
    expect(field).toContain('aria-describedby="field-address-city-hint field-address-city-error"');
    expect(field).toContain('aria-invalid="true"');
    expect(field).toContain('for="field-address-city"');
  });

  it("send the token, the version and the key with every form", async () => {
    const form = await rendered(<Form v={v} action="/members/1" version={4} idempotencyKey="k1" />);
    expect(form).toContain('name="_csrf" value="csrf-token"');
    expect(form).toContain('name="version" value="4"');
    expect(form).toContain('name="_key" value="k1"');
    expect(form).toContain('method="post"');
  });

  it("say in words what the policy in force asks before the command behind a button", async () => {
    const asking = (gate: GateKind | null) => {
      const viewer = { name: "A", roles: [], can: () => true, gate: () => gate };
      return rendered(
        <ActionButton v={{ ...v, viewer }} label="Export" action="/x" command="members.export" />,
      );
    };
    expect(await asking("four-eyes")).toContain("needs two people");
    expect(await asking("step-up")).toContain("needs a fresh");
    expect(await asking(null)).not.toContain("needs");
  });

  it("show the exact instant behind a relative one", async () => {
    const clock = await rendered(<Clock v={v} at={new Date("2026-03-05T06:00:09Z")} show="relative" />);
    expect(clock).toBe(
      '<time datetime="2026-03-05T06:00:09.000Z" title="2026-03-05 14:00:09">5 minutes ago</time>',
    );
  });

  it("show a protected value as a commitment, never as a value", async () => {
    const diff = await rendered(
      <Diff
        v={v}
        caption="x"
        changes={[{ label: "Phone", before: null, after: { commitment: "0123456789abcdef" } }]}
      />,
    );
    expect(diff).toContain("Protected value");
    expect(diff).toContain("01234567</code>");
  });

  it("give every htmx element the nonce without which it is dead", () => {
    expect(live(v, { get: "/x", target: "#y", stream: "/s" })).toEqual({
      "hx-get": "/x",
      "hx-target": "#y",
      "hx-sse:connect": "/s",
      "hx-nonce": v.nonce,
    });
  });

  it("say what to do where a list is empty", async () => {
    const table = await rendered(
      <Table
        v={v}
        id="t"
        caption="c"
        columns={[]}
        rows={[]}
        rowName={() => ""}
        empty={{ title: "Nobody yet", text: "Import some." }}
      />,
    );
    expect(table).toContain("Nobody yet");
    expect(table).not.toContain("<table");
  });

  it("draw a state machine with its table, and the state that is now", async () => {
    const figure = await rendered(
      <StateMachine
        v={v}
        id="m"
        title="Life"
        current="b"
        states={[
          { name: "a", label: "A" },
          { name: "b", label: "B" },
        ]}
        transitions={[{ from: "a", to: "b", label: "go" }]}
      />,
    );
    expect(figure).toContain("Now: B");
    expect(figure).toContain("<td>go</td>");
  });
});

describe("a page", () => {
  it("is a whole document for a browser and its content alone for htmx, from the same call", async () => {
    const page = (fragment: boolean) => rendered(<Page v={{ ...v, fragment }} title="Members" />);
    expect(await page(false)).toMatch(/^<!doctype html><html lang="en"/);
    expect(await page(true)).toMatch(/^<header class="page-header">/);
  });

  it("shows no group of the navigation that has nothing for this person", async () => {
    const nav = [
      { name: "money" as const, items: [] },
      { name: "audit" as const, items: [{ label: "Log", href: "/audit" }] },
    ];
    const page = await rendered(
      <Page v={testView({ language: "en", nav, path: "/audit/events?x=1" })} title="Log" />,
    );
    expect(page).not.toContain("nav-money");
    expect(page).toContain('href="/audit" aria-current="true"');
  });

  it("carries a watermark only where personal data is shown (8.1.3)", async () => {
    expect(await rendered(<Page v={v} title="x" personalData />)).toContain("watermark");
    expect(await rendered(<Page v={v} title="x" />)).not.toContain("watermark");
  });

  it("before sign-in has no navigation and no search", async () => {
    const page = await rendered(<SignedOutPage v={v} title="Sign in" />);
    expect(page).not.toMatch(/<nav|global-search/);
  });
});

describe("placing states", () => {
  it("gives every state one place, and no two the same", () => {
    const names = fc.uniqueArray(fc.constantFrom("a", "b", "c", "d", "e", "f"), { minLength: 1 });
    const arrows = fc.array(fc.tuple(fc.nat(5), fc.nat(5)));
    fc.assert(
      fc.property(names, arrows, (states, pairs) => {
        const at = (index: number) => states[index % states.length] ?? "a";
        const transitions = pairs.map(([from, to]) => ({ from: at(from), to: at(to), label: "" }));
        const placed = placeStates(states, transitions);
        expect(placed.map(({ name }) => name)).toEqual(states);
        expect(new Set(placed.map(({ column, row }) => `${column}/${row}`)).size).toBe(states.length);
      }),
    );
  });
});

function escaped(text: string): string {
  return text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;")
    .replaceAll("'", "&#39;");
}
