import type { Child } from "hono/jsx";

export interface PageHeaderProps {
  title: string;
  /** How many there are, on a list. */
  count?: Child;
  /** The state of the object, on a detail page. */
  badge?: Child;
  /** One line on what this page is for. */
  lead?: Child;
  /** The allowed next steps. */
  actions?: Child;
}

/** The title of a page with what belongs to it. */
export function PageHeader({ title, count, badge, lead, actions }: PageHeaderProps) {
  return (
    <header class="page-header">
      <div>
        <h1>
          {title}
          {count !== undefined && <span class="count">{count}</span>}
          {badge}
        </h1>
        {lead !== undefined && <p class="lead">{lead}</p>}
      </div>
      {actions !== undefined && <div class="actions">{actions}</div>}
    </header>
  );
}
