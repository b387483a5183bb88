import type { Page } from "../../platform/http/page.ts";
import { runtimeOf } from "../runtime.ts";

/** The whole address of a one-time link, at the origin that people reach the console by. */
export function linkAddress(page: Page, token: string): string {
  return new URL(`/welcome/${token}`, runtimeOf(page).publicOrigin ?? page.c.req.url).href;
}
