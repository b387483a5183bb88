import type { BundleContent } from "./gatehouse-verify.ts";
import type { Checkpoint } from "./checkpoint.ts";

/** The README of an evidence bundle, for an auditor who has never seen the console. */
export function bundleReadme(content: BundleContent, head: Checkpoint): string {
  const [zh, en] =
    content.kind === "range"
      ? [
          `审计日志第 ${content.from} 至 ${content.to - 1} 条事件，连续无缺，可证明完整。`,
          `All events ${content.from} to ${content.to - 1} of the audit log: a contiguous range, proved complete.`,
        ]
      : [
          "按条件选出的审计事件：可证明每条真实，但不证明没有遗漏。",
          "Chosen events of the audit log: each proved authentic. Nothing here proves that no other event matched.",
        ];
  return `证据包 / Evidence bundle
${head.origin}, ${head.size} events

${zh}
${en}

核验 / To verify
  node gatehouse-verify.mjs <this zip or its unpacked directory> --policy <your policy file>

请使用您自己另行取得的 gatehouse-verify 与信任策略文件：伪造证据包的人同样可以伪造包内的程序和策略。
Use your own copies of gatehouse-verify and of the policy file, obtained elsewhere: whoever forges a bundle can
forge the program and the policy inside it too.

退出码 / exit code: 0 已核验 verified, 1 被篡改 tampered, 2 无法核验 not verifiable, 3 格式有误 malformed

manifest.json         SHA-256 of every other file
query.json            what was asked for 查询条件
entries.jsonl         the events, one a line, the very bytes that were hashed 事件原文
checkpoints/          signed tree heads: before the events (first) and covering them (last) 签名检查点
tiles/, proofs/       hashes that tie the events to the last checkpoint 默克尔证明
policy.tlog-policy    keys and witnesses as the console states them 信任策略
reviews.jsonl         reviews of these events 审阅记录
details.jsonl         values behind commitments, where they were disclosed 承诺背后的披露值
anchors/              timestamps of an authority (RFC 3161) 可信时间戳
`;
}
