import { raw } from "hono/html";

/** The one piece of markup that JSX cannot say, and the only use of `raw` in the views (ASVS 1.1.2). */
export const doctype = raw("<!doctype html>");
