import type { Child } from "hono/jsx";
import type { ViewContext } from "../context.ts";
import { Icon } from "./icon.tsx";

/** One side of a change: a value as shown to people, a commitment of the log, or nothing. */
export type DiffValue = { shown: Child } | { commitment: string } | null;

export interface FieldChange {
  /** The field's name in the reader's language. */
  label: string;
  before: DiffValue;
  after: DiffValue;
}

/** What a change changed, field by field. Values of personal fields are in the log as commitments only, and say so. */
export function Diff({
  v,
  caption,
  changes,
}: {
  v: ViewContext;
  caption: string;
  changes: readonly FieldChange[];
}) {
  return (
    <div class="diff-block">
      <table class="diff" role="table">
        <caption class="visually-hidden">{caption}</caption>
        <thead role="rowgroup">
          <tr role="row">
            <th role="columnheader" scope="col">
              {v.t("common.field")}
            </th>
            <th role="columnheader" scope="col">
              {v.t("common.before")}
            </th>
            <th role="columnheader" scope="col">
              {v.t("common.after")}
            </th>
          </tr>
        </thead>
        <tbody role="rowgroup">
          {changes.map(({ label, before, after }) => (
            <tr role="row">
              <th role="rowheader" scope="row">
                {label}
              </th>
              <td role="cell" data-label={v.t("common.before")}>
                {before === null ? (
                  <Nothing v={v} />
                ) : (
                  <del>
                    <Side v={v} value={before} />
                  </del>
                )}
              </td>
              <td role="cell" data-label={v.t("common.after")}>
                {after === null ? (
                  <Nothing v={v} />
                ) : (
                  <ins>
                    <Side v={v} value={after} />
                  </ins>
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Side({ v, value }: { v: ViewContext; value: NonNullable<DiffValue> }) {
  if ("shown" in value) return <>{value.shown}</>;
  return (
    <span class="protected" title={v.t("common.protected.hint")}>
      <Icon v={v} name="lock" />
      {v.t("common.protected")} <code>{value.commitment.slice(0, 8)}</code>
    </span>
  );
}

function Nothing({ v }: { v: ViewContext }) {
  return <span class="nothing">{v.t("common.empty")}</span>;
}
