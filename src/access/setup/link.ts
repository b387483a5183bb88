import type { AccessRuntime } from "../runtime.ts";
import { inviteFirst } from "./commands.ts";

/** Nobody has used the first link yet: there is no account to sign in with. */
export async function isUntouched(read: AccessRuntime["read"]): Promise<boolean> {
  const setup = await read
    .selectFrom("access.setup")
    .select(["first", "closed_at"])
    .executeTakeFirstOrThrow();
  return setup.first === null && setup.closed_at === null;
}

/** See `Access.setupLink`. Acts as the operator on the machine: whoever starts the console may make its first account. */
export async function setupLink(
  { read, door }: Pick<AccessRuntime, "read" | "door">,
  origin: string,
  osUser: string,
): Promise<string | null> {
  if (!(await isUntouched(read))) return null;
  const { value } = await door().execute(inviteFirst, { type: "operator", osUser }, {});
  return new URL(`/setup/${value.token}`, origin).href;
}
