import { defineMessages } from "../../src/platform/i18n/index.ts";

/** The short tour of the demo: what to try, in the order in which one thing leads to the next. */
export const tour = defineMessages({
  "tour.title": { "zh-CN": "演示导览", en: "A short tour" },
  "tour.lead": {
    "zh-CN": "以下是您的岗位可以试用的内容。换一个演示账号登录，可以看到另一岗位的导览。",
    en: "What you can try in your role. Sign in as somebody else of the demo to see the tour of another one.",
  },
  "tour.members.import": {
    "zh-CN": "导入会员 CSV：先校验并逐行报告，确认后再写入，进度可见，关闭页面也不中断。",
    en: "Import a CSV of members: it is checked first and reported row by row, then written with progress in sight, also when you close the page.",
  },
  "tour.members.find": {
    "zh-CN": "按手机号查找会员：列表只显示掩码，查询条件不会出现在网址中。",
    en: "Find a member by phone: the list shows masks only, and what you searched for stands in no address.",
  },
  "tour.members.reveal": {
    "zh-CN": "打开一位会员，选择用途后查看一项明文：先写入日志，再解密。",
    en: "Open a member and reveal one field for a purpose: the log is written first, then the value is decrypted.",
  },
  "tour.members.review": {
    "zh-CN": "审核待审的会员资料：录入者不能审核自己录入的内容。",
    en: "Review submitted member data: whoever wrote it is not the one who approves it.",
  },
  "tour.audit.search": {
    "zh-CN": "在审计日志中找到您刚才的操作，下载证明，并用离线校验器核对。",
    en: "Find what you just did in the audit log, download its proof, and check it with the verifier, offline.",
  },
  "tour.audit.status": {
    "zh-CN": "查看日志的签名、见证与完整性校验结果。",
    en: "See how the log is signed, who witnessed it, and when it was last read through.",
  },
  "tour.approvals": {
    "zh-CN": "处理待复核的申请：页面说明将会发生什么，申请人不能复核自己的申请。",
    en: "Decide what waits for a second person: the page says what will happen, and nobody approves their own request.",
  },
  "tour.staff": {
    "zh-CN": "查看人员与权限：谁能做什么，哪些操作需要两个人。",
    en: "Look at people and rights: who may do what, and what takes two.",
  },
  "tour.me": {
    "zh-CN": "查看自己的登录设备、会话与角色，结束一个不认识的会话。",
    en: "See your own devices, sessions and roles, and end a session that you do not know.",
  },
  "tour.keys": {
    "zh-CN": "查看加密密钥的状态，并发起一次轮换（需双人复核）。",
    en: "See the state of the encryption keys, and ask for a rotation, which takes two people.",
  },
  "tour.jobs": {
    "zh-CN": "查看后台作业：失败的作业写明原因，可以重试。",
    en: "Look at the jobs: a failed one says why, and can be tried again.",
  },
});
