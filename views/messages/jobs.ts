import { defineMessages } from "../../src/platform/i18n/index.ts";

/** Background work: what is due, running and failed. */
export const jobs = defineMessages({
  "jobs.title": { "zh-CN": "后台任务", en: "Jobs" },
  "jobs.lead": {
    "zh-CN": "系统按计划或被唤醒后自动执行的工作。失败的任务会自动重试，多次失败后等待人工处理。",
    en: "Work that goes on by itself, on schedule or when woken. Failures are retried; after several they wait for you.",
  },
  "jobs.column.job": { "zh-CN": "任务", en: "Job" },
  "jobs.column.state": { "zh-CN": "状态", en: "State" },
  "jobs.column.attempts": { "zh-CN": "尝试次数", en: "Attempts" },
  "jobs.column.created": { "zh-CN": "创建时间", en: "Created" },
  "jobs.column.finished": { "zh-CN": "结束时间", en: "Finished" },
  "jobs.column.error": { "zh-CN": "最近错误", en: "Last error" },
  "jobs.filter": { "zh-CN": "筛选任务", en: "Filter jobs" },
  "jobs.filter.all": { "zh-CN": "全部", en: "All" },
  "jobs.state.due": { "zh-CN": "待执行", en: "Due" },
  "jobs.state.running": { "zh-CN": "执行中", en: "Running" },
  "jobs.state.done": { "zh-CN": "已完成", en: "Done" },
  "jobs.state.failed": { "zh-CN": "失败", en: "Failed" },
  "jobs.retry": { "zh-CN": "重试", en: "Retry" },
  "jobs.notice.retried": { "zh-CN": "任务已重新排队。", en: "The job is queued again." },
  "jobs.empty": { "zh-CN": "没有任务", en: "No jobs" },
  "jobs.empty.text": { "zh-CN": "此筛选条件下没有任务。", en: "Nothing here matches this filter." },
  "action.jobs.retry": { "zh-CN": "重试后台任务", en: "Retry a job" },
  "action.jobs.list": { "zh-CN": "查看后台任务", en: "List jobs" },
  "refusal.job_run": { "zh-CN": "没有这个任务。", en: "There is no such job." },
  "refusal.job_not_failed": {
    "zh-CN": "该任务已不处于失败状态，可能有人已经重试。",
    en: "This job is not in the failed state any more. Somebody may have retried it.",
  },
});
