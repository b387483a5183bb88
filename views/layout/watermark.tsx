import type { ViewContext } from "../context.ts";

/** Who looked and when, faintly all over a page with personal data: a photograph of the screen names its maker. */
export function Watermark({ v }: { v: ViewContext }) {
  const text = `${v.viewer?.name ?? ""} ${v.format.dateTime(v.now)}`;
  return (
    <svg class="watermark" aria-hidden="true" focusable="false" width="100%" height="100%">
      <defs>
        <pattern
          id="watermark-tile"
          width="480"
          height="210"
          patternUnits="userSpaceOnUse"
          patternTransform="rotate(-18)"
        >
          <text x="12" y="60">
            {text}
          </text>
          <text x="230" y="165">
            {text}
          </text>
        </pattern>
      </defs>
      <rect width="100%" height="100%" fill="url(#watermark-tile)" />
    </svg>
  );
}
