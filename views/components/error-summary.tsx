import type { ViewContext } from "../context.ts";
import { Icon } from "./icon.tsx";
import { fieldId } from "./field-id.ts";

/** What is wrong with one field, in the reader's language. Without a field it concerns the whole form. */
export interface FieldError {
  field?: string;
  message: string;
}

/** The list of everything to correct, on top of the form. It takes the focus, and each line leads to its field. */
export function ErrorSummary({
  v,
  errors,
  secrets = false,
}: {
  v: ViewContext;
  errors: readonly FieldError[];
  /** The form asks for a password or a code, which no page gives back. */
  secrets?: boolean;
}) {
  if (errors.length === 0) return null;
  return (
    <div class="error-summary" role="alert" tabindex={-1} autofocus data-focus="">
      <p>
        <Icon v={v} name="bad" />
        <strong>
          {v.t(secrets ? "common.error-summary.secrets" : "common.error-summary", { count: errors.length })}
        </strong>
      </p>
      <ul>
        {errors.map(({ field, message }) => (
          <li>{field === undefined ? message : <a href={`#${fieldId(field)}`}>{message}</a>}</li>
        ))}
      </ul>
    </div>
  );
}

/** The message for one field, or none. */
export function errorOf(errors: readonly FieldError[] | undefined, field: string): string | undefined {
  return errors?.find((error) => error.field === field)?.message;
}
