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

/** Fields of a form that is sent again, as they were typed. */
export function Repeated({ fields }: { fields: readonly (readonly [name: string, value: string])[] }) {
  return (
    <>
      {fields.map(([name, value]) => (
        <input type="hidden" name={name} value={value} />
      ))}
    </>
  );
}
