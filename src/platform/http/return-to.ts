const here = "https://relative.invalid";

/**
 * An address of our own to go back to after signing in, or `/`. Takes what somebody else may have written: only a
 * path that a browser resolves to our own origin passes, in the spelling of the browser (ASVS 3.7.2).
 */
export function safeReturnTo(address: string | undefined): string {
  if (address === undefined || address.length > 2000 || !address.startsWith("/")) return "/";
  // browsers drop tabs and line feeds and read a backslash as a slash; no path of ours has any of them
  if (/[\p{Cc}\\]/u.test(address)) return "/";
  const url = URL.parse(address, here);
  if (url === null || url.origin !== here) return "/";
  const path = url.pathname + url.search;
  return path.startsWith("//") ? "/" : path;
}
