/** What a handler is told about the delivery beside the body. */
export interface Delivery {
  /** Id of the effect. The same effect can come twice (at least once): whoever receives it tells them apart by this. */
  id: string;
  /** 1 at the first try. */
  attempt: number;
  /** Ends when the delivery takes too long, and when the console stops. */
  signal: AbortSignal;
}

/** Carries one effect to the outside. Whatever it throws is a failed try; `DeliveryFailed` gives the failure a name. */
export type EffectHandler = (body: unknown, delivery: Delivery) => Promise<void>;

/** A delivery that did not arrive. `code` is shown to operators and logged: a word, never a value. */
export class DeliveryFailed extends Error {
  override readonly name = "DeliveryFailed";
  readonly code: string;

  constructor(code: string) {
    super(code);
    this.code = code;
  }
}

/** One delivery may take this long; the other side has hung up or sleeps. */
export const DELIVERY_SECONDS = 30;

/** A claimed effect is nobody else's for this long: longer than a delivery, so that a slow one is not made twice. */
export const CLAIM_SECONDS = 2 * DELIVERY_SECONDS;

/** Seconds until the next try after so many failed ones: 10, 30, 90, … at most an hour. */
export function retrySeconds(attempts: number): number {
  return Math.min(3600, 10 * 3 ** Math.max(0, attempts - 1));
}
