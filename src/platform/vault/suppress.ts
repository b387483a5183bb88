/** How many people are in a group. `count` is null where showing it would show a few people. */
export interface Group {
  group: string;
  count: number | null;
}

export interface Statistics {
  /** In the order of their names. */
  groups: Group[];
  /** Null when the total would give a hidden count away. */
  total: number | null;
}

/**
 * Hides counts under `smallest`, and then the next smallest ones, until the hidden together are at least two groups and
 * `smallest` people: otherwise total minus the shown would give the hidden away (complementary suppression). Under
 * `smallest` people in all, everything is hidden. Empty groups are no people and are left out.
 */
export function suppress(counts: ReadonlyMap<string, number>, smallest: number): Statistics {
  const peopled = [...counts].filter(([, count]) => count > 0);
  const rising = peopled.toSorted(([, a], [, b]) => a - b);
  const hidden = new Set<string>();
  let people = 0;
  for (const [group, count] of rising) {
    const safe = hidden.size === 0 || (hidden.size >= 2 && people >= smallest);
    if (count >= smallest && safe) break;
    hidden.add(group);
    people += count;
  }
  const solvable = hidden.size === 1 || (hidden.size > 0 && people < smallest);
  const groups = peopled
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([group, count]) => ({ group, count: hidden.has(group) ? null : count }));
  return { groups, total: solvable ? null : rising.reduce((sum, [, count]) => sum + count, 0) };
}
