import {
  Button,
  CodeBlock,
  type FieldError,
  Form,
  HiddenField,
  LinkButton,
  Notice,
} from "../components/index.ts";
import type { ViewContext } from "../context.ts";
import { SignedOutPage } from "../layout/index.ts";
import { CodeField, Leave } from "./sign-in.tsx";

/** A seed that waits for its first code, as a picture and as text. */
export interface Seed {
  secret: string;
  picture: { size: number; path: string };
}

/** Before the first full sign-in: adds the second factor. */
export function EnrolPage({
  v,
  seed,
  next,
  errors,
}: {
  v: ViewContext;
  seed: Seed | null;
  next: string;
  errors?: readonly FieldError[];
}) {
  const { t } = v;
  return (
    <SignedOutPage v={v} title={t("access.enrol.title")} lead={t("access.enrol.lead")}>
      {seed === null ? (
        <Form v={v} action="/enrol">
          <HiddenField name="next" value={next} />
          <Button v={v} label={t("access.enrol.start")} kind="primary" />
        </Form>
      ) : (
        <>
          <SeedView v={v} seed={seed} />
          <Form v={v} action="/enrol/confirm" secrets errors={errors ?? []}>
            <HiddenField name="next" value={next} />
            <CodeField v={v} errors={errors} />
            <Button v={v} label={t("access.enrol.confirm")} kind="primary" />
          </Form>
        </>
      )}
      <Leave v={v} />
    </SignedOutPage>
  );
}

/** The QR code with its quiet zone, and the seed for typing. */
export function SeedView({ v, seed }: { v: ViewContext; seed: Seed }) {
  const { size, path } = seed.picture;
  const side = size + 8;
  return (
    <>
      <svg
        class="qr"
        role="img"
        aria-label={v.t("access.enrol.qr")}
        viewBox={`-4 -4 ${side} ${side}`}
        width="220"
        height="220"
        shape-rendering="crispEdges"
      >
        <rect x="-4" y="-4" width={side} height={side} fill="#fff" />
        <path d={path} fill="#000" />
      </svg>
      <p class="hint">{v.t("access.enrol.by-hand")}</p>
      <CodeBlock
        v={v}
        text={seed.secret.match(/.{1,4}/g)?.join(" ") ?? ""}
        label={v.t("access.enrol.secret")}
      />
    </>
  );
}

/** Ten codes, shown once. */
export function RecoveryCodes({
  v,
  codes,
  next,
}: {
  v: ViewContext;
  codes: readonly string[];
  next: string;
}) {
  const { t } = v;
  return (
    <>
      <Notice v={v} tone="warn">
        <p>{t("access.recovery.once")}</p>
      </Notice>
      <CodeBlock v={v} text={codes.join("\n")} label={t("access.recovery.title")} />
      <LinkButton v={v} label={t("access.recovery.kept")} href={next} kind="primary" />
    </>
  );
}

/** The codes at the end of enrolment. */
export function RecoveryPage({ v, codes, next }: { v: ViewContext; codes: readonly string[]; next: string }) {
  return (
    <SignedOutPage v={v} title={v.t("access.recovery.title")} lead={v.t("access.recovery.lead")}>
      <RecoveryCodes v={v} codes={codes} next={next} />
    </SignedOutPage>
  );
}
