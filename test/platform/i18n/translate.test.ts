import { describe, expect, it } from "vitest";
import {
  createTranslator,
  defineMessages,
  languages,
  placeholders,
} from "../../../src/platform/i18n/index.ts";
import { areas, isMessageKey, messages, nameOf } from "../../../views/messages/index.ts";

const greetings = defineMessages({
  "greeting.plain": { "zh-CN": "您好", en: "Hello" },
  "greeting.members": {
    "zh-CN": "{count, number} 位会员",
    en: "{count, plural, one {one member} other {# members}}",
  },
  "greeting.markup": { "zh-CN": "<b>{name}</b>", en: "<b>{name}</b>" },
});

describe("a translator", () => {
  it("says the same thing in the language it was made for", () => {
    expect(createTranslator("zh-CN", greetings)("greeting.plain")).toBe("您好");
    expect(createTranslator("en", greetings)("greeting.plain")).toBe("Hello");
  });

  it("counts as each language counts", () => {
    const en = createTranslator("en", greetings);
    expect(en("greeting.members", { count: 1 })).toBe("one member");
    expect(en("greeting.members", { count: 20_000 })).toBe("20,000 members");
    expect(createTranslator("zh-CN", greetings)("greeting.members", { count: 1 })).toBe("1 位会员");
  });

  it("treats tags in a message as text, and so whatever fills it", () => {
    expect(createTranslator("en", greetings)("greeting.markup", { name: "<i>" })).toBe("<b><i></b>");
  });

  it("refuses a message whose placeholder was not filled", () => {
    expect(() => createTranslator("en", greetings)("greeting.members")).toThrow(/count/);
  });
});

describe("the messages of the console", () => {
  it("ask for the same values in both languages, and are valid", () => {
    for (const [key, message] of Object.entries(messages)) {
      const expected = placeholders(message["zh-CN"]);
      for (const language of languages) {
        expect(message[language].trim(), `${key} in ${language}`).not.toBe("");
        expect(placeholders(message[language]), `${key} in ${language}`).toEqual(expected);
      }
    }
  });

  it("have one home each: no area overwrites a key of another", () => {
    const keys = Object.values(areas).flatMap((area) => Object.keys(area));
    expect(keys.filter((key, index) => keys.indexOf(key) !== index)).toEqual([]);
    expect(Object.keys(messages).sort()).toEqual(keys.sort());
  });

  it("name what data names, and leave a name without a message as it is", () => {
    const t = createTranslator("en", messages);
    expect(isMessageKey("refusal.denied")).toBe(true);
    expect(isMessageKey("toString")).toBe(false);
    expect(nameOf(t, "action", "nobody.named-this")).toBe("nobody.named-this");
    expect(nameOf(t, "shell.group", "watch")).toBe("Watch");
  });
});
