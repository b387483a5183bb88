import { defineMessages } from "../../src/platform/i18n/index.ts";

/** Which version of each policy file is in force. */
export const policies = defineMessages({
  "policies.title": { "zh-CN": "制度文件", en: "Policies" },
  "policies.lead": {
    "zh-CN": "生效的内容以数据库中的版本和摘要为准。改动过的文件会作为草稿列出，不会自动生效。",
    en: "What is in force is what the database holds, by version and hash. A changed file is listed as a draft and does not take effect by itself.",
  },
  "policies.column.document": { "zh-CN": "文件", en: "Document" },
  "policies.column.version": { "zh-CN": "版本", en: "Version" },
  "policies.column.state": { "zh-CN": "状态", en: "State" },
  "policies.column.effective": { "zh-CN": "生效时间", en: "In force since" },
  "policies.column.hash": { "zh-CN": "摘要", en: "Hash" },
  "policies.state.in-force": { "zh-CN": "生效中", en: "In force" },
  "policies.state.published": { "zh-CN": "已发布", en: "Published" },
  "policies.state.draft": { "zh-CN": "草稿", en: "Draft" },
  "policies.errors": {
    "zh-CN": "磁盘上的制度文件有 {count, number} 处错误。",
    en: "{count, plural, one {# error} other {# errors}} in the files on the disk.",
  },
  "policies.errors.lead": {
    "zh-CN": "这些文件不会生效，生效中的版本不变。错误说明由程序给出，为英文。",
    en: "These files do not take effect. What was in force stays in force.",
  },
  "policies.document.access": { "zh-CN": "角色与权限", en: "Roles and rights" },
  "policies.parameter": { "zh-CN": "参数", en: "Parameter" },
  "policies.parameter.value": { "zh-CN": "取值", en: "Value" },
  "policies.parameters": { "zh-CN": "参数取值", en: "Parameters" },
  "policies.text": { "zh-CN": "生效文本", en: "The text in force" },
  "refusal.policy_digest": {
    "zh-CN": "文件 {document} 的内容与其摘要不符。",
    en: "The text of {document} is not the one of its digest.",
  },
  "policies.empty": { "zh-CN": "还没有制度文件", en: "No policies yet" },
  "policies.empty.text": {
    "zh-CN": "首次启动会载入随产品提供的文件。",
    en: "The first start takes in the shipped files.",
  },
  "action.policies.take_in": { "zh-CN": "载入制度文件", en: "Take in policy files" },
  "action.policies.list": { "zh-CN": "查看制度文件", en: "List policies" },
});
