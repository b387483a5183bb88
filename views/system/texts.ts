import type { Issue, Refusal } from "../../src/door/refusal.ts";
import type { IconName, Notice, ViewContext } from "../../src/platform/http/view.ts";
import { iconNames } from "../components/icon-names.ts";
import { isMessageKey, messages } from "../messages/index.ts";

type Say = ViewContext["t"];

/** A refusal in words: of its code, else of its kind. */
export function refusalText(t: Say, refusal: Refusal): string {
  const byCode = `refusal.${refusal.code}`;
  if (isMessageKey(byCode)) return t(byCode, refusal.details.values);
  const byKind = `refusal.${refusal.kind}`;
  return t(isMessageKey(byKind) ? byKind : "refusal.unexpected");
}

export function issueText(t: Say, issue: Issue): string {
  const key = `invalid.${issue.code}`;
  return isMessageKey(key) ? t(key, issue.values) : t("invalid.format");
}

/** An address may ask for a notice only by the name of one, and only for one that takes no values. */
export function noticeOf(t: Say, key: string): Notice | null {
  if (!/^notice\.|\.notice\./.test(key) || !isMessageKey(key) || messages[key].en.includes("{")) return null;
  return { tone: "good", text: t(key) };
}

export function textOf(t: Say, key: string): string {
  return isMessageKey(key) ? t(key) : key;
}

export function iconOf(name: string): IconName | undefined {
  return iconNames.find((known) => known === name);
}
