import { defineMessages } from "../../src/platform/i18n/index.ts";

/** The keys under which personal data lies, and their rotation. */
export const keys = defineMessages({
  "keys.title": { "zh-CN": "密钥", en: "Keys" },
  "keys.lead": {
    "zh-CN":
      "会员数据由每人一把的数据密钥加密，数据密钥由主密钥包裹。轮换主密钥只重新包裹数据密钥，不影响读取。",
    en: "Each person's data is sealed under data keys of their own, and those are wrapped by the key-encryption key. Rotating it rewraps the data keys; everything stays readable.",
  },
  "keys.provider": { "zh-CN": "密钥提供方", en: "Key provider" },
  "keys.kind": { "zh-CN": "类型", en: "Kind" },
  "keys.kind.keyring-file": { "zh-CN": "本机密钥环文件", en: "Local keyring file" },
  "keys.protection": { "zh-CN": "保护方式", en: "Protection" },
  "keys.protection.scrypt": { "zh-CN": "口令加密（scrypt）", en: "Sealed by a passphrase (scrypt)" },
  "keys.protection.plain": {
    "zh-CN": "未加密：能读取磁盘的人即可得到密钥",
    en: "Not sealed: whoever reads the disk has the keys",
  },
  "keys.location": { "zh-CN": "位置", en: "Location" },
  "keys.version": { "zh-CN": "当前版本", en: "Current version" },
  "keys.version.number": { "zh-CN": "版本 {version}", en: "Version {version}" },
  "keys.created": { "zh-CN": "创建时间", en: "Created" },
  "keys.use": { "zh-CN": "各版本包裹的数据密钥", en: "Data keys by version" },
  "keys.column.version": { "zh-CN": "主密钥版本", en: "Version" },
  "keys.column.state": { "zh-CN": "状态", en: "State" },
  "keys.column.count": { "zh-CN": "数据密钥数", en: "Data keys" },
  "keys.state.active": { "zh-CN": "使用中", en: "Active" },
  "keys.state.restricted": { "zh-CN": "受限", en: "Restricted" },
  "keys.state.shredded": { "zh-CN": "已销毁", en: "Shredded" },
  "keys.use.empty": { "zh-CN": "还没有数据密钥", en: "No data keys yet" },
  "keys.use.empty.text": { "zh-CN": "登记第一位会员后会出现。", en: "They appear with the first member." },
  "keys.rotations": { "zh-CN": "轮换", en: "Rotations" },
  "keys.rotation": { "zh-CN": "版本 {from} → {to}", en: "Version {from} to {to}" },
  "keys.rotation.running": { "zh-CN": "进行中", en: "Running" },
  "keys.rotation.finished": { "zh-CN": "已完成", en: "Finished" },
  "keys.rotate": { "zh-CN": "申请轮换主密钥", en: "Ask for a rotation" },
  "keys.rotate.title": { "zh-CN": "轮换主密钥", en: "Rotate the key-encryption key" },
  "keys.rotate.first": {
    "zh-CN": "生成新的主密钥版本，之后新建的数据密钥用新版本包裹。",
    en: "A new version is made; new data keys are wrapped under it.",
  },
  "keys.rotate.second": {
    "zh-CN": "{count, number} 把数据密钥将分批重新包裹，期间读取不受影响。",
    en: "{count, plural, one {# data key is} other {# data keys are}} rewrapped in steps. Nothing stops being readable.",
  },
  "keys.rotate.third": {
    "zh-CN": "需另一人批准后才会执行。",
    en: "It happens when a second person has agreed.",
  },
  "keys.notice.rotating": { "zh-CN": "轮换已开始。", en: "The rotation has begun." },
  "keys.indexes": { "zh-CN": "盲索引与泄露预算", en: "Blind indexes and what they give away" },
  "keys.indexes.lead": {
    "zh-CN":
      "截断索引每个取值对应若干会员（预期碰撞数 C），据此估计查询泄露的信息量；精确索引会暴露两行是否相等。",
    en: "A truncated index value stands for several members (expected coincidences C). An exact index shows whether two rows are equal.",
  },
  "keys.index.column": { "zh-CN": "字段", en: "Column" },
  "keys.transform.mail": { "zh-CN": "邮箱，整体", en: "Mail address, whole" },
  "keys.transform.name": { "zh-CN": "姓名，整体", en: "Name, whole" },
  "keys.transform.phone": { "zh-CN": "手机号，整体", en: "Phone number, whole" },
  "keys.transform.phone-last-four": { "zh-CN": "手机号末四位", en: "Last four digits of a phone number" },
  "keys.index.transform": { "zh-CN": "变换", en: "Transform" },
  "keys.index.bits": { "zh-CN": "位数", en: "Bits" },
  "keys.index.rows": { "zh-CN": "行数 R", en: "Rows R" },
  "keys.index.coincidences": { "zh-CN": "预期碰撞 C", en: "Coincidences C" },
  "keys.index.empty": { "zh-CN": "没有盲索引", en: "No blind indexes" },
  "keys.index.empty.text": {
    "zh-CN": "模块声明后显示在这里。",
    en: "They appear when a module declares one.",
  },
  "action.keys.rotate": { "zh-CN": "轮换主密钥", en: "Rotate keys" },
  "action.keys.rewrap": { "zh-CN": "重新包裹数据密钥", en: "Rewrap data keys" },
  "action.keys.status": { "zh-CN": "查看密钥状态", en: "See key status" },
  "refusal.vault_key_restricted": {
    "zh-CN": "该个人的数据已限制处理，仅可依法定依据查看。",
    en: "This person's data is restricted. It opens only on a named legal basis.",
  },
  "refusal.vault_key_shredded": {
    "zh-CN": "该数据已被永久删除，无法恢复。",
    en: "This data was erased for good.",
  },
  "refusal.vault_not_released": {
    "zh-CN": "没有对应的审计记录，数据未显示。",
    en: "No event covers this field, so nothing was shown.",
  },
  "refusal.vault_unreadable": {
    "zh-CN": "该值无法解密，可能已损坏或被篡改，请报告安全人员。",
    en: "The stored value does not open. It may be damaged or tampered with. Tell security.",
  },
  "refusal.vault_rotation_unknown": { "zh-CN": "找不到该轮换。", en: "There is no such rotation." },
  "refusal.vault_rotation_running": {
    "zh-CN": "已有一次轮换在进行，请等待完成。",
    en: "A rotation is running already. Wait until it has finished.",
  },
});
