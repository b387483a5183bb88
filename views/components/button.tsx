import type { ViewContext } from "../context.ts";
import { GateMark } from "./gate.tsx";
import type { IconName } from "./icon-names.ts";
import { Icon } from "./icon.tsx";
import { safeHref } from "./safe-href.ts";

export type ButtonKind = "primary" | "secondary" | "quiet" | "danger";

interface Look {
  v: ViewContext;
  label: string;
  kind?: ButtonKind;
  icon?: IconName;
  /** The command behind the button: it is marked with what the policy asks before that. */
  command?: string;
  small?: boolean;
}

export interface ButtonProps extends Look {
  name?: string;
  value?: string;
  /** Sends the form to another address than its own. */
  formaction?: string;
  /** The id of a form that the button stands outside of. */
  form?: string;
  /** Sends the form without the browser's own checks, for "back" and "cancel". */
  novalidate?: boolean;
}

/** Submits the form it stands in. */
export function Button(props: ButtonProps) {
  return (
    <button
      type="submit"
      class={look(props)}
      name={props.name}
      value={props.value}
      form={props.form}
      formaction={props.formaction === undefined ? undefined : safeHref(props.formaction)}
      formnovalidate={props.novalidate}
    >
      <Face {...props} />
    </button>
  );
}

/** A link that looks like a button: it leads somewhere and changes nothing. */
export function LinkButton(props: Look & { href: string; download?: boolean }) {
  return (
    <a class={look(props)} href={safeHref(props.href)} download={props.download}>
      <Face {...props} />
    </a>
  );
}

function look({ kind = "secondary", small }: Look): string {
  return `button ${kind}${small === true ? " small" : ""}`;
}

function Face({ v, label, icon, command }: Look) {
  return (
    <>
      {icon && <Icon v={v} name={icon} />}
      <span>{label}</span>
      {command && <GateMark v={v} command={command} />}
    </>
  );
}
