import { safeHref } from "../components/safe-href.ts";
import type { ViewContext } from "../context.ts";

export interface Crumb {
  label: string;
  href: string;
  /** The permission that opens it; who lacks it sees where they are without a way there. */
  needs?: string;
}

/** The way back up. Pages right under the first screen need none. */
export function Breadcrumbs({ v, crumbs, here }: { v: ViewContext; crumbs: readonly Crumb[]; here: string }) {
  if (crumbs.length === 0) return null;
  return (
    <nav class="breadcrumbs" aria-label={v.t("shell.breadcrumbs")}>
      <ol>
        {crumbs.map(({ label, href, needs }) => (
          <li>
            {needs === undefined || v.viewer?.can(needs) === true ? (
              <a href={safeHref(href)}>{label}</a>
            ) : (
              label
            )}
          </li>
        ))}
        <li aria-current="page">{here}</li>
      </ol>
    </nav>
  );
}
