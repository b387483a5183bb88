import { lastFour, normaliseMail, normaliseName, normalisePhone } from "./normalise.ts";

/** A way to make a value findable. */
interface TransformRule {
  /** Brings all spellings of a value to one; null for what is no such value. */
  normalise: (text: string) => string | null;
  /** Shows equality outright (128 bits), which a unique column needs anyway; or only as many bits as planned. */
  exact: boolean;
  /** K: how many bits a value holds, rounded down, since overrating it would understate the leak. */
  entropyBits: number;
}

export const transforms = {
  /** About 45 mobile prefixes of the mainland, eight digits each. */
  phone: { normalise: normalisePhone, exact: true, entropyBits: 32 },
  mail: { normalise: normaliseMail, exact: true, entropyBits: 32 },
  /** One person in some 4,700 has the most frequent name (张伟, 300,000 of 1.4 billion): min-entropy. */
  name: { normalise: normaliseName, exact: false, entropyBits: 12 },
  "phone-last-four": { normalise: lastFour, exact: false, entropyBits: Math.log2(10_000) },
} satisfies Record<string, TransformRule>;

export type Transform = keyof typeof transforms;

/** The rule of a transform, by the name under which a definition keeps it. */
export function transformRule(name: Transform): TransformRule {
  return transforms[name];
}
