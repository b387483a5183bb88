import type { ViewContext } from "../context.ts";
import { safeHref } from "./safe-href.ts";

export interface Tab {
  label: string;
  href: string;
  current?: boolean;
  count?: number;
}

/** The sides of one object, each with its own address. */
export function Tabs({ v, label, tabs }: { v: ViewContext; label: string; tabs: readonly Tab[] }) {
  return (
    <nav class="tabs" aria-label={label}>
      <ul>
        {tabs.map((tab) => (
          <li>
            <a href={safeHref(tab.href)} aria-current={tab.current === true ? "page" : undefined}>
              {tab.label}
              {tab.count !== undefined && <span class="count">{v.format.number(tab.count)}</span>}
            </a>
          </li>
        ))}
      </ul>
    </nav>
  );
}
