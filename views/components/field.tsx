import type { Child } from "hono/jsx";
import type { ViewContext } from "../context.ts";
import { fieldId } from "./field-id.ts";
import { Icon } from "./icon.tsx";

export interface Option {
  value: string;
  label: string;
  hint?: string;
}

interface Shared {
  v: ViewContext;
  name: string;
  label: string;
  hint?: string;
  /** In the reader's language; see `errorOf`. */
  error?: string | undefined;
  /** Fields are optional unless they say so; the mark is a word, not a star. */
  required?: boolean;
  /** The id when two forms of a page have a field of the same name. */
  id?: string;
}

interface TextField extends Shared {
  type?: "text" | "email" | "tel" | "search" | "number" | "password";
  value?: string | undefined;
  /** The token that lets browsers and password managers help (WCAG 1.3.5, ASVS 6.2.7). */
  autocomplete?: string;
  maxlength?: number;
  inputmode?: "text" | "numeric" | "decimal" | "email" | "tel" | "search";
  placeholder?: string;
  autofocus?: boolean;
}

interface AreaField extends Shared {
  type: "textarea";
  value?: string | undefined;
  rows?: number;
  maxlength?: number;
}

interface DateField extends Shared {
  type: "date" | "datetime-local";
  value?: string | undefined;
  min?: string;
  max?: string;
  autocomplete?: string;
}

interface SelectField extends Shared {
  type: "select";
  value?: string | undefined;
  options: readonly Option[];
  /** The text of an empty first choice. */
  blank?: string;
}

interface CheckboxField extends Shared {
  type: "checkbox";
  value?: string;
  checked?: boolean;
}

interface Choice extends Shared {
  values?: readonly string[];
  options: readonly Option[];
}

interface RadioField extends Choice {
  type: "radio";
}

interface CheckboxesField extends Choice {
  type: "checkboxes";
}

interface FileField extends Shared {
  type: "file";
  /** Endings or media types, as for the `accept` attribute. */
  accept?: string;
}

export type FieldProps =
  | TextField
  | AreaField
  | DateField
  | SelectField
  | CheckboxField
  | RadioField
  | CheckboxesField
  | FileField;

/** A labelled input: label above, hint under it, error beside the input and tied to it. */
export function Field(props: FieldProps) {
  if (props.type === "radio" || props.type === "checkboxes") return <Choices {...props} />;
  if (props.type === "checkbox") return <Checkbox {...props} />;
  const id = inputId(props);
  return (
    <div class={boxClass(props)}>
      <label for={id}>
        {props.label} <Requirement {...props} />
      </label>
      <Hint {...props} />
      {inputOf(props)}
      <ErrorLine {...props} />
    </div>
  );
}

/** A value that is sent and not shown. */
export function HiddenField({ name, value }: { name: string; value: string }) {
  return <input type="hidden" name={name} value={value} />;
}

/** Fields that belong together, with their common name. */
export function FieldGroup({ legend, children }: { legend: string; children?: Child }) {
  return (
    <fieldset class="field-group">
      <legend>{legend}</legend>
      {children}
    </fieldset>
  );
}

function inputOf(props: TextField | AreaField | DateField | SelectField | FileField) {
  const common = { id: inputId(props), name: props.name, required: props.required, ...describedBy(props) };
  switch (props.type) {
    case "textarea":
      return (
        <textarea {...common} rows={props.rows ?? 4} maxlength={props.maxlength}>
          {props.value ?? ""}
        </textarea>
      );
    case "select":
      return (
        <select {...common}>
          {props.blank !== undefined && <option value="">{props.blank}</option>}
          {props.options.map((option) => (
            <option value={option.value} selected={option.value === props.value}>
              {option.label}
            </option>
          ))}
        </select>
      );
    case "file":
      return <input type="file" {...common} accept={props.accept} />;
    case "date":
    case "datetime-local":
      return (
        <input
          type={props.type}
          {...common}
          value={props.value}
          min={props.min}
          max={props.max}
          autocomplete={props.autocomplete}
        />
      );
    default:
      return (
        <input
          type={props.type ?? "text"}
          {...common}
          value={props.value}
          autocomplete={props.autocomplete}
          maxlength={props.maxlength}
          inputmode={props.inputmode}
          placeholder={props.placeholder}
          autofocus={props.autofocus}
        />
      );
  }
}

function Checkbox(props: CheckboxField) {
  const id = inputId(props);
  return (
    <div class={`${boxClass(props)} check`}>
      <label for={id}>
        <input
          type="checkbox"
          id={id}
          name={props.name}
          value={props.value ?? "yes"}
          checked={props.checked}
          required={props.required}
          {...describedBy(props)}
        />
        <span>{props.label}</span>
      </label>
      <Hint {...props} />
      <ErrorLine {...props} />
    </div>
  );
}

function Choices(props: RadioField | CheckboxesField) {
  const chosen = new Set(props.values);
  const id = inputId(props);
  return (
    <fieldset class={`${boxClass(props)} choices`} {...describedBy(props, false)}>
      <legend>
        {props.label} <Requirement {...props} />
      </legend>
      <Hint {...props} />
      {props.options.map((option, index) => (
        <label class="choice">
          <input
            type={props.type === "radio" ? "radio" : "checkbox"}
            id={index === 0 ? id : undefined}
            name={props.name}
            value={option.value}
            checked={chosen.has(option.value)}
            required={props.type === "radio" ? props.required : undefined}
          />
          <span>
            {option.label}
            {option.hint !== undefined && <small>{option.hint}</small>}
          </span>
        </label>
      ))}
      <ErrorLine {...props} />
    </fieldset>
  );
}

function Requirement({ v, required }: Shared) {
  return required === true ? null : <span class="requirement">{v.t("common.optional")}</span>;
}

function Hint(props: Shared) {
  if (props.hint === undefined) return null;
  return (
    <p class="hint" id={`${inputId(props)}-hint`}>
      {props.hint}
    </p>
  );
}

function ErrorLine(props: Shared) {
  if (props.error === undefined) return null;
  return (
    <p class="field-error" id={`${inputId(props)}-error`}>
      <Icon v={props.v} name="bad" />
      {props.error}
    </p>
  );
}

function inputId(props: Shared): string {
  return props.id ?? fieldId(props.name);
}

function boxClass(props: Shared): string {
  return props.error === undefined ? "field" : "field invalid";
}

function describedBy(props: Shared, markInvalid = true) {
  const id = inputId(props);
  const ids = [
    props.hint === undefined ? [] : [`${id}-hint`],
    props.error === undefined ? [] : [`${id}-error`],
  ].flat();
  return {
    "aria-describedby": ids.length === 0 ? undefined : ids.join(" "),
    "aria-invalid": markInvalid && props.error !== undefined ? "true" : undefined,
  };
}
