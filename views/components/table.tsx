import type { Child } from "hono/jsx";
import type { ViewContext } from "../context.ts";
import { EmptyState, type Empty } from "./empty-state.tsx";
import { Icon } from "./icon.tsx";
import { replacing } from "./live.ts";
import { Menu } from "./menu.tsx";
import { Pagination, type Pages } from "./pagination.tsx";
import { safeHref } from "./safe-href.ts";

export interface Column<Row> {
  key: string;
  label: string;
  cell: (row: Row) => Child;
  /** Numbers and money stand at the end, so that digits line up. */
  align?: "end";
  /** The cell that names the row. Exactly one column should. */
  primary?: boolean;
  /** Offers sorting by this key; only where an index allows it. */
  sortable?: boolean;
  /** Fixed-width digits and letters, for ids and hashes. */
  mono?: boolean;
  /** Left out where there is little room. */
  secondary?: boolean;
}

export interface Sort {
  key: string;
  direction: "ascending" | "descending";
  href: (key: string, direction: "ascending" | "descending") => string;
}

export interface TableProps<Row> {
  v: ViewContext;
  /** Unique on the page; the whole block carries it, and htmx replaces the block. */
  id: string;
  caption: string;
  /** Shows the caption; otherwise only screen readers get it, because the page title says the same. */
  captionShown?: boolean;
  columns: readonly Column<Row>[];
  rows: readonly Row[];
  /** Names a row in words, for its menu and its checkbox. */
  rowName: (row: Row) => string;
  rowHref?: (row: Row) => string;
  /** Links and `ActionButton`s of the row's menu. */
  rowActions?: (row: Row) => Child;
  /** A checkbox per row for bulk actions; `form` is the id of the form that sends them. */
  select?: { name: string; form: string; value: (row: Row) => string };
  sort?: Sort;
  pages?: Pages;
  empty: Empty;
}

/** A list: caption, headers, rows, keyset paging, and an empty state that says what to do. Narrow screens get cards. */
export function Table<Row>(props: TableProps<Row>) {
  const { v, id, rows, pages, empty } = props;
  return (
    <div class="table-block" id={id}>
      {rows.length === 0 ? (
        <EmptyState v={v} {...empty} />
      ) : (
        <div class="table-scroll" role="region" aria-labelledby={`${id}-caption`} tabindex={0}>
          <Grid {...props} />
        </div>
      )}
      {pages && <Pagination v={v} results={id} pages={{ ...pages, shown: rows.length }} />}
    </div>
  );
}

/** The roles are spelled out because a table that is laid out as cards loses them in some browsers. */
function Grid<Row>(props: TableProps<Row>) {
  const { v, id, columns, rows, select, rowActions } = props;
  return (
    <table class="table" role="table" aria-labelledby={`${id}-caption`}>
      <caption id={`${id}-caption`} class={props.captionShown === true ? undefined : "visually-hidden"}>
        {props.caption}
      </caption>
      <thead role="rowgroup">
        <tr role="row">
          {select && (
            <th role="columnheader" scope="col" class="select-cell">
              {v.t("common.selected")}
            </th>
          )}
          {columns.map((column) => (
            <HeaderCell column={column} {...props} />
          ))}
          {rowActions && (
            <th role="columnheader" scope="col" class="action-cell">
              <span class="visually-hidden">{v.t("common.actions")}</span>
            </th>
          )}
        </tr>
      </thead>
      <tbody role="rowgroup">
        {rows.map((row, index) => (
          <BodyRow {...props} row={row} index={index} />
        ))}
      </tbody>
    </table>
  );
}

function HeaderCell<Row>({ v, id, column, sort }: TableProps<Row> & { column: Column<Row> }) {
  const sorted = sort?.key === column.key ? sort.direction : undefined;
  return (
    <th role="columnheader" scope="col" class={cellClass(column)} aria-sort={sorted}>
      {sort !== undefined && column.sortable === true ? (
        <SortLink v={v} results={id} column={column} sort={sort} sorted={sorted} />
      ) : (
        column.label
      )}
    </th>
  );
}

function SortLink<Row>(props: {
  v: ViewContext;
  results: string;
  column: Column<Row>;
  sort: Sort;
  sorted: Sort["direction"] | undefined;
}) {
  const { v, results, column, sort, sorted } = props;
  const next = sorted === "ascending" ? "descending" : "ascending";
  const href = safeHref(sort.href(column.key, next));
  return (
    <a
      class="sort"
      href={href}
      title={v.t(`common.sort.${next}`, { column: column.label })}
      {...replacing(v, results, href)}
    >
      {column.label}
      {sorted !== undefined && <Icon v={v} name={sorted === "ascending" ? "arrow-up" : "arrow-down"} />}
    </a>
  );
}

function BodyRow<Row>(props: TableProps<Row> & { row: Row; index: number }) {
  const { v, id, columns, row, index, select, rowActions, rowHref, rowName } = props;
  return (
    <tr role="row">
      {select && (
        <td role="cell" class="select-cell">
          <input
            type="checkbox"
            name={select.name}
            form={select.form}
            value={select.value(row)}
            aria-label={v.t("common.select-row", { name: rowName(row) })}
          />
        </td>
      )}
      {columns.map((column) => {
        const content = column.cell(row);
        const linked =
          column.primary === true && rowHref !== undefined ? (
            <a class="row-link" href={safeHref(rowHref(row))}>
              {content}
            </a>
          ) : (
            content
          );
        return column.primary === true ? (
          <th role="rowheader" scope="row" class={cellClass(column)}>
            {linked}
          </th>
        ) : (
          <td role="cell" class={cellClass(column)} data-label={column.label}>
            {linked}
          </td>
        );
      })}
      {rowActions && (
        <td role="cell" class="action-cell">
          <Menu
            v={v}
            id={`${id}-menu-${index}`}
            icon="more"
            label={v.t("common.more-actions", { name: rowName(row) })}
          >
            {rowActions(row)}
          </Menu>
        </td>
      )}
    </tr>
  );
}

function cellClass<Row>(column: Column<Row>): string | undefined {
  const names = [
    column.align === "end" ? ["end"] : [],
    column.mono === true ? ["mono"] : [],
    column.secondary === true ? ["secondary"] : [],
    column.primary === true ? ["primary"] : [],
  ].flat();
  return names.length === 0 ? undefined : names.join(" ");
}
