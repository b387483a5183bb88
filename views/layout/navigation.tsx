import { Icon } from "../components/icon.tsx";
import { safeHref } from "../components/safe-href.ts";
import { type NavGroup, navGroups, type NavItem, type ViewContext } from "../context.ts";
import { Seal } from "./seal.tsx";

/** The id that the menu button of narrow screens opens. */
export const navigationId = "navigation";

/** All places the person may go, grouped by work. Beside the page where there is room, a drawer where there is not. */
export function Navigation({ v }: { v: ViewContext }) {
  const groups = navGroups
    .map((name) => v.nav.find((group) => group.name === name))
    .filter((group) => group !== undefined && group.items.length > 0);
  return (
    <nav class="navigation" id={navigationId} popover="auto" aria-label={v.t("shell.navigation")}>
      <a class="brand" href="/">
        <Seal />
        <span>{v.t("shell.name")}</span>
      </a>
      {groups.map((group) => group && <Group v={v} group={group} />)}
    </nav>
  );
}

function Group({ v, group }: { v: ViewContext; group: NavGroup }) {
  const title = `nav-${group.name}`;
  return (
    <div class="nav-group">
      <h2 id={title}>{v.t(`shell.group.${group.name}`)}</h2>
      <ul aria-labelledby={title}>
        {group.items.map((item) => (
          <li>
            <a href={safeHref(item.href)} aria-current={currentOf(v, item)}>
              <Icon v={v} name={item.icon ?? group.name} />
              <span class="nav-label">{item.label}</span>
              {item.count !== undefined && item.count > 0 && (
                <span class="count">{v.format.number(item.count)}</span>
              )}
            </a>
          </li>
        ))}
      </ul>
    </div>
  );
}

/** `page` on the place itself, `true` on everything that lies under it and under no nearer place. */
function currentOf(v: ViewContext, item: NavItem): "page" | "true" | undefined {
  const path = v.path.split("?")[0] ?? "";
  if (path === item.href) return "page";
  const above = v.nav
    .flatMap((group) => group.items)
    .filter(({ href }) => href !== "/" && (path === href || path.startsWith(`${href}/`)));
  const nearest = above.reduce((longest, { href }) => (href.length > longest.length ? href : longest), "");
  return item.href === nearest ? "true" : undefined;
}
