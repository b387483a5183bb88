export { compilePolicy, type CompiledPolicy, type Vocabulary } from "./compile.ts";
export type { RoleRule } from "./access-file.ts";
export { policyInForce, type PolicyInForce, readShipped, type ShippedFile } from "./store.ts";
export { takeInPolicies } from "./take-in.ts";
export { PolicyFileError } from "./yaml-file.ts";
