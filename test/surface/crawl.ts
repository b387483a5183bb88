import type { Client } from "../support/client.ts";

/** A page as it was found, with everything it leads to. */
export interface Found {
  address: string;
  /** The address without its ids and query: pages of one kind. */
  kind: string;
  status: number;
  /** Empty for a download. */
  html: string;
  /** Addresses of ours that the page links to. */
  links: string[];
  /** Where its forms are posted to. */
  forms: string[];
}

const PER_KIND = 2;

/** Follows every link of ours from the first page on, but of pages of one kind only so many. */
export async function crawl(client: Client, from = "/"): Promise<Found[]> {
  const found: Found[] = [];
  const seen = new Set<string>();
  const waiting = [from];
  for (let address = waiting.shift(); address !== undefined; address = waiting.shift()) {
    const kind = kindOf(address);
    if (seen.has(address) || found.filter((page) => page.kind === kind).length >= PER_KIND) continue;
    seen.add(address);
    const response = await client.get(address);
    const isPage = response.headers.get("content-type")?.startsWith("text/html") === true;
    const html = isPage ? await response.text() : "";
    if (!isPage) await response.body?.cancel();
    const leads = response.status === 303 ? [response.headers.get("location") ?? "/"] : [];
    const links = [...leads, ...attributes(html, /<a\b[^>]*\bhref="(\/[^"#]*)/g)];
    const forms = attributes(html, /<form\b[^>]*\bmethod="post"[^>]*>/gi).map(
      (tag) => /\baction="([^"]*)"/.exec(tag)?.[1] ?? address,
    );
    found.push({ address, kind, status: response.status, html, links, forms });
    waiting.push(...links);
  }
  return found;
}

/** Ids, numbers and what is asked for stand for each other. */
export function kindOf(address: string): string {
  const { pathname, searchParams } = new URL(address, "http://x");
  const path = pathname
    .replaceAll(/\/[0-9a-f]{8}-[0-9a-f-]{27}(?=\/|$)/g, "/…")
    .replaceAll(/\/\d+(?=\/|$)/g, "/…")
    .replace(/^(\/audit\/object)\/[^/]+\/[^/]+/, "$1/…");
  return [path, ...[...searchParams.keys()].sort()].join(" ");
}

function attributes(html: string, pattern: RegExp): string[] {
  return [...html.matchAll(pattern)].map(([whole, value]) => (value ?? whole).replaceAll("&amp;", "&"));
}
