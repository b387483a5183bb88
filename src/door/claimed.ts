import type { Actor, Credential } from "./actor.ts";

/** Before the lookup: who the credential says it is. Only for the command row and for the log of a refused lookup. */
export function claimed(credential: Credential): { type: string; id: string } {
  if (credential.type === "session") return { type: "user", id: credential.person };
  if (credential.type === "scheduler") return { type: "scheduler", id: credential.job };
  if (credential.type === "operator") return { type: "operator", id: credential.osUser };
  return { type: "anonymous", id: "anonymous" };
}

/** The same as an actor who may nothing, for a refusal that came before the lookup. */
export function unidentified(credential: Credential): Actor {
  const { type, id } = claimed(credential);
  const known = credential.type === "session" ? "user" : credential.type;
  return {
    type: known,
    id,
    display: type,
    roles: [],
    permissions: new Set(),
    assurance: null,
    breakGlass: null,
    language: "zh-CN",
  };
}
