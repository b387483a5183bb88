import type { SystemPages } from "../../src/platform/http/ports.ts";
import { SendAgainPage, SignInAgainPage } from "./again.tsx";
import { ErrorPage } from "./error.tsx";
import { PendingPage } from "./pending.tsx";
import { StepUpPage } from "./step-up.tsx";
import { iconOf, issueText, noticeOf, refusalText, textOf } from "./texts.ts";

/** The pages of no module and the texts of refusals, for the HTTP layer. */
export const systemPages: SystemPages = {
  error: (v, facts) => <ErrorPage v={v} facts={facts} />,
  stepUp: (v, facts) => <StepUpPage v={v} facts={facts} />,
  pending: (v, approval) => <PendingPage v={v} approval={approval} />,
  signInAgain: (v, { carry, next }) => <SignInAgainPage v={v} carry={carry} next={next} />,
  sendAgain: (v, facts) => <SendAgainPage v={v} {...facts} />,
  refusal: refusalText,
  issue: issueText,
  notice: noticeOf,
  text: textOf,
  icon: iconOf,
};
