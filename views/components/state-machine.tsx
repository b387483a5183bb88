import type { ViewContext } from "../context.ts";
import { placeStates, type PlacedState, type Transition } from "./state-machine-layout.ts";

export interface StateMachineProps {
  v: ViewContext;
  /** Unique on the page. */
  id: string;
  title: string;
  /** In the order of a life; the first is where an object starts. */
  states: readonly { name: string; label: string }[];
  transitions: readonly Transition[];
  current?: string;
}

const box = { width: 116, height: 38 };
const pitch = { x: 172, y: 84 };
const margin = 14;

/** The life of an object with "you are here", drawn from the same table that the code obeys, and as that table. */
export function StateMachine(props: StateMachineProps) {
  const { v, id, title, states, transitions, current } = props;
  const names = states.map((state) => state.name);
  const placed = new Map(placeStates(names, transitions).map((state) => [state.name, state]));
  const labels = new Map(states.map((state) => [state.name, state.label]));
  const width = Math.max(...[...placed.values()].map((s) => s.column)) * pitch.x + box.width + margin * 2;
  const height = Math.max(...[...placed.values()].map((s) => s.row)) * pitch.y + box.height + margin * 2 + 28;
  const here = current === undefined ? undefined : labels.get(current);
  return (
    <figure class="diagram">
      <figcaption>
        {title}
        {here !== undefined && <span class="here">{v.t("common.state.here", { state: here })}</span>}
      </figcaption>
      <div class="diagram-scroll" role="region" aria-label={title} tabindex={0}>
        <svg
          width={width}
          height={height}
          viewBox={`0 0 ${width} ${height}`}
          aria-hidden="true"
          focusable="false"
        >
          <defs>
            <marker
              id={`${id}-arrow`}
              viewBox="0 0 8 8"
              refX="7"
              refY="4"
              markerWidth="7"
              markerHeight="7"
              orient="auto"
            >
              <path class="arrow-head" d="M0 0 8 4 0 8Z" />
            </marker>
          </defs>
          {transitions.map((transition) => (
            <Arrow
              transition={transition}
              placed={placed}
              marker={`url(#${id}-arrow)`}
              active={transition.from === current}
            />
          ))}
          {[...placed.values()].map((state) => (
            <State state={state} label={labels.get(state.name) ?? state.name} here={state.name === current} />
          ))}
        </svg>
      </div>
      <TransitionTable v={v} title={title} transitions={transitions} labels={labels} />
    </figure>
  );
}

function State({ state, label, here }: { state: PlacedState; label: string; here: boolean }) {
  const { x, y } = corner(state);
  return (
    <g class={here ? "state here" : "state"}>
      <rect x={x} y={y} width={box.width} height={box.height} rx="8" />
      <text x={x + box.width / 2} y={y + box.height / 2 + 4.5} text-anchor="middle">
        {label}
      </text>
    </g>
  );
}

function Arrow(props: {
  transition: Transition;
  placed: Map<string, PlacedState>;
  marker: string;
  active: boolean;
}) {
  const from = props.placed.get(props.transition.from);
  const to = props.placed.get(props.transition.to);
  if (from === undefined || to === undefined || from === to) return null;
  return (
    <path class={props.active ? "arrow next" : "arrow"} d={route(from, to)} marker-end={props.marker}>
      <title>{props.transition.label}</title>
    </path>
  );
}

/** Forwards from side to side; within a column straight; backwards in a bow underneath. */
function route(from: PlacedState, to: PlacedState): string {
  const a = corner(from);
  const b = corner(to);
  const middle = box.height / 2;
  if (to.column > from.column) {
    const start = a.x + box.width;
    const bend = (b.x - start) / 2;
    return `M${start} ${a.y + middle} C${start + bend} ${a.y + middle} ${b.x - bend} ${b.y + middle} ${b.x - 1} ${b.y + middle}`;
  }
  if (to.column === from.column) {
    const down = b.y > a.y;
    const x = a.x + box.width * (down ? 0.42 : 0.58);
    return `M${x} ${down ? a.y + box.height : a.y} L${x} ${down ? b.y - 1 : b.y + box.height + 1}`;
  }
  const startX = a.x + box.width * 0.36;
  const endX = b.x + box.width * 0.64;
  const low = Math.max(a.y, b.y) + box.height + 26;
  return `M${startX} ${a.y + box.height} C${startX} ${low} ${endX} ${low} ${endX} ${b.y + box.height + 1}`;
}

function corner(state: PlacedState): { x: number; y: number } {
  return { x: margin + state.column * pitch.x, y: margin + state.row * pitch.y };
}

function TransitionTable(props: {
  v: ViewContext;
  title: string;
  transitions: readonly Transition[];
  labels: Map<string, string>;
}) {
  const { v, title, transitions, labels } = props;
  return (
    <details class="chart-table">
      <summary>{v.t("common.table-of")}</summary>
      <table>
        <caption class="visually-hidden">{title}</caption>
        <thead>
          <tr>
            <th scope="col">{v.t("common.states.from")}</th>
            <th scope="col">{v.t("common.states.step")}</th>
            <th scope="col">{v.t("common.states.to")}</th>
          </tr>
        </thead>
        <tbody>
          {transitions.map(({ from, to, label }) => (
            <tr>
              <td>{labels.get(from) ?? from}</td>
              <td>{label}</td>
              <td>{labels.get(to) ?? to}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </details>
  );
}
