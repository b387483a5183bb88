import { createTranslator, formatsFor } from "../src/platform/i18n/index.ts";
import type { ViewContext, ViewContextInput } from "../src/platform/http/view.ts";
import type { NavGroupName } from "../src/platform/module.ts";
import type { IconName as OurIcon } from "./components/icon-names.ts";
import { type MessageKey as OurKey, messages } from "./messages/index.ts";

export type {
  Banner,
  Density,
  NavGroup,
  NavItem,
  Notice,
  Theme,
  ViewContext,
  ViewContextInput,
  Viewer,
} from "../src/platform/http/view.ts";
export type { NavGroupName };

// Lets the platform check message keys and icon names without importing a page.
declare module "../src/platform/http/view.ts" {
  interface Vocabulary {
    message: OurKey;
    icon: OurIcon;
  }
}

/** The groups of the navigation, in the order in which they stand. */
export const navGroups = [
  "watch",
  "audit",
  "incidents",
  "compliance",
  "mall",
  "members",
  "money",
  "service",
  "people",
  "system",
] as const satisfies readonly NavGroupName[];

/** Makes the context of one response. The zone is Asia/Shanghai unless the person chose another. */
export function viewContext(input: ViewContextInput): ViewContext {
  const timezone = input.timezone ?? "Asia/Shanghai";
  return {
    ...input,
    timezone,
    notices: input.notices ?? [],
    formKey: () => crypto.randomUUID(),
    t: createTranslator(input.language, messages),
    format: formatsFor(input.language, timezone),
  };
}
