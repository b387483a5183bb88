import type { Child } from "hono/jsx";
import { Button, type FieldError, Form, HiddenField, Panel, StateBadge } from "../components/index.ts";
import type { ViewContext } from "../context.ts";
import { Page } from "../layout/index.ts";
import type { SetupView } from "../../src/access/setup/commands.ts";
import { PersonFields } from "./links.tsx";

type Seat = SetupView["second"];

/** The first three people: who is there, and who is still to come. */
export function SetupPage({
  v,
  setup,
  problem,
}: {
  v: ViewContext;
  setup: SetupView;
  problem?: { seat: string; errors: readonly FieldError[]; login: string; name: string };
}) {
  const { t } = v;
  return (
    <Page v={v} title={t("access.setup.title")} lead={t("access.setup.lead")}>
      <SeatPanel v={v} title={t("access.setup.first")} seat={setup.first} />
      {(["second", "approver"] as const).map((seat) => (
        <SeatPanel v={v} title={t(`access.setup.${seat}`)} seat={setup[seat]}>
          {setup.mine && setup[seat]?.state !== "active" && (
            <Form v={v} action="/setup/invite" errors={problem?.seat === seat ? problem.errors : []}>
              <HiddenField name="seat" value={seat} />
              {setup[seat] === null && (
                <PersonFields
                  v={v}
                  login={problem?.seat === seat ? problem.login : undefined}
                  name={problem?.seat === seat ? problem.name : undefined}
                  errors={problem?.seat === seat ? problem.errors : undefined}
                />
              )}
              <Button
                v={v}
                label={t(setup[seat] === null ? "access.setup.invite" : "access.setup.again")}
                kind="primary"
              />
            </Form>
          )}
        </SeatPanel>
      ))}
    </Page>
  );
}

function SeatPanel(props: { v: ViewContext; title: string; seat: Seat; children?: Child }) {
  const { v, title, seat } = props;
  const state = seat?.state ?? "missing";
  return (
    <Panel
      title={title}
      aside={
        <StateBadge v={v} tone={state === "active" ? "good" : "info"} label={v.t(`access.state.${state}`)} />
      }
    >
      {seat !== null && (
        <p>
          {seat.name} <code>{seat.login}</code>
        </p>
      )}
      {props.children}
    </Panel>
  );
}
