import { Refusal } from "../../src/door/refusal.ts";

/** The refusal that this work ends with; anything else fails the test. */
export async function refusal(work: Promise<unknown>): Promise<Refusal> {
  const error: unknown = await work.then(
    () => null,
    (reason: unknown) => reason,
  );
  if (error instanceof Refusal) return error;
  throw error ?? new Error("it was not refused");
}

/** Starts everything at the same moment, and tells how each ended: its value, or its refusal's code. */
export async function race<T>(contenders: readonly (() => Promise<T>)[]): Promise<(T | string)[]> {
  let release = () => {};
  const barrier = new Promise<void>((go) => (release = go));
  const running = contenders.map(async (contend) => {
    await barrier;
    return await contend();
  });
  release();
  const settled = await Promise.allSettled(running);
  return settled.map((end) => {
    if (end.status === "fulfilled") return end.value;
    if (end.reason instanceof Refusal) return end.reason.code;
    throw end.reason;
  });
}
