/** Short names (HOST, PORT) have innocent neighbours in every environment; a slip is only seen in longer ones. */
const SHORTEST = 7;

/**
 * The known name that `name` misses by one slip: a letter too many, too few, another, or two neighbours swapped.
 */
export function nearest(name: string, known: readonly string[]): string | undefined {
  return known.find((candidate) => candidate.length >= SHORTEST && isOneSlip(name, candidate));
}

function isOneSlip(a: string, b: string): boolean {
  if (a === b || Math.abs(a.length - b.length) > 1) return false;
  let start = 0;
  while (start < a.length && a[start] === b[start]) start++;
  const restA = a.slice(start);
  const restB = b.slice(start);
  if (a.length > b.length) return restA.slice(1) === restB;
  if (a.length < b.length) return restA === restB.slice(1);
  const another = restA.slice(1) === restB.slice(1);
  const swapped = restA[0] === restB[1] && restA[1] === restB[0] && restA.slice(2) === restB.slice(2);
  return another || swapped;
}
