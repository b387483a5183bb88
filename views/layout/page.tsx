import type { Child } from "hono/jsx";
import { PageHeader, type PageHeaderProps } from "../components/page-header.tsx";
import type { ViewContext } from "../context.ts";
import { Banners } from "./banners.tsx";
import { Breadcrumbs, type Crumb } from "./breadcrumbs.tsx";
import { Document } from "./document.tsx";
import { Footer } from "./footer.tsx";
import { Navigation } from "./navigation.tsx";
import { Notices } from "./notices.tsx";
import { TopBar } from "./top-bar.tsx";
import { Watermark } from "./watermark.tsx";

export interface PageProps extends PageHeaderProps {
  v: ViewContext;
  /** The way from the first screen to here, this page left out. */
  crumbs?: readonly Crumb[];
  /** The page shows personal data, so it carries the viewer and the time (ASVS 8.1.3). */
  personalData?: boolean;
  children?: Child;
}

/**
 * A page behind sign-in: navigation, top bar, banners, breadcrumbs, title, content, footer. When htmx asks
 * (`v.fragment`), the same call gives title and content alone.
 */
export function Page({ v, crumbs = [], personalData, children, ...header }: PageProps) {
  const content = (
    <>
      <PageHeader {...header} />
      {children}
    </>
  );
  if (v.fragment) return <>{content}</>;
  return (
    <Document v={v} title={header.title}>
      <body class="shell">
        <a class="skip" href="#content">
          {v.t("shell.skip")}
        </a>
        <Navigation v={v} />
        <div class="shell-main">
          <TopBar v={v} />
          <Banners v={v} />
          <main id="content" tabindex={-1}>
            <Breadcrumbs v={v} crumbs={crumbs} here={header.title} />
            <Notices v={v} />
            {content}
          </main>
          <Footer v={v} />
        </div>
        {personalData === true && <Watermark v={v} />}
        <div id="announcer" class="visually-hidden" role="status" aria-live="polite" />
      </body>
    </Document>
  );
}
