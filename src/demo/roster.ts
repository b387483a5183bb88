/** One account of the demo: a name that people of such a mall might have, and what they do there. */
export interface DemoPerson {
  login: string;
  name: string;
  roles: readonly string[];
  language: "zh-CN" | "en";
}

/** At least one person for every role, so that every page has somebody who may open it; two who may break the glass. */
export const roster: readonly DemoPerson[] = [
  { login: "lin.wei", name: "林薇", roles: ["compliance_officer"], language: "zh-CN" },
  { login: "chen.hao", name: "陈浩", roles: ["approver"], language: "zh-CN" },
  { login: "zhao.min", name: "赵敏", roles: ["general_manager"], language: "zh-CN" },
  { login: "grace.hill", name: "Grace Hill", roles: ["security_lead"], language: "en" },
  { login: "wu.gang", name: "吴刚", roles: ["platform_operator"], language: "zh-CN" },
  {
    login: "he.jing",
    name: "何静",
    roles: ["platform_operator", "incident_commander", "emergency_holder"],
    language: "zh-CN",
  },
  {
    login: "tom.baker",
    name: "Tom Baker",
    roles: ["service_agent", "responder", "emergency_holder"],
    language: "en",
  },
  { login: "sun.li", name: "孙丽", roles: ["key_custodian"], language: "zh-CN" },
  { login: "emma.stone", name: "Emma Stone", roles: ["auditor"], language: "en" },
  { login: "xu.yan", name: "徐妍", roles: ["privacy_officer"], language: "zh-CN" },
  { login: "ma.jun", name: "马骏", roles: ["operations_manager"], language: "zh-CN" },
  { login: "li.na", name: "李娜", roles: ["service_agent"], language: "zh-CN" },
  { login: "gao.fei", name: "高飞", roles: ["member_reviewer"], language: "zh-CN" },
  { login: "anna.koch", name: "Anna Koch", roles: ["marketing"], language: "en" },
  { login: "zhou.ting", name: "周婷", roles: ["human_resources"], language: "zh-CN" },
  { login: "liu.bo", name: "刘波", roles: ["people_administrator"], language: "zh-CN" },
];
