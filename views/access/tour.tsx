import type { TourStep } from "../../src/platform/module.ts";
import { Panel, safeHref } from "../components/index.ts";
import type { ViewContext } from "../context.ts";

/** What somebody who opens the demo for the first time can try, one sentence a step. */
export function Tour({ v, steps }: { v: ViewContext; steps: readonly TourStep[] }) {
  return (
    <Panel title={v.t("tour.title")}>
      <p>{v.t("tour.lead")}</p>
      <ol>
        {steps.map(({ label, path }) => (
          <li>
            <a href={safeHref(path)}>{v.t(label)}</a>
          </li>
        ))}
      </ol>
    </Panel>
  );
}
