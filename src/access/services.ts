import type { Actor } from "../door/actor.ts";
import type { AnyCommand } from "../door/command.ts";
import type { Tx } from "../door/tables.ts";
import type { CompiledPolicy } from "../platform/policy/index.ts";

/** What commands about people need beyond their tables: the rules themselves, and who somebody else is right now. */
export interface AccessServices {
  /** The rules in force by database time. */
  rules(tx: Tx): Promise<CompiledPolicy>;
  /** A command by its name, for those who are asked to approve it. */
  command(name: string): AnyCommand | undefined;
  /** Who a person would be at the door now; refuses `denied` (`colleague_disabled`) when they may not act any more. */
  person(tx: Tx, id: string): Promise<Actor>;
}

declare module "../door/command.ts" {
  interface Services {
    access: AccessServices;
  }
}
