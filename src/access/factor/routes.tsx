import { Refusal } from "../../door/refusal.ts";
import type { Query } from "../../door/command.ts";
import type { Page } from "../../platform/http/page.ts";
import { get, post, type Route } from "../../platform/module.ts";
import { EnrolPage, RecoveryPage, type Seed } from "../../../views/access/enrol.tsx";
import { NewCodesPage, ReplaceFactorPage } from "../../../views/access/factor.tsx";
import { browserOf, runtimeOf, sessionOf } from "../runtime.ts";
import { knownDevice } from "../sign-in/devices.ts";
import { setCookies } from "../sign-in/routes.tsx";
import { countCode, forgetCodes } from "./attempt.ts";
import {
  confirmEnrolment,
  confirmReplacement,
  regenerateRecovery,
  startEnrolment,
  startReplacement,
  viewEnrolment,
  viewReplacement,
} from "./commands.ts";
import { qrPicture } from "./qr.ts";

export const factorRoutes: readonly Route[] = [
  get("/enrol", "half", async (page) => {
    const seed = await seedOf(page, viewEnrolment);
    return await page.html(<EnrolPage v={page.v} seed={seed} next={page.query["next"] ?? ""} />);
  }),

  post("/enrol", "half", async (page) => {
    const next = (await page.form()).get("next");
    await page.execute(startEnrolment, {});
    return page.redirect(next === "" ? "/enrol" : `/enrol?next=${encodeURIComponent(next)}`);
  }),

  post("/enrol/confirm", "half", async (page) => {
    const next = (await page.form()).get("next");
    const runtime = runtimeOf(page);
    const { person } = sessionOf(page);
    const attempt = await countedCode(page);
    const device = await knownDevice(runtime.read, browserOf(page).device, person, runtime.clock.now());
    const seed = await seedOf(page, viewEnrolment);
    return await page.submit(
      confirmEnrolment,
      { attempt, device },
      {
        async done(result) {
          await forgetCodes(runtime.throttle, person);
          const v = page.viewFor(await setCookies(page, result));
          return await page.html(<RecoveryPage v={v} codes={result.codes} next={next === "" ? "/" : next} />);
        },
        again: ({ errors }) => <EnrolPage v={page.v} seed={seed} next={next} errors={errors} />,
      },
    );
  }),

  post("/me/factor", startReplacement, async (page) => {
    await page.execute(startReplacement, {});
    return page.redirect("/me/factor");
  }),

  get("/me/factor", viewReplacement, async (page) => {
    const seed = await seedOf(page, viewReplacement);
    return seed === null
      ? page.redirect("/me")
      : await page.html(<ReplaceFactorPage v={page.v} seed={seed} />);
  }),

  post("/me/factor/confirm", confirmReplacement, async (page) => {
    const seed = await seedOf(page, viewReplacement);
    if (seed === null) throw new Refusal("conflict", "factor_gone");
    return await page.submit(
      confirmReplacement,
      { attempt: await countedCode(page) },
      {
        async done({ codes }) {
          await forgetCodes(runtimeOf(page).throttle, sessionOf(page).person);
          return await page.html(<NewCodesPage v={page.v} codes={codes} />);
        },
        again: ({ errors }) => <ReplaceFactorPage v={page.v} seed={seed} errors={errors} />,
      },
    );
  }),

  post("/me/recovery", regenerateRecovery, async (page) => {
    const { value } = await page.execute(regenerateRecovery, {});
    return await page.html(<NewCodesPage v={page.v} codes={value.codes} />);
  }),
];

async function countedCode(page: Page) {
  const runtime = runtimeOf(page);
  const code = (await page.form()).get("code");
  const policy = await runtime.rules(runtime.read);
  return await countCode(runtime.throttle, policy, sessionOf(page).person, code);
}

async function seedOf(
  page: Page,
  pending: Query<Record<string, never>, { secret: string; uri: string } | null>,
): Promise<Seed | null> {
  const found = await page.ask(pending, {});
  return found === null ? null : { secret: found.secret, picture: qrPicture(found.uri) };
}
