import type { Result, Statement } from "../door/ports.ts";

/** Sends one statement outside commands. Only the two narrow writers are ever handed one. */
export type Narrow = (statement: Statement) => Promise<Result>;
