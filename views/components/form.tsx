import type { Child } from "hono/jsx";
import type { ViewContext } from "../context.ts";
import { Button, type ButtonProps } from "./button.tsx";
import { ErrorSummary, type FieldError } from "./error-summary.tsx";
import { safeHref } from "./safe-href.ts";

/** The name of the hidden field that carries the session-bound token. */
export const csrfField = "_csrf";
/** The name of the hidden field whose value makes sending twice the same as sending once. */
const keyField = "_key";

export interface FormProps {
  v: ViewContext;
  action: string;
  children?: Child;
  errors?: readonly FieldError[];
  /** It asks for a password or a code: shown again, those are empty, and the summary of errors says so. */
  secrets?: boolean;
  id?: string;
  /** For forms with files. */
  upload?: boolean;
  /** The version of the record that was shown, so that a stale form is noticed. */
  version?: number;
  /** Makes sending twice the same as sending once. A new one unless the form is shown again with its old one. */
  idempotencyKey?: string;
  /** Extra attributes from `live()`. */
  live?: Record<string, string>;
  class?: string;
}

/** A form that changes something: posted, with its token, and with what went wrong on top. */
export function Form({
  v,
  action,
  children,
  errors = [],
  secrets,
  upload,
  version,
  idempotencyKey,
  ...rest
}: FormProps) {
  return (
    <form
      method="post"
      action={safeHref(action)}
      id={rest.id}
      class={rest.class ?? "form"}
      enctype={upload === true ? "multipart/form-data" : undefined}
      {...rest.live}
    >
      <input type="hidden" name={csrfField} value={v.csrf} />
      {version !== undefined && <input type="hidden" name="version" value={String(version)} />}
      <input type="hidden" name={keyField} value={idempotencyKey ?? v.formKey()} />
      <ErrorSummary v={v} errors={errors} secrets={secrets === true} />
      {children}
    </form>
  );
}

/** One button that is a whole form, with the values it sends. */
export function ActionButton({
  action,
  values = {},
  version,
  ...button
}: Omit<ButtonProps, "form" | "formaction"> & {
  action: string;
  values?: Readonly<Record<string, string>>;
  version?: number;
}) {
  const versioned = version === undefined ? {} : { version };
  return (
    <Form v={button.v} action={action} class="inline-form" {...versioned}>
      {Object.entries(values).map(([name, value]) => (
        <input type="hidden" name={name} value={value} />
      ))}
      <Button {...button} />
    </Form>
  );
}
