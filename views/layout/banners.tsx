import { Icon } from "../components/icon.tsx";
import type { IconName } from "../components/icon-names.ts";
import { safeHref } from "../components/safe-href.ts";
import type { Banner, ViewContext } from "../context.ts";

const icons: Record<Banner["kind"], IconName> = {
  incident: "incidents",
  drill: "bell",
  "read-only": "pause",
  "break-glass": "key",
  demo: "info",
};

/** What everybody has to know on every page while it lasts. */
export function Banners({ v }: { v: ViewContext }) {
  if (v.banners.length === 0) return null;
  return (
    <section class="banners" aria-label={v.t("shell.banners")}>
      {v.banners.map((banner) => (
        <p class={`banner ${banner.kind}`}>
          <Icon v={v} name={icons[banner.kind]} />
          <strong>{v.t(`shell.banner.${banner.kind}`)}</strong>
          {banner.href === undefined ? (
            <span>{banner.text}</span>
          ) : (
            <a href={safeHref(banner.href)}>{banner.text}</a>
          )}
        </p>
      ))}
    </section>
  );
}
