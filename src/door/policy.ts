import type { Params } from "./param.ts";

/** What has to be shown before a command runs, beside the permission. */
export type Gate =
  | { kind: "none" }
  | { kind: "step-up"; level: "fresh"; minutes: number }
  | { kind: "step-up"; level: "bound" }
  | {
      kind: "four-eyes";
      /** How many people other than the requester have to agree. */
      quorum: number;
      /** The roles whose holders may agree. */
      from: readonly string[];
      /** Minutes until an unanswered request ends. */
      minutes: number;
      /** The step-up the requester has to show when asking. */
      ask: "none" | "fresh" | "bound";
    };

/** "Not the same person who did X to this object": `command` is refused to whoever did one of `after` to the same target. */
export interface DynamicDuty {
  command: string;
  after: readonly string[];
}

/** The rules in force: `policies/access.yaml` and the parameters of the policy documents, of one version. */
export interface Policy {
  /** Names the version in the log. */
  id: string;
  version: string;
  /** The digest of everything in force, parameters included: the same rules, the same digest. */
  set: string;
  gate(command: string): Gate;
  duties(command: string): readonly DynamicDuty[];
  /** True when some duty asks who did this command to an object. */
  remembers(command: string): boolean;
  /** Names of the roles that hold a permission. */
  holders(permission: string): readonly string[];
  params: Params;
}
