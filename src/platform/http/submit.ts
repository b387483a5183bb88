import type { Done } from "../../door/door.ts";
import { Refusal } from "../../door/refusal.ts";
import type { Form } from "./form.ts";
import type { Answers, FieldError, Page } from "./page.ts";
import type { SystemPages } from "./ports.ts";
import { statusOf } from "./status.ts";

/** See `Page.submit`. `act` passes the command. */
export async function submit<R>(
  at: { page: Page; form: Form; pages: SystemPages },
  act: () => Promise<Done<R>>,
  answers: Answers<R>,
): Promise<Response> {
  const { page, form, pages } = at;
  let done: Done<R>;
  try {
    done = await act();
  } catch (error) {
    if (!(error instanceof Refusal) || (error.kind !== "invalid" && error.kind !== "conflict")) throw error;
    const problem = {
      kind: error.kind,
      errors: errorsOf(error, page, pages),
      values: form.values,
      form,
      refusal: error,
    };
    return await page.html(answers.again(problem), statusOf(error));
  }
  return await answers.done(done.value);
}

function errorsOf(refusal: Refusal, { t }: Page, pages: SystemPages): FieldError[] {
  const issues = refusal.details.issues ?? [];
  if (issues.length === 0) return [{ message: pages.refusal(t, refusal) }];
  return issues.map((issue) => {
    const message = pages.issue(t, issue);
    return issue.path === "" ? { message } : { field: issue.path, message };
  });
}
