export { compilePolicy, type CompiledPolicy, type Vocabulary } from "./compile.ts";
export type { RoleRule, Words } from "./access-file.ts";
export { readDocument } from "./document-file.ts";
export { findShipped, readShipped, type ShippedFile } from "./shipped.ts";
export { policyInForce, type PolicyInForce, shippedErrors } from "./store.ts";
export { takeInPolicies } from "./take-in.ts";
export { type FileError, PolicyFileError } from "./yaml-file.ts";
