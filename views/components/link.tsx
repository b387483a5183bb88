import type { Child } from "hono/jsx";
import { safeHref } from "./safe-href.ts";

/** A link in text. The address is checked. */
export function Link({ href, children, download }: { href: string; children?: Child; download?: boolean }) {
  return (
    <a href={safeHref(href)} download={download}>
      {children}
    </a>
  );
}
