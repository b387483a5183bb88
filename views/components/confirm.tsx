import type { Child } from "hono/jsx";
import type { ViewContext } from "../context.ts";
import { Button, LinkButton } from "./button.tsx";
import { errorOf, type FieldError } from "./error-summary.tsx";
import { Field } from "./field.tsx";
import { Form } from "./form.tsx";
import { Icon } from "./icon.tsx";

export interface ConfirmProps {
  v: ViewContext;
  title: string;
  action: string;
  /** What will happen and to how many, a sentence each. */
  consequences: readonly Child[];
  /** The button says the deed, never "OK". */
  confirmLabel: string;
  cancelHref: string;
  danger?: boolean;
  /** The command that the button passes, for its mark. */
  command?: string;
  /** Asks for the reason in a field named `reason`, with at most so many characters. */
  reason?: { maxlength: number; value?: string };
  errors?: readonly FieldError[];
  version?: number;
  idempotencyKey?: string;
  /** Hidden and further fields. */
  children?: Child;
}

/** The last question before something that cannot be taken back easily. */
export function Confirm(props: ConfirmProps) {
  const { v, title, consequences, confirmLabel, danger, command, reason, errors = [], children } = props;
  const { version, idempotencyKey } = props;
  return (
    <section class={danger === true ? "confirm danger" : "confirm"} aria-label={title}>
      <h2>
        <Icon v={v} name={danger === true ? "warn" : "info"} />
        {title}
      </h2>
      <p class="confirm-lead">{v.t("common.will-happen")}</p>
      <ul class="consequences">
        {consequences.map((consequence) => (
          <li>{consequence}</li>
        ))}
      </ul>
      <Form
        v={v}
        action={props.action}
        errors={errors}
        {...(version === undefined ? {} : { version })}
        {...(idempotencyKey === undefined ? {} : { idempotencyKey })}
      >
        {children}
        {reason && (
          <Field
            v={v}
            type="textarea"
            name="reason"
            label={v.t("common.reason")}
            hint={v.t("common.reason.hint")}
            error={errorOf(errors, "reason")}
            value={reason.value}
            maxlength={reason.maxlength}
            rows={2}
            required
          />
        )}
        <div class="actions">
          <Button
            v={v}
            label={confirmLabel}
            kind={danger === true ? "danger" : "primary"}
            {...(command === undefined ? {} : { command })}
          />
          <LinkButton v={v} label={v.t("common.cancel")} href={props.cancelHref} kind="quiet" />
        </div>
      </Form>
    </section>
  );
}
