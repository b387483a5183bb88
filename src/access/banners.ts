import { createTranslator, type Language } from "../platform/i18n/index.ts";
import type { Authenticated } from "../platform/http/session.ts";
import type { Banner } from "../platform/http/view.ts";
import { messages } from "../../views/messages/index.ts";

/** What stands above every page: break-glass, a log that is not signed any more, the demo. Reads nothing. */
export function bannersFor(
  who: Authenticated,
  language: Language,
  state: { demo: boolean; fork: boolean },
): Banner[] {
  const t = createTranslator(language, messages);
  return [
    ...((who.actor?.breakGlass ?? null) === null
      ? []
      : [{ kind: "break-glass" as const, text: t("shell.banner.break-glass.text"), href: "/me" }]),
    ...(state.fork
      ? [{ kind: "read-only" as const, text: t("shell.banner.read-only.text"), href: "/audit/status" }]
      : []),
    ...(state.demo ? [{ kind: "demo" as const, text: t("shell.banner.demo.text") }] : []),
  ];
}
