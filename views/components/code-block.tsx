import type { ViewContext } from "../context.ts";
import { Icon } from "./icon.tsx";

/** Text to be taken along: a command, a hash, a recovery code list. The copy button appears where script runs. */
export function CodeBlock({ v, text, label }: { v: ViewContext; text: string; label: string }) {
  return (
    <div class="code-block">
      <pre tabindex={0} role="region" aria-label={label}>
        <code>{text}</code>
      </pre>
      <button type="button" class="button small" hidden data-copy="" data-copied={v.t("common.copied")}>
        <Icon v={v} name="copy" />
        <span>{v.t("common.copy")}</span>
      </button>
    </div>
  );
}

/** A hash or id in a line of text: shortened to the eye, whole to the pointer and the clipboard. */
export function Digest({ value, keep = 12 }: { value: string; keep?: number }) {
  if (value.length <= keep) return <code class="digest">{value}</code>;
  return (
    <code class="digest" title={value}>
      {value.slice(0, keep)}…
    </code>
  );
}
