import type { Child } from "hono/jsx";
import type { ViewContext } from "../context.ts";
import { Banners } from "./banners.tsx";
import { Document } from "./document.tsx";
import { Notices } from "./notices.tsx";
import { LanguageSwitch } from "./preferences.tsx";
import { Seal } from "./seal.tsx";

export interface SignedOutPageProps {
  v: ViewContext;
  title: string;
  lead?: Child;
  children?: Child;
}

/** A page before sign-in, and between the factors: one column with the name of the house and nothing to wander off to. */
export function SignedOutPage({ v, title, lead, children }: SignedOutPageProps) {
  return (
    <Document v={v} title={title}>
      <body class="signed-out">
        <Banners v={v} />
        <main id="content">
          <div class="gate-card">
            <div class="gate-brand">
              <Seal />
              <p>
                <strong>{v.t("shell.name")}</strong>
                <span>{v.t("shell.tagline")}</span>
              </p>
            </div>
            <h1>{title}</h1>
            {lead !== undefined && <p class="lead">{lead}</p>}
            <Notices v={v} />
            {children}
          </div>
        </main>
        <footer class="gate-footer">
          <LanguageSwitch v={v} />
          <p>
            {v.t("shell.request")} <code>{v.requestId}</code>
          </p>
        </footer>
      </body>
    </Document>
  );
}
