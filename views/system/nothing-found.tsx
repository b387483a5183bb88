import { EmptyState } from "../components/index.ts";
import type { ViewContext } from "../context.ts";
import { Page } from "../layout/index.ts";

/** The global search knew nothing of that name. The text is not repeated: it may be personal. */
export function NothingFoundPage({ v }: { v: ViewContext }) {
  return (
    <Page v={v} title={v.t("shell.search.nothing")}>
      <EmptyState
        v={v}
        title={v.t("shell.search.nothing")}
        text={v.t("shell.search.nothing.text")}
        icon="search"
      />
    </Page>
  );
}
