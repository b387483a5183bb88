import { defineMessages } from "../../src/platform/i18n/index.ts";

/**
 * What the door says when it says no (`refusal.<code>`), and what a field says (`invalid.<code>`). Modules add their own
 * codes in their own areas. A refusal tells what happened, what was kept, and what to do next, and blames nobody.
 */
export const refusals = defineMessages({
  "invalid.choice": { "zh-CN": "请从列出的选项中选择", en: "Choose one of the options" },
  "invalid.date": { "zh-CN": "请填写有效日期，例如 2026-03-05", en: "Give a date such as 2026-03-05" },
  "invalid.email": { "zh-CN": "请填写有效的邮箱地址", en: "Give a mail address such as name@example.com" },
  "invalid.file-size": {
    "zh-CN": "文件过大，最大 {limit}",
    en: "The file is too large. The limit is {limit}.",
  },
  "invalid.file-type": { "zh-CN": "不接受这种文件类型", en: "This kind of file is not accepted" },
  "invalid.format": { "zh-CN": "格式不正确", en: "This is not in the expected form" },
  "invalid.number": { "zh-CN": "请填写数字", en: "Give a number" },
  "invalid.phone": { "zh-CN": "请填写有效的手机号码", en: "Give a valid phone number" },
  "invalid.required": { "zh-CN": "此项必填", en: "This is needed" },
  "invalid.too-big": { "zh-CN": "不能大于 {limit, number}", en: "At most {limit, number}" },
  "invalid.too-long": {
    "zh-CN": "不能超过 {limit, number} 个字符",
    en: "At most {limit, number} characters",
  },
  "invalid.too-short": { "zh-CN": "至少 {limit, number} 个字符", en: "At least {limit, number} characters" },
  "invalid.too-small": { "zh-CN": "不能小于 {limit, number}", en: "At least {limit, number}" },
  "invalid.unknown-field": {
    "zh-CN": "表单中有无法识别的字段",
    en: "The form has a field that is not known here",
  },
  "refusal.conflict": {
    "zh-CN": "这条记录在您编辑时已被他人修改。您填写的内容都还在，请核对两个版本后再保存。",
    en: "Somebody changed this while you were editing. Your changes are kept: compare the two versions, then save again.",
  },
  "refusal.denied": {
    "zh-CN": "您没有执行此操作的权限，未做任何更改。如需权限，请联系人员管理员。",
    en: "Your roles do not include this, and nothing was changed. A people administrator can grant it.",
  },
  "refusal.expired": {
    "zh-CN": "此表单来自您之前的一次登录，已过期，未做任何更改。请刷新后重新提交。",
    en: "This form is from an earlier sign-in of yours and has expired. Nothing was changed. Reload the page and send it again.",
  },
  "refusal.forged": {
    "zh-CN": "表单已过期或并非来自本页面，未做任何更改。请刷新后重新提交。",
    en: "This form is out of date or came from elsewhere. Nothing was changed. Reload the page and send it again.",
  },
  "refusal.frozen": {
    "zh-CN": "该对象已被冻结，暂时不能更改。",
    en: "This is frozen and cannot be changed for now.",
  },
  "refusal.invalid": {
    "zh-CN": "有些内容需要修改，未做任何更改，已填写的内容都还在。",
    en: "Some fields need another look. Nothing was changed, and what you typed is kept.",
  },
  "refusal.method-not-allowed": {
    "zh-CN": "此地址不支持这种请求。",
    en: "This address does not take that kind of request.",
  },
  "refusal.not-found": {
    "zh-CN": "没有找到您要的内容。它可能不存在，或不在您的查看范围内。",
    en: "There is nothing here that you can see. It may not exist, or it may be outside your scope.",
  },
  "refusal.pending-approval": {
    "zh-CN": "已提交复核，批准后执行。在此之前不会有任何更改。",
    en: "This now waits for approval. Nothing changes until it is given.",
  },
  "refusal.session-ended": {
    "zh-CN": "您的登录已结束。重新登录后可继续，草稿已保留。",
    en: "Your session has ended. Sign in again to go on; your draft is kept.",
  },
  "refusal.step-up-required": {
    "zh-CN": "此操作需要再次验证身份。",
    en: "This needs a fresh proof of who you are.",
  },
  "refusal.throttled": {
    "zh-CN": "请求过于频繁，请稍后再试。",
    en: "Too many requests. Please wait a little and try again.",
  },
  "refusal.too-large": {
    "zh-CN": "提交的内容过大，未做任何更改。",
    en: "What was sent is too large. Nothing was changed.",
  },
  "refusal.outbound_destination": {
    "zh-CN": "系统不允许连接该地址。",
    en: "The console does not connect to that address.",
  },
  "refusal.outbound_private": {
    "zh-CN": "该地址指向内部网络，系统不予连接。",
    en: "That address leads into a private network, where the console does not go.",
  },
  "refusal.outbound_failed": {
    "zh-CN": "对方系统没有应答，请稍后再试。",
    en: "The other system did not answer. Try again later.",
  },
  "refusal.unavailable": {
    "zh-CN": "暂时无法完成，未做任何更改。请稍后再试。",
    en: "This cannot be done right now. Nothing was changed. Please try again later.",
  },
  "refusal.unexpected": {
    "zh-CN": "出现意外错误，未做任何更改。请凭请求编号联系系统管理员。",
    en: "Something went wrong on our side. Nothing was changed. Give the request id to an operator.",
  },
});
