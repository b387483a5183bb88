import { Readable } from "node:stream";
import { Refusal } from "../../../door/refusal.ts";
import { csvRows } from "../../../platform/csv.ts";
import type { FieldError, Page } from "../../../platform/http/page.ts";
import { progressOf } from "../../../platform/http/sse.ts";
import { get, post, type Route, unattended } from "../../../platform/module.ts";
import { isMessageKey } from "../../../../views/messages/index.ts";
import { ImportPage, ImportStanding, isWorking, rowReason } from "../../../../views/members/import.tsx";
import { ImportsPage } from "../../../../views/members/imports.tsx";
import { choices } from "../choices.ts";
import { given } from "../routes.tsx";
import { cancel, check, start, upload } from "./commands.ts";
import { DOWNLOAD_PAGE, importReport, imports, type ReportRow } from "./queries.ts";
import { takeFile } from "./upload.ts";

/** Above every policy: the command holds files to the limit that policy sets, with a clear answer. */
const MOST_BYTES = 1_100_000_000;

/** A file of members on its way in: upload, dry run, start, progress, report. */
export const importRoutes: readonly Route[] = [
  get("/members/imports", imports, async (page) => page.html(await importsPage(page))),

  post(
    "/members/imports",
    upload,
    async (page) => {
      const file = await page.upload();
      try {
        const taken = await takeFile(
          file,
          async (piece) => await page.execute(upload, piece, piece.no),
          async (given) => await page.execute(cancel, given),
        );
        if (taken.problem === null) await page.execute(check, { import: taken.import });
        return page.redirect(`/members/imports/${taken.import}`);
      } catch (error) {
        if (!(error instanceof Refusal) || error.kind !== "invalid") throw error;
        return await page.html(await importsPage(page, errorsOf(page, error)), 422);
      }
    },
    MOST_BYTES,
  ),

  get("/members/imports/:import", importReport, async (page) => {
    const { outcome, after } = page.query;
    const reportOf = async (chosen: string | undefined) =>
      await page.ask(importReport, {
        import: page.param("import"),
        ...given({ outcome: chosen }),
        afterLine: Number(after ?? 0),
      });
    const report = await reportOf(outcome);
    // what was refused is what there is to do; all rows are asked for by an empty choice
    const first = outcome === undefined && report.import.refused > 0 ? "refused" : outcome;
    return page.html(
      <ImportPage
        v={page.v}
        choices={choices}
        report={first === outcome ? report : await reportOf(first)}
        outcome={first}
      />,
    );
  }),

  unattended("/members/imports/:import/progress", importReport, async (page) => {
    const report = await page.ask(importReport, { import: page.param("import") });
    return page.html(<ImportPage v={page.v} choices={choices} report={report} />);
  }),

  unattended("/members/imports/:import/live", importReport, async (page) => {
    const look = async () => (await page.ask(importReport, { import: page.param("import"), size: 1 })).import;
    await look(); // what is not there is no stream
    return page.stream(
      progressOf({
        look,
        over: (found) => !isWorking(found),
        show: (found) => <ImportStanding v={page.v} found={found} />,
      }),
    );
  }),

  get("/members/imports/:import/report.csv", importReport, async (page) => {
    const first = await reportFrom(page, 0);
    const name = `import-${first.import.created_at.toISOString().slice(0, 10)}-report.csv`;
    return page.download(name, "text/csv; charset=utf-8", csvOf(page, first));
  }),

  post("/members/imports/:import/start", start, async (page) => {
    const version = Number((await page.form()).get("version"));
    await page.execute(start, { import: page.param("import"), version });
    return page.redirect(`/members/imports/${page.param("import")}`, "members.import.notice.started");
  }),

  post("/members/imports/:import/cancel", cancel, async (page) => {
    await page.execute(cancel, { import: page.param("import") });
    return page.redirect(`/members/imports/${page.param("import")}`, "members.import.notice.cancelled");
  }),
];

async function importsPage(page: Page, errors: readonly FieldError[] = []) {
  return <ImportsPage v={page.v} choices={choices} {...await page.ask(imports, {})} errors={errors} />;
}

async function reportFrom(page: Page, afterLine: number) {
  return await page.ask(importReport, { import: page.param("import"), afterLine, size: DOWNLOAD_PAGE });
}

/** The report as a file, a page of it in memory at a time, in the reader's language and safe to open in a spreadsheet. */
function csvOf(page: Page, first: Awaited<ReturnType<typeof reportFrom>>): ReadableStream<Uint8Array> {
  const { t } = page;
  const header = [
    t("members.import.line"),
    t("members.field.member_no"),
    t("members.import.outcome"),
    t("members.import.reason"),
  ];
  const cells = (row: ReportRow) => [
    row.line,
    row.member_no ?? "",
    t(`members.import.outcome.${row.outcome}`),
    rowReason(page.v, row),
  ];
  async function* pieces() {
    yield Buffer.from(`\uFEFF${csvRows([header])}`);
    for (let report = first; ; ) {
      yield Buffer.from(csvRows(report.rows.map(cells)));
      if (report.next === undefined) return;
      report = await reportFrom(page, report.next);
    }
  }
  // node's and the browser's stream are one thing under two types
  return Readable.toWeb(Readable.from(pieces())) as ReadableStream<Uint8Array>;
}

/** What an upload was refused for, at its field. */
function errorsOf({ t }: Page, refusal: Refusal): FieldError[] {
  const [issue] = refusal.details.issues ?? [];
  const key = `invalid.${issue?.code ?? "required"}`;
  if (isMessageKey(key)) return [{ field: "file", message: t(key, issue?.values) }];
  return [{ field: "file", message: t("invalid.required") }];
}
