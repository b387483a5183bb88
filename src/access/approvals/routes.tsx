import { get, post, type Route } from "../../platform/module.ts";
import { ApprovalPage, ApprovalsPage } from "../../../views/access/approvals.tsx";
import { decide, withdraw } from "./commands.ts";
import { inbox, mine, PAGE, type RequestRow, viewRequest } from "./queries.ts";

export const approvalRoutes: readonly Route[] = [
  get("/approvals", inbox, async (page) => {
    const requests = await page.ask(inbox, afterOf(page.query));
    return await page.html(
      <ApprovalsPage v={page.v} tab="inbox" requests={requests} next={nextOf("/approvals", requests)} />,
    );
  }),

  get("/approvals/mine", mine, async (page) => {
    const requests = await page.ask(mine, afterOf(page.query));
    return await page.html(
      <ApprovalsPage v={page.v} tab="mine" requests={requests} next={nextOf("/approvals/mine", requests)} />,
    );
  }),

  get("/approvals/:request", viewRequest, async (page) => {
    const request = await page.ask(viewRequest, { request: page.param("request") });
    return await page.html(<ApprovalPage v={page.v} request={request} />);
  }),

  post("/approvals/:request", decide, async (page) => {
    const form = await page.form();
    const id = page.param("request");
    const reason = form.get("reason");
    const input = {
      request: id,
      decision: form.get("decision"),
      digest: form.get("digest"),
      ...(reason === "" ? {} : { reason }),
    };
    const request = await page.ask(viewRequest, { request: id });
    return await page.submit(decide, input, {
      // the page of the request says why nothing was done
      done: ({ state }) =>
        state === "failed"
          ? page.redirect(`/approvals/${id}`)
          : page.redirect("/approvals", "access.notice.decided"),
      again: ({ errors }) => <ApprovalPage v={page.v} request={request} errors={errors} />,
    });
  }),

  post("/approvals/:request/withdraw", withdraw, async (page) => {
    await page.execute(withdraw, { request: page.param("request") });
    return page.redirect("/approvals/mine", "access.notice.withdrawn");
  }),
];

function afterOf(query: Readonly<Record<string, string>>): { after?: string } {
  const after = query["after"];
  return after === undefined ? {} : { after };
}

function nextOf(path: string, rows: readonly RequestRow[]): string | undefined {
  const last = rows.at(-1);
  if (rows.length < PAGE || last === undefined) return undefined;
  return `${path}?after=${encodeURIComponent(last.createdAt.toISOString())}`;
}
