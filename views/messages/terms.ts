import { defineMessages } from "../../src/platform/i18n/index.ts";

/** What data names: the kinds of objects in the log, and the facts that an approver reads before agreeing. */
export const terms = defineMessages({
  "object.approval": { "zh-CN": "审批申请", en: "Approval request" },
  "object.break_glass": { "zh-CN": "应急授权", en: "Break-glass" },
  "object.demo": { "zh-CN": "演示", en: "Demo" },
  "object.effect": { "zh-CN": "外发事项", en: "Effect" },
  "object.history": { "zh-CN": "历史记录", en: "History" },
  "object.job_run": { "zh-CN": "后台任务", en: "Job run" },
  "object.kek": { "zh-CN": "主密钥", en: "Key-encryption key" },
  "object.key_rotation": { "zh-CN": "密钥轮换", en: "Key rotation" },
  "object.member_export": { "zh-CN": "会员导出", en: "Member export" },
  "object.member_import": { "zh-CN": "会员导入", en: "Member import" },
  "object.member_statistics": { "zh-CN": "会员统计", en: "Member statistics" },
  "object.route": { "zh-CN": "页面地址", en: "Address of a page" },
  "object.permission": { "zh-CN": "权限", en: "Permission" },
  "object.policy": { "zh-CN": "制度文件", en: "Policy" },
  "object.setup": { "zh-CN": "初始设置", en: "Set-up" },
  "object.staff": { "zh-CN": "人员", en: "Staff" },
  "preview.changed_since": { "zh-CN": "申请后是否有改动", en: "Changed since it was asked for" },
  "preview.fields": { "zh-CN": "导出的字段数", en: "Fields exported" },
  "preview.keys": { "zh-CN": "将重新包裹的数据密钥", en: "Data keys to be rewrapped" },
  "preview.member_no": { "zh-CN": "会员号", en: "Member number" },
  "preview.origin": { "zh-CN": "日志的新名称", en: "New name of the log" },
  "preview.signed": { "zh-CN": "最后签名的检查点", en: "Last signed checkpoint" },
  "preview.version": { "zh-CN": "当前版本", en: "Current version" },
});
