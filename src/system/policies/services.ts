import type { FileError } from "../../platform/policy/index.ts";

declare module "../../door/command.ts" {
  interface Services {
    /** What was wrong with the files in `policies/` when this process started. */
    policyFiles: { readonly errors: readonly FileError[] };
  }
}
