import type { Credential } from "../door/actor.ts";
import { Refusal } from "../door/refusal.ts";
import type { DemoWorld } from "../platform/module.ts";
import { decide } from "./approvals/commands.ts";
import { viewRequest } from "./approvals/queries.ts";
import { endBreakGlass, openBreakGlass } from "./break-glass/commands.ts";
import { grantDangerousRole } from "./grants/commands.ts";
import { listStaff, viewStaff } from "./staff/queries.ts";

/** What the people of the demo write, in the language that they write in. */
export const written = {
  waiting: "大促期间支援客服，下月收回",
  denied: "代理安全负责人",
  denial: "平台运维不兼任安全负责人，请另提人选",
  glass: "凌晨仓库系统无法登录，值班负责人联系不上，需结束异常会话",
} as const;

/** One request that waits and one that was denied, and a night on which the glass was broken, not reviewed yet. */
export async function demo(world: DemoWorld): Promise<void> {
  const administrator = await world.as("liu.bo");
  await ask(world, administrator, "anna.koch", "service_agent", written.waiting);
  const refused = await ask(world, administrator, "wu.gang", "security_lead", written.denied);

  const approver = await world.as("chen.hao");
  const { digest } = await world.door.ask(viewRequest, approver, { request: refused });
  const no = { request: refused, decision: "deny", digest, reason: written.denial };
  await world.prove(decide, approver, no);

  const holder = await world.as("he.jing");
  await world.prove(openBreakGlass, holder, { reason: written.glass });
  await world.door.execute(endBreakGlass, holder, {});
}

/** Asks two people for a role, and gives the request. */
async function ask(
  world: DemoWorld,
  who: Credential,
  login: string,
  role: string,
  reason: string,
): Promise<string> {
  const { people } = await world.door.ask(listStaff, who, {});
  const person = people.find((one) => one.login === login);
  if (person === undefined) throw new Error(`the demo has no ${login}`);
  const { version } = await world.door.ask(viewStaff, who, { person: person.id });
  try {
    await world.prove(grantDangerousRole, who, { person: person.id, role, reason, version });
  } catch (error) {
    if (error instanceof Refusal && error.details.approval !== undefined) return error.details.approval;
    throw error;
  }
  throw new Error(`the demo gave ${role} without asking anybody`);
}
