import type { Child } from "hono/jsx";
import type { ViewContext } from "../context.ts";
import { doctype } from "./doctype.ts";

/**
 * How htmx behaves here: only our own origin, nothing kept of visited pages (going back asks the server), no second
 * spelling of its attributes, no styles of its own, and only the extensions that are named.
 */
export const htmxConfig = {
  mode: "same-origin",
  history: "reload",
  implicitInheritance: false,
  includeIndicatorCSS: false,
  prefix: "",
  safeEval: false,
  extensions: "hx-csp,sse",
};

/**
 * htmx and its extensions, in the order in which they have to run. They are not deferred: htmx that runs while the page
 * is still being read waits for its end, and by then both extensions are there. Deferred, it began by itself between two
 * files whenever the next one was late: streams were not followed, and markup without the nonce was not cleaned.
 */
const htmxScripts = ["htmx.min.js", "hx-csp.min.js", "hx-sse.min.js"] as const;

/** The scripts, in the order in which they have to run. @internal */
export const scripts = [...htmxScripts, "app.js"] as const;

/** The whole HTML document around a body. Nothing inline: all style and script come from our own addresses. */
export function Document({ v, title, children }: { v: ViewContext; title: string; children?: Child }) {
  return (
    <>
      {doctype}
      <html lang={v.language} data-theme={v.theme} data-density={v.density}>
        <head>
          <meta charset="utf-8" />
          <meta name="viewport" content="width=device-width, initial-scale=1" />
          <meta name="color-scheme" content={v.theme === "system" ? "light dark" : v.theme} />
          <meta name="robots" content="noindex" />
          <meta name="htmx-config" content={JSON.stringify(htmxConfig)} />
          <title>{`${title} · ${v.t("shell.name")}`}</title>
          <link rel="icon" href={v.asset("seal.svg")} type="image/svg+xml" />
          <link rel="stylesheet" href={v.asset("app.css")} />
          {htmxScripts.map((script) => (
            <script src={v.asset(script)} nonce={v.nonce} />
          ))}
          <script src={v.asset("app.js")} nonce={v.nonce} defer />
        </head>
        {children}
      </html>
    </>
  );
}
