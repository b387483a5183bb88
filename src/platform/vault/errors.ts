/**
 * A sealed value that does not open. One error with one message for every cause (wrong key, wrong place, cut tag,
 * unknown algorithm, trailing bytes): telling them apart would help only somebody who tries.
 */
export class SealError extends Error {
  constructor() {
    super("the sealed value cannot be opened");
    this.name = "SealError";
  }
}

/** The keyring cannot be used. A start-up error for the operator, who reads English and a path. */
export class KeyringError extends Error {
  constructor(message: string, options?: { cause: unknown }) {
    super(message, options);
    this.name = "KeyringError";
  }
}
