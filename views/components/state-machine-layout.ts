/** One arrow of a state machine, as the module's own table gives it. */
export interface Transition {
  from: string;
  to: string;
  label: string;
}

export interface PlacedState {
  name: string;
  column: number;
  row: number;
}

/**
 * Columns by the shortest way from the first state, rows in the order of the table. States that nothing leads to
 * start columns of their own at the left.
 */
export function placeStates(states: readonly string[], transitions: readonly Transition[]): PlacedState[] {
  const column = new Map<string, number>();
  for (const start of states) {
    const reachable = transitions.some((transition) => transition.to === start && transition.from !== start);
    if (!column.has(start) && (column.size === 0 || !reachable)) spread(start, transitions, column);
  }
  // What is left is reached only from itself or in a circle of its own.
  for (const state of states) if (!column.has(state)) spread(state, transitions, column);
  const filled = new Map<number, number>();
  return states.map((name) => {
    const at = column.get(name) ?? 0;
    const row = filled.get(at) ?? 0;
    filled.set(at, row + 1);
    return { name, column: at, row };
  });
}

function spread(start: string, transitions: readonly Transition[], column: Map<string, number>): void {
  column.set(start, 0);
  const queue = [start];
  for (const state of queue) {
    for (const { from, to } of transitions) {
      if (from !== state || column.has(to)) continue;
      column.set(to, (column.get(state) ?? 0) + 1);
      queue.push(to);
    }
  }
}
