/** @jsxImportSource hono/jsx */
import { get, post } from "../../../src/platform/module.ts";
import { Field, Form } from "../../../views/components/index.ts";
import type { ViewContext } from "../../../views/context.ts";
import { Page } from "../../../views/layout/index.ts";
import { nobody } from "../../../src/platform/http/session.ts";
import { addNote, listNotes } from "./support.ts";
import type { FieldError } from "../../../src/platform/http/page.ts";

function NotePage({
  v,
  text = "",
  errors = [],
}: {
  v: ViewContext;
  text?: string;
  errors?: readonly FieldError[];
}) {
  return (
    <Page v={v} title="New note">
      <Form v={v} action="/notes" errors={errors}>
        <Field v={v} name="text" label="Text" value={text} error={errors[0]?.message} />
      </Form>
    </Page>
  );
}

/** A module of two pages, a form, a download and an upload, as every module has them. */
export const noteRoutes = [
  get("/notes", listNotes, async (page) => await page.html(<Page v={page.v} title="Notes" />)),
  get("/notes/new", addNote, async (page) => await page.html(<NotePage v={page.v} />)),
  post("/notes", addNote, async (page) => {
    const form = await page.form();
    return await page.submit(addNote, form.values, {
      done: () => page.redirect("/notes", "notice.saved"),
      again: ({ errors }) => <NotePage v={page.v} text={form.get("text")} errors={errors} />,
    });
  }),
  post("/notes/bare", addNote, async (page) => {
    const done = await page.execute(addNote, (await page.form()).values);
    return page.redirect(`/notes?made=${done.commandId}`);
  }),
  post(
    "/notes/files",
    "anyone",
    async (page) => {
      const file = await page.upload();
      for await (const chunk of file.chunks) void chunk;
      return page.c.json({
        name: file.name,
        type: file.type,
        ...file.sum(),
        title: (await page.form()).get("title"),
      });
    },
    1_000_000,
  ),
  get("/notes/export", listNotes, (page) =>
    page.download("会员 名单.csv", "text/csv; charset=utf-8", "a,b\n"),
  ),
  get("/notes/by-a-look", "anyone", async (page) => {
    await page.execute(addNote, { text: "by a look" });
    return page.redirect("/notes");
  }),
  get("/notes/crash", "anyone", () => {
    throw new Error("password of li.na is hunter2");
  }),
  get("/notes/:id", listNotes, async (page) => await page.html(<Page v={page.v} title={page.param("id")} />)),
  get("/hello", "public", async (page) => await page.html(<NotePage v={page.v} />)),
  post("/hello", "public", async (page) => page.redirect((await page.form()).get("to"))),
  get("/sign-in/code", "half", async (page) => await page.html(<NotePage v={page.v} />)),
  get("/long", "public", async (page) => await page.html(<NotePage v={page.v} text={"长".repeat(5000)} />)),
  post("/sign-in", "public", async (page) => {
    const resumed = page.resume({
      ...nobody,
      credential: { type: "session", person: "p", session: "s".repeat(64) },
    });
    return resumed === null ? page.redirect("/") : await resumed;
  }),
  post("/sign-out", "anyone", (page) => page.forget("/hello")),
];
