import { Notice } from "../components/notice.tsx";
import type { ViewContext } from "../context.ts";

/** What the last action came to, shown once. */
export function Notices({ v }: { v: ViewContext }) {
  return (
    <div id="notices">
      {v.notices.map((notice) => (
        <Notice v={v} tone={notice.tone} live>
          {notice.text}
        </Notice>
      ))}
    </div>
  );
}
