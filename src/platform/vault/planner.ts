/** One index over a column: it shows `bits` bits of a value that holds `entropyBits`. */
export interface IndexWidth {
  bits: number;
  entropyBits: number;
}

/**
 * Expected coincidences: the rows that share the index values of one row, `C = R / 2^Σ min(L, K)`. A large C hides a
 * person among others; a small one makes a search find little besides what was meant. (The rule of CipherSweet.)
 */
export function coincidences(rows: number, indexes: readonly IndexWidth[]): number {
  return rows / 2 ** shownBits(indexes);
}

/** True when the indexes of a column keep `2 ≤ C ≤ √R`. */
export function withinBudget(rows: number, indexes: readonly IndexWidth[]): boolean {
  const c = coincidences(rows, indexes);
  return c >= 2 && c <= Math.sqrt(rows);
}

/**
 * How many bits each truncated index of one column may show, for `rows` rows and the entropy of each; null when no
 * number keeps the budget (few rows, or values so few that any index would sort people: sex, birthday).
 * Of several that do, the one in the middle: the number of rows may grow and shrink most before it must be planned anew.
 */
export function planBits(rows: number, entropies: readonly number[]): number | null {
  const middle = (1 + Math.log2(rows) / 2) / 2; // of log2 C, between log2 2 and log2 √R
  let best: number | null = null;
  let bestDistance = Number.POSITIVE_INFINITY;
  for (let bits = 1; bits <= 64; bits += 1) {
    const widths = entropies.map((entropyBits) => ({ bits, entropyBits }));
    const distance = Math.abs(Math.log2(coincidences(rows, widths)) - middle);
    // an index wider than its values' entropy would be an equality index in disguise
    if (!withinBudget(rows, widths) || entropies.some((k) => bits > k)) continue;
    if (distance < bestDistance) [best, bestDistance] = [bits, distance];
  }
  return best;
}

function shownBits(indexes: readonly IndexWidth[]): number {
  return indexes.reduce((sum, index) => sum + Math.min(index.bits, index.entropyBits), 0);
}
