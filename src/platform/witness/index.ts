export { startWitness, type RunningWitness, type WitnessOptions } from "./start.ts";
export { formatAddCheckpoint, parseAddCheckpoint, type AddCheckpoint } from "./request.ts";
export type { PullOptions, PullResult } from "./pull.ts";
export type { Alarm, Answer } from "./witness.ts";
