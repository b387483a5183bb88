import type { Child } from "hono/jsx";
import type { ViewContext } from "../context.ts";
import { Page, SignedOutPage } from "../layout/index.ts";

/** A page of no module: within the console for whoever is signed in, before its gate for everybody else. */
export function Frame(props: { v: ViewContext; title: string; lead?: Child; children?: Child }) {
  return props.v.viewer === undefined && !props.v.fragment ? (
    <SignedOutPage {...props} />
  ) : (
    <Page {...props} />
  );
}

type Fields = readonly (readonly [name: string, value: string])[];

/** The key that a form had when it was first sent: it still acts once. */
export function keyOf(fields: Fields): { idempotencyKey?: string } {
  const key = fields.find(([name]) => name === "_key");
  return key === undefined ? {} : { idempotencyKey: key[1] };
}

export function typed(fields: Fields): Fields {
  return fields.filter(([name]) => name !== "_key");
}

/** Fields of a form that is sent again, as they were typed. */
export function Repeated({ fields }: { fields: Fields }) {
  return (
    <>
      {fields.map(([name, value]) => (
        <input type="hidden" name={name} value={value} />
      ))}
    </>
  );
}
