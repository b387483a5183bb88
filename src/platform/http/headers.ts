import { createMiddleware } from "hono/factory";
import { NONCE, secureHeaders } from "hono/secure-headers";
import type { HttpEnv } from "./env.ts";

/** Where browsers report what the content security policy stopped. */
export const cspReportPath = "/csp-report";

/** For files: nothing in them runs, loads or shows as ours (ASVS 3.2.1). */
export const downloadPolicy = "default-src 'none'; sandbox; frame-ancestors 'none'";

const pages = secureHeaders({
  contentSecurityPolicy: {
    defaultSrc: ["'none'"],
    scriptSrc: [NONCE],
    styleSrc: ["'self'"],
    imgSrc: ["'self'", "data:"],
    connectSrc: ["'self'"],
    formAction: ["'self'"],
    baseUri: ["'none'"],
    frameAncestors: ["'none'"],
    requireTrustedTypesFor: ["'script'"],
    trustedTypes: ["htmx"],
    reportUri: cspReportPath,
    reportTo: "csp",
  },
  reportingEndpoints: [{ name: "csp", url: cspReportPath }],
  // two years; hono's own default is half of one
  strictTransportSecurity: "max-age=63072000; includeSubDomains",
  xFrameOptions: "DENY",
  // not `no-referrer`: with it browsers send `Origin: null` even to ourselves, and the CSRF rule reads Origin
  referrerPolicy: "same-origin",
  permissionsPolicy: { camera: false, geolocation: false, microphone: false, payment: false, usb: false },
});

/**
 * The headers of every answer, errors included. Nothing is kept by browser or proxy unless the answer says so itself,
 * as assets do.
 */
export const headers = createMiddleware<HttpEnv>(async (c, next) => {
  await pages(c, next);
  if (c.get("download")) c.res.headers.set("Content-Security-Policy", downloadPolicy);
  if (!c.res.headers.has("Cache-Control")) c.res.headers.set("Cache-Control", "no-store");
});

/** Makes the browser forget what it holds of us, at sign-out. */
export const clearSiteData = ["Clear-Site-Data", '"cache", "cookies", "storage"'] as const;
