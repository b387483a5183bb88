import type { KeyStatus } from "../../src/system/keys/queries.ts";
import {
  Clock,
  Confirm,
  Facts,
  type FieldError,
  following,
  Panel,
  Progress,
  StateBadge,
  Table,
  type Tone,
} from "../components/index.ts";
import type { ViewContext } from "../context.ts";
import { Page } from "../layout/index.ts";
import { nameOf } from "../messages/index.ts";

const tones: Record<string, Tone> = { active: "good", restricted: "warn", shredded: "neutral" };

export interface KeysPageProps {
  v: ViewContext;
  keys: KeyStatus;
  mayRotate: boolean;
  reason?: string;
  errors?: readonly FieldError[];
}

/** Where the keys are, what hangs on them, and how a rotation goes. */
export function KeysPage({ v, keys, mayRotate, reason, errors }: KeysPageProps) {
  const { t } = v;
  const { provider } = keys;
  const running = isRotating(keys);
  const follow = running ? following(v, "keys", "/keys") : { block: { id: "keys" }, part: {} };
  const active = keys.counts
    .filter((row) => row.state !== "shredded")
    .reduce((sum, row) => sum + row.count, 0);
  return (
    <Page v={v} title={t("keys.title")} lead={t("keys.lead")}>
      <div {...follow.block}>
        <Panel title={t("keys.provider")}>
          <Facts
            facts={[
              { label: t("keys.kind"), value: t(`keys.kind.${provider.kind}`) },
              {
                label: t("keys.protection"),
                value: (
                  <StateBadge
                    v={v}
                    tone={provider.protection === "scrypt" ? "good" : "warn"}
                    label={t(`keys.protection.${provider.protection}`)}
                  />
                ),
              },
              {
                label: t("keys.version"),
                value: t("keys.version.number", { version: String(provider.version) }),
              },
              { label: t("keys.created"), value: <Newest v={v} keys={keys} /> },
              { label: t("keys.location"), value: provider.location, wide: true },
            ]}
          />
        </Panel>
        <div class="following" {...follow.part}>
          <Rotations v={v} keys={keys} />
        </div>
        <Use v={v} keys={keys} />
        <Indexes v={v} keys={keys} />
        {mayRotate && !running && (
          <Confirm
            v={v}
            title={t("keys.rotate.title")}
            action="/keys/rotation"
            consequences={[
              t("keys.rotate.first"),
              t("keys.rotate.second", { count: active }),
              t("keys.rotate.third"),
            ]}
            confirmLabel={t("keys.rotate")}
            cancelHref="/"
            command="keys.rotate"
            reason={{ maxlength: 500, ...(reason === undefined ? {} : { value: reason }) }}
            {...(errors === undefined ? {} : { errors })}
          />
        )}
      </div>
    </Page>
  );
}

/** Keys are being rewrapped just now. */
export function isRotating(keys: Pick<KeyStatus, "rotations">): boolean {
  return keys.rotations.some((rotation) => rotation.state === "running");
}

function Newest({ v, keys }: { v: ViewContext; keys: KeyStatus }) {
  const newest = keys.provider.versions.at(-1);
  return newest === undefined ? <></> : <Clock v={v} at={newest.createdAt} />;
}

/** The rotations, and of a running one how fast it goes and how long it will take. Plain markup: a stream sends it too. */
export function Rotations({ v, keys }: { v: ViewContext; keys: Pick<KeyStatus, "rotations" | "now"> }) {
  if (keys.rotations.length === 0) return <></>;
  return (
    <Panel title={v.t("keys.rotations")}>
      {keys.rotations.map((rotation) => (
        <Progress
          v={v}
          label={`${v.t("keys.rotation", { from: String(rotation.fromVersion), to: String(rotation.toVersion) })} · ${v.t(`keys.rotation.${rotation.state}`)}`}
          done={rotation.done}
          total={rotation.total}
          {...paceOf(rotation, keys.now)}
        />
      ))}
    </Panel>
  );
}

/** Keys a second since the start, and seconds left at that pace. Nothing before the first step, or after the last. */
function paceOf(rotation: KeyStatus["rotations"][number], now: Date): { rate?: number; left?: number } {
  if (rotation.state !== "running" || rotation.done === 0) return {};
  const rate = rotation.done / Math.max(1, (now.getTime() - rotation.startedAt.getTime()) / 1_000);
  return { rate, left: (rotation.total - rotation.done) / rate };
}

function Use({ v, keys }: { v: ViewContext; keys: KeyStatus }) {
  const { t } = v;
  return (
    <Panel title={t("keys.use")}>
      <Table<KeyStatus["counts"][number]>
        v={v}
        id="key-use"
        caption={t("keys.use")}
        rows={keys.counts}
        rowName={(row) => t("keys.version.number", { version: String(row.version) })}
        columns={[
          {
            key: "version",
            label: t("keys.column.version"),
            cell: (row) => t("keys.version.number", { version: String(row.version) }),
            primary: true,
          },
          {
            key: "state",
            label: t("keys.column.state"),
            cell: (row) => (
              <StateBadge
                v={v}
                tone={tones[row.state] ?? "neutral"}
                label={nameOf(t, "keys.state", row.state)}
              />
            ),
          },
          {
            key: "count",
            label: t("keys.column.count"),
            cell: (row) => v.format.number(row.count),
            align: "end",
          },
        ]}
        empty={{ title: t("keys.use.empty"), text: t("keys.use.empty.text") }}
      />
    </Panel>
  );
}

function Indexes({ v, keys }: { v: ViewContext; keys: KeyStatus }) {
  const { t } = v;
  return (
    <Panel title={t("keys.indexes")}>
      <p>{t("keys.indexes.lead")}</p>
      <Table<KeyStatus["indexes"][number]>
        v={v}
        id="key-indexes"
        caption={t("keys.indexes")}
        rows={keys.indexes}
        rowName={(row) => `${row.table}.${row.column}`}
        columns={[
          {
            key: "column",
            label: t("keys.index.column"),
            cell: (row) => `${row.table}.${row.column}`,
            primary: true,
            mono: true,
          },
          {
            key: "transform",
            label: t("keys.index.transform"),
            cell: (row) => nameOf(t, "keys.transform", row.transform),
          },
          {
            key: "bits",
            label: t("keys.index.bits"),
            cell: (row) => v.format.number(row.bits),
            align: "end",
          },
          {
            key: "rows",
            label: t("keys.index.rows"),
            cell: (row) => v.format.number(row.rows),
            align: "end",
          },
          {
            key: "coincidences",
            label: t("keys.index.coincidences"),
            cell: (row) => v.format.number(Math.round(row.coincidences * 100) / 100),
            align: "end",
          },
        ]}
        empty={{ title: t("keys.index.empty"), text: t("keys.index.empty.text") }}
      />
    </Panel>
  );
}
