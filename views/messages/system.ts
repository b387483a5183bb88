import { defineMessages } from "../../src/platform/i18n/index.ts";

/** The pages of no module, and what the door and the platform say when they say no. */
export const system = defineMessages({
  "invalid.repeated": { "zh-CN": "此项只能填写一次", en: "This may be given only once" },
  "invalid.too_big.list": { "zh-CN": "最多选择 {maximum, number} 项", en: "At most {maximum, number}" },
  "invalid.too_big.number": { "zh-CN": "不能大于 {maximum, number}", en: "At most {maximum, number}" },
  "invalid.too_big.text": {
    "zh-CN": "不能超过 {maximum, number} 个字符",
    en: "At most {maximum, number} characters",
  },
  "invalid.too_small.list": { "zh-CN": "至少选择 {minimum, number} 项", en: "At least {minimum, number}" },
  "invalid.too_small.number": { "zh-CN": "不能小于 {minimum, number}", en: "At least {minimum, number}" },
  "invalid.too_small.text": {
    "zh-CN": "至少 {minimum, number} 个字符",
    en: "At least {minimum, number} characters",
  },
  "invalid.type": { "zh-CN": "类型不正确", en: "This is not the kind of value expected here" },
  "invalid.unknown": {
    "zh-CN": "表单中有无法识别的字段",
    en: "The form has a field that is not known here",
  },
  "notice.done": { "zh-CN": "已完成。", en: "Done." },
  "notice.saved": { "zh-CN": "已保存。", en: "Saved." },
  "notice.signed-out": { "zh-CN": "您已退出登录。", en: "You are signed out." },
  "refusal.shown_once": {
    "zh-CN": "这一步已经完成，其中的密码或验证信息只显示一次。如未记下，请重新生成。",
    en: "This was done already, and what it showed is shown once. If you did not note it, make a new one.",
  },
  "refusal.outcome_unknown": {
    "zh-CN": "与数据库的连接在提交时中断，暂时无法确认是否已执行。请先查看结果，再决定是否重试。",
    en: "The connection to the database broke during the commit, and it is not known yet whether this was done. Look before you repeat it.",
  },
  "refusal.approval_open": {
    "zh-CN": "针对此对象的同一操作已有一份申请在等待复核，请先处理或撤回该申请。",
    en: "A request for this on the same object is waiting already. Have it decided or withdrawn first.",
  },
  "refusal.approval_payload": {
    "zh-CN": "申请的内容与提交时不一致，未执行。请重新提交申请。",
    en: "The request no longer holds what was asked for. Nothing was done. Ask again.",
  },
  "refusal.busy": {
    "zh-CN": "系统繁忙，未做任何更改。请稍后再试。",
    en: "Too many changes met at the same place. Nothing was changed. Try again in a moment.",
  },
  "refusal.cross_origin": {
    "zh-CN": "此请求来自其他网站，已拒绝，未做任何更改。",
    en: "This request came from another site. It was refused, and nothing was changed.",
  },
  "refusal.database": {
    "zh-CN": "数据库暂时无法访问，未做任何更改。请稍后再试。",
    en: "The database cannot be reached. Nothing was changed. Try again in a moment.",
  },
  "refusal.duty": {
    "zh-CN": "职责分离：您已对同一对象执行过“{other}”，此操作须由他人完成。",
    en: 'Separation of duties: you already did "{other}" to this object, so somebody else has to do this.',
  },
  "refusal.idempotency_key": {
    "zh-CN": "这份表单此前已用其他内容提交过。请刷新页面，核对后重新填写。",
    en: "This form was already sent with other content. Reload the page, check, and fill it in again.",
  },
  "refusal.log_unavailable": {
    "zh-CN": "审计日志暂时无法写入，因此不能显示此内容。请稍后再试。",
    en: "The audit log cannot be written right now, so this is not shown. Try again in a moment.",
  },
  "refusal.malformed": {
    "zh-CN": "无法读取提交的内容：不是有效的 UTF-8 表单。未做任何更改。",
    en: "What was sent cannot be read: it is not a form in UTF-8. Nothing was changed.",
  },
  "refusal.media_type": {
    "zh-CN": "此地址只接受表单，不接受这种内容类型。",
    en: "This address takes forms and not this type of content.",
  },
  "refusal.method_not_allowed": {
    "zh-CN": "此地址不支持这种请求。",
    en: "This address does not take that kind of request.",
  },
  "refusal.not_found": {
    "zh-CN": "没有找到您要的内容。它可能不存在，或不在您的查看范围内。",
    en: "There is nothing here that you can see. It may not exist, or it may be outside your scope.",
  },
  "refusal.operation_gone": {
    "zh-CN": "申请的操作已不存在，无法执行。",
    en: "The operation that was asked for no longer exists.",
  },
  "refusal.permission": {
    "zh-CN": "您的角色不包含此操作，未做任何更改。如需权限，请联系人员管理员。",
    en: "Your roles do not include this, and nothing was changed. A people administrator can grant it.",
  },
  "refusal.repeated": {
    "zh-CN": "同一字段提交了多次，无法判断应采用哪个值。未做任何更改。",
    en: "One field was sent more than once, so it is unclear which value is meant. Nothing was changed.",
  },
  "refusal.reveal_once": {
    "zh-CN": "这份查看申请已使用过。如需再次查看，请重新提交。",
    en: "This request to reveal has been used. To see it again, ask again.",
  },
  "refusal.step_up": {
    "zh-CN": "此操作需要再次验证身份。",
    en: "This needs a fresh proof of who you are.",
  },
  "refusal.step_up_impossible": {
    "zh-CN": "此操作只能由本人在登录后执行。",
    en: "Only a signed-in person can do this.",
  },
  "refusal.streams": {
    "zh-CN": "您打开的实时页面过多，请关闭一些后再试。",
    en: "Too many live pages are open. Close some and try again.",
  },
  "refusal.too_large": {
    "zh-CN": "提交的内容过大，未做任何更改。",
    en: "What was sent is too large. Nothing was changed.",
  },
  "system.again.expired": { "zh-CN": "表单已过期", en: "This form is out of date" },
  "system.again.expired.lead": {
    "zh-CN": "登录状态在您填写期间已更新，未做任何更改。您填写的内容都还在，确认后可再次提交。",
    en: "Your session was renewed while you were typing. Nothing was changed, and what you typed is kept: send it again if you still mean it.",
  },
  "system.again.fields": {
    "zh-CN": "已保留 {count, number} 个字段",
    en: "{count, plural, one {One field is kept} other {# fields are kept}}",
  },
  "system.again.send": { "zh-CN": "再次提交", en: "Send again" },
  "system.again.signed-in": { "zh-CN": "继续之前的操作", en: "Go on where you were" },
  "system.again.signed-in.lead": {
    "zh-CN": "您已登录。退出前填写的内容都还在，确认后可再次提交。",
    en: "You are signed in. What you typed before is kept: send it if you still mean it.",
  },
  "system.again.skip": { "zh-CN": "放弃，返回首页", en: "Leave it and go to the first screen" },
  "system.back": {
    "zh-CN": "返回上一页可重新提交",
    en: "Go back with your browser to correct and send again.",
  },
  "system.error.400": { "zh-CN": "请求无法读取", en: "This request cannot be read" },
  "system.error.403": { "zh-CN": "没有权限", en: "Not allowed" },
  "system.error.404": { "zh-CN": "未找到", en: "Not found" },
  "system.error.405": { "zh-CN": "不支持的请求", en: "Not that way" },
  "system.error.409": { "zh-CN": "已被他人修改", en: "Changed meanwhile" },
  "system.error.413": { "zh-CN": "内容过大", en: "Too large" },
  "system.error.415": { "zh-CN": "不支持的内容类型", en: "Not this type of content" },
  "system.error.422": { "zh-CN": "需要修改", en: "Something needs another look" },
  "system.error.423": { "zh-CN": "已冻结", en: "Frozen" },
  "system.error.429": { "zh-CN": "请求过于频繁", en: "Too many requests" },
  "system.error.500": { "zh-CN": "出现意外错误", en: "Something went wrong" },
  "system.error.503": { "zh-CN": "暂时无法使用", en: "Not available right now" },
  "system.error.home": { "zh-CN": "返回首页", en: "Go to the first screen" },
  "system.error.retry": {
    "zh-CN": "请在 {seconds, number} 秒后再试。",
    en: "Try again in {seconds, plural, one {one second} other {# seconds}}.",
  },
  "system.pending": { "zh-CN": "等待复核", en: "Waiting for approval" },
  "system.pending.open": { "zh-CN": "查看申请", en: "Open the request" },
  "system.sign-in-again": { "zh-CN": "请重新登录", en: "Please sign in again" },
  "system.sign-in-again.kept": {
    "zh-CN": "您的登录已结束，未做任何更改。您填写的内容都还在，登录后可再次提交。",
    en: "Your session has ended, and nothing was changed. What you typed is kept: after signing in you can send it again.",
  },
  "system.sign-in-again.lost": {
    "zh-CN": "您的登录已结束，未做任何更改。为安全起见，这份表单的内容没有保留，登录后请重新填写。",
    en: "Your session has ended, and nothing was changed. This form could not be kept; fill it in again after signing in.",
  },
  "system.sign-in-again.login": { "zh-CN": "账号", en: "Login" },
  "system.sign-in-again.password": { "zh-CN": "密码", en: "Password" },
  "system.sign-in-again.send": { "zh-CN": "登录", en: "Sign in" },
  "system.step-up": { "zh-CN": "再次验证身份", en: "Prove who you are" },
  "system.step-up.bound": {
    "zh-CN": "此操作须单独验证。请输入密码和验证码，验证只对这一次操作有效。",
    en: "This asks for a proof of its own. Give your password and a code; the proof counts for this one operation only.",
  },
  "system.step-up.code": { "zh-CN": "验证码", en: "Code" },
  "system.step-up.code.hint": {
    "zh-CN": "验证器应用中的 6 位数字",
    en: "The six digits of your authenticator",
  },
  "system.step-up.file": {
    "zh-CN": "上传的文件没有保留，验证后请重新选择。",
    en: "The file you chose could not be kept. Choose it again afterwards.",
  },
  "system.step-up.for": { "zh-CN": "操作：{operation}", en: "Operation: {operation}" },
  "system.step-up.fresh": {
    "zh-CN": "此操作需要 {minutes, number} 分钟内的验证。请输入验证码，您填写的内容都还在。",
    en: "This needs a proof not older than {minutes, plural, one {one minute} other {# minutes}}. Give a code; what you typed is kept.",
  },
  "system.step-up.password": { "zh-CN": "密码", en: "Password" },
  "system.step-up.send": { "zh-CN": "验证并继续", en: "Prove it and go on" },
});
