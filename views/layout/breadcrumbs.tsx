import { safeHref } from "../components/safe-href.ts";
import type { ViewContext } from "../context.ts";

export interface Crumb {
  label: string;
  href: string;
}

/** The way back up. Pages right under the first screen need none. */
export function Breadcrumbs({ v, crumbs, here }: { v: ViewContext; crumbs: readonly Crumb[]; here: string }) {
  if (crumbs.length === 0) return null;
  return (
    <nav class="breadcrumbs" aria-label={v.t("shell.breadcrumbs")}>
      <ol>
        {crumbs.map(({ label, href }) => (
          <li>
            <a href={safeHref(href)}>{label}</a>
          </li>
        ))}
        <li aria-current="page">{here}</li>
      </ol>
    </nav>
  );
}
