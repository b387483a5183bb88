import { loadAssets } from "../../src/platform/assets.ts";
import { type ViewContext, type ViewContextInput, viewContext } from "../../views/context.ts";

export const assets = loadAssets();

/** A view context as a signed-in person would have it; name only what a test is about. */
export function testView(changes: Partial<ViewContextInput> = {}): ViewContext {
  const v = viewContext({
    language: "zh-CN",
    theme: "light",
    density: "comfortable",
    nonce: "bm9uY2U",
    asset: (name) => assets.url(name),
    csrf: "csrf-token",
    path: "/members",
    requestId: "01970c6e-2f5a-7d11-9a51-5d2c9c1f0a42",
    now: new Date("2026-03-05T06:05:09Z"),
    nav: [],
    banners: [],
    fragment: false,
    ...changes,
  });
  // the same every time, so that two renderings can be compared
  return { ...v, formKey: () => "form-key" };
}

/** The HTML of a view. The types call a node a string; it becomes one when it is written out. */
export async function rendered(node: string | Promise<string>): Promise<string> {
  return [await node].join("");
}
