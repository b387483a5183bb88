import type { Child } from "hono/jsx";

export interface Fact {
  label: string;
  /** Nothing to say is shown as a dash. */
  value: Child;
  /** Takes the whole width: long texts, hashes. */
  wide?: boolean;
}

/** What is known about one object. */
export function Facts({ facts }: { facts: readonly Fact[] }) {
  return (
    <dl class="facts">
      {facts.map(({ label, value, wide }) => (
        <div class={wide === true ? "fact wide" : "fact"}>
          <dt>{label}</dt>
          <dd>{value === null || value === undefined || value === "" ? "—" : value}</dd>
        </div>
      ))}
    </dl>
  );
}
