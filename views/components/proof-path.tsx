import type { ViewContext } from "../context.ts";

/** A sibling on the way up: on which side it stands, and its hash as text. */
export interface ProofStep {
  side: "left" | "right";
  hash: string;
  /** The hash of the two together, when the caller computed it. */
  parent?: string;
}

export interface ProofPathProps {
  v: ViewContext;
  leaf: string;
  steps: readonly ProofStep[];
  root: string;
}

const rung = 54;
const node = { width: 148, height: 30 };
const middle = 250;
const width = middle * 2;
const offset = 168;

/** Why an event is in the log: its hash joins one sibling after another until the signed root comes out. */
export function ProofPath({ v, leaf, steps, root }: ProofPathProps) {
  const height = steps.length * rung + node.height + 4;
  const y = (level: number) => height - 2 - node.height - level * rung;
  return (
    <figure class="diagram proof">
      <figcaption>
        {v.t("proof.path")}
        <span class="here">{v.t("proof.steps", { count: steps.length })}</span>
      </figcaption>
      <div class="diagram-scroll" role="region" aria-label={v.t("proof.path")} tabindex={0}>
        <svg
          width={width}
          height={height}
          viewBox={`0 0 ${width} ${height}`}
          aria-hidden="true"
          focusable="false"
        >
          {steps.map((step, level) => (
            <Rung step={step} from={y(level)} to={y(level + 1)} />
          ))}
          {steps.map((step, level) => (
            <Node
              x={middle + (step.side === "left" ? -offset : offset)}
              y={y(level)}
              hash={step.hash}
              kind="sibling"
            />
          ))}
          {steps.slice(0, -1).map((step, level) => (
            <Node x={middle} y={y(level + 1)} hash={step.parent ?? "·"} kind="path" />
          ))}
          <Node x={middle} y={y(0)} hash={leaf} kind="leaf" word={v.t("proof.leaf")} />
          {steps.length > 0 && (
            <Node x={middle} y={y(steps.length)} hash={root} kind="root" word={v.t("proof.root")} />
          )}
        </svg>
      </div>
      <ProofTable v={v} leaf={leaf} steps={steps} root={root} />
    </figure>
  );
}

function Rung({ step, from, to }: { step: ProofStep; from: number; to: number }) {
  const sibling = middle + (step.side === "left" ? -offset : offset);
  const join = to + node.height + 8;
  return (
    <g>
      <path class="rung" d={`M${sibling} ${from} V${join} H${middle}`} />
      <path class="rung path" d={`M${middle} ${from} V${to + node.height}`} />
    </g>
  );
}

function Node(props: {
  x: number;
  y: number;
  hash: string;
  kind: "leaf" | "root" | "path" | "sibling";
  word?: string;
}) {
  const { x, y, hash, kind, word } = props;
  const short = hash.length > 12 ? `${hash.slice(0, 10)}…` : hash;
  return (
    <g class={`proof-node ${kind}`}>
      <rect x={x - node.width / 2} y={y} width={node.width} height={node.height} rx="6" />
      <text x={x} y={y + node.height / 2 + 4} text-anchor="middle">
        {word === undefined ? short : `${word} ${hash.slice(0, 6)}…`}
      </text>
    </g>
  );
}

function ProofTable({ v, leaf, steps, root }: ProofPathProps) {
  return (
    <details class="chart-table">
      <summary>{v.t("common.table-of")}</summary>
      <table>
        <caption class="visually-hidden">{v.t("proof.path")}</caption>
        <thead>
          <tr>
            <th scope="col">{v.t("proof.step")}</th>
            <th scope="col">{v.t("proof.side")}</th>
            <th scope="col">{v.t("proof.sibling")}</th>
          </tr>
        </thead>
        <tbody>
          <tr>
            <th scope="row">0</th>
            <td>{v.t("proof.leaf")}</td>
            <td class="mono">{leaf}</td>
          </tr>
          {steps.map((step, level) => (
            <tr>
              <th scope="row">{level + 1}</th>
              <td>{v.t(`proof.side.${step.side}`)}</td>
              <td class="mono">{step.hash}</td>
            </tr>
          ))}
          <tr>
            <th scope="row">{steps.length + 1}</th>
            <td>{v.t("proof.root")}</td>
            <td class="mono">{root}</td>
          </tr>
        </tbody>
      </table>
    </details>
  );
}
