import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { chooseLanguage, languages } from "../../../src/platform/i18n/index.ts";

describe("the language of a page", () => {
  it("is the person's, whatever the browser says", () => {
    expect(chooseLanguage({ person: "en", acceptLanguage: "zh-CN" })).toBe("en");
  });

  it("is the browser's best one before anybody has signed in", () => {
    expect(chooseLanguage({ acceptLanguage: "en-GB,en;q=0.9,zh;q=0.8" })).toBe("en");
    expect(chooseLanguage({ acceptLanguage: "fr, zh-TW;q=0.7, en;q=0.3" })).toBe("zh-CN");
    expect(chooseLanguage({ acceptLanguage: "en;q=0, zh;q=0.1" })).toBe("zh-CN");
  });

  it("is Chinese when nothing else is known", () => {
    expect(chooseLanguage({})).toBe("zh-CN");
    expect(chooseLanguage({ person: "tlh", acceptLanguage: "fr" })).toBe("zh-CN");
  });

  it("is always one of ours, whatever a client sends", () => {
    fc.assert(
      fc.property(fc.string(), (acceptLanguage) => {
        expect(languages).toContain(chooseLanguage({ acceptLanguage }));
      }),
    );
  });
});
