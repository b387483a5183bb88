import type { Child } from "hono/jsx";

export interface PanelProps {
  title?: string;
  /** Stands beside the title: a link, a badge. */
  aside?: Child;
  children?: Child;
  id?: string;
  /** The level of the title; 2 unless the panel stands inside another section. */
  level?: 2 | 3;
}

/** A part of a page with a title of its own. */
export function Panel({ title, aside, children, id, level = 2 }: PanelProps) {
  return (
    <section class="panel" id={id}>
      {title !== undefined && (
        <header class="panel-header">
          {level === 2 ? <h2>{title}</h2> : <h3>{title}</h3>}
          {aside}
        </header>
      )}
      {children}
    </section>
  );
}

/** Panels side by side where there is room. `main-aside` gives the first two thirds. */
export function Columns({ layout = "even", children }: { layout?: "even" | "main-aside"; children?: Child }) {
  return <div class={`columns ${layout}`}>{children}</div>;
}

/** Controls in a row that wraps. */
export function Actions({ children }: { children?: Child }) {
  return <div class="actions">{children}</div>;
}
