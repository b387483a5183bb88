import type { Tx } from "../../door/tables.ts";
import type { CompiledPolicy } from "./compile.ts";
import type { PolicyInForce } from "./store.ts";

/**
 * Lets callers that ask at the same moment on the same connection share one question: the door and the look-up of the
 * actor both want the rules of the one transaction they stand in.
 */
export function sharing(rules: PolicyInForce): PolicyInForce {
  const flying = new WeakMap<Tx, Promise<CompiledPolicy>>();
  return async (tx) => {
    const asked = flying.get(tx);
    if (asked !== undefined) return await asked;
    const asking = rules(tx).finally(() => flying.delete(tx));
    flying.set(tx, asking);
    return await asking;
  };
}
