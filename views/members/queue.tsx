import type { Choices } from "../../src/mall/members/choices.ts";
import type { ListRow } from "../../src/mall/members/list.ts";
import {
  Actions,
  Button,
  Clock,
  errorOf,
  Facts,
  Field,
  type FieldError,
  Form,
  LinkButton,
  Panel,
  Table,
} from "../components/index.ts";
import type { ViewContext } from "../context.ts";
import { Page } from "../layout/index.ts";
import { memberColumns, MemberMask, membersCrumb } from "./parts.tsx";

export interface QueuePageProps {
  v: ViewContext;
  choices: Choices;
  rows: readonly ListRow[];
  /** Address of the queue from the second row on. */
  skip: string | undefined;
  next: string | undefined;
  previous: string | undefined;
  errors?: readonly FieldError[];
}

/** Review, one after the other (5.1.2): the member who waits longest on top, decided by keyboard alone. */
export function QueuePage({ v, choices, rows, skip, next, previous, errors = [] }: QueuePageProps) {
  const { t } = v;
  const [first] = rows;
  return (
    <Page
      v={v}
      title={t("members.queue")}
      lead={t("members.queue.lead")}
      crumbs={[membersCrumb(v)]}
      personalData
    >
      {first !== undefined && v.viewer?.can("members.review") === true && (
        <NextReview v={v} choices={choices} row={first} skip={skip} errors={errors} />
      )}
      <Table
        v={v}
        id="queue"
        caption={t("members.queue.waiting")}
        captionShown
        columns={[
          ...memberColumns(v).filter((column) => column.key !== "review" && column.key !== "registered"),
          {
            key: "submitted",
            label: t("members.field.submitted_at"),
            cell: (row) => <Clock v={v} at={row.submitted_at} show="relative" />,
          },
        ]}
        rows={rows}
        rowName={(row) => row.no}
        rowHref={(row) => `/members/${row.id}`}
        pages={{ next, previous }}
        empty={{ title: t("members.queue.empty"), text: t("members.queue.empty.text"), icon: "good" }}
      />
    </Page>
  );
}

function NextReview(props: {
  v: ViewContext;
  choices: Choices;
  row: ListRow;
  skip: string | undefined;
  errors: readonly FieldError[];
}) {
  const { v, choices, row, skip, errors } = props;
  const { t } = v;
  const shown = ["name", "phone", "email"] as const;
  return (
    <Panel title={t("members.queue.next", { no: row.no })}>
      <Facts
        facts={[
          ...shown.map((field) => ({
            label: t(`members.field.${field}`),
            value: <MemberMask v={v} member={row.id} field={field} mask={row[field]} />,
          })),
          { label: t("members.field.submitted_at"), value: <Clock v={v} at={row.submitted_at} /> },
        ]}
      />
      <Form v={v} action={`/members/${row.id}/review`} version={row.version} errors={errors}>
        <Field
          v={v}
          type="radio"
          name="decision"
          label={t("members.review.decision")}
          error={errorOf(errors, "decision")}
          options={[
            { value: "approve", label: t("members.review.approve") },
            ...choices.returnReasons.map((reason) => ({
              value: reason,
              label: t("members.review.return", { reason: t(`members.reason.${reason}`) }),
            })),
          ]}
          required
        />
        <Actions>
          <Button v={v} label={t("members.review.submit")} kind="primary" />
          {skip !== undefined && (
            <LinkButton v={v} label={t("members.queue.skip")} href={skip} kind="quiet" />
          )}
        </Actions>
      </Form>
    </Panel>
  );
}
