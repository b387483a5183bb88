const allowed = new Set(["http:", "https:", "mailto:"]);

/**
 * An address that may stand in `href` or `action`: http, https, mailto or relative; anything else becomes `#`.
 * It is parsed as browsers do, which drop tabs and line feeds from a scheme (ASVS 1.2.2; hono/jsx lets `javascript:` through).
 */
export function safeHref(address: string): string {
  const url = URL.parse(address, "https://relative.invalid/");
  return url !== null && allowed.has(url.protocol) ? address : "#";
}
