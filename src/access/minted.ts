/**
 * Values that prove that some work was done before a command is called: a password checked, a try counted. A command
 * that asks for one in its input cannot be reached around it. Only the file that holds the mint makes them.
 */
export interface Mint<T extends object> {
  make: (content: T) => T;
  /** True for what `make` gave, and for no look-alike. */
  is: (value: unknown) => value is T;
}

export function mint<T extends object>(): Mint<T> {
  const made = new WeakSet<object>();
  return {
    make(content) {
      const value = Object.freeze(content);
      made.add(value);
      return value;
    },
    // whatever is in the set was put there as a T
    is: (value): value is T => typeof value === "object" && value !== null && made.has(value),
  };
}
