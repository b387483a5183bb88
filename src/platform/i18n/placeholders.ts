import { IntlMessageFormat } from "intl-messageformat";

type Elements = ReturnType<IntlMessageFormat["getAst"]>;

/**
 * The names a message expects values for, sorted. Throws on a message that is not valid ICU syntax.
 * @internal tests compare the languages with it
 */
export function placeholders(pattern: string): string[] {
  const names = new Set<string>();
  collect(new IntlMessageFormat(pattern, "en", undefined, { ignoreTag: true }).getAst(), names);
  return [...names].sort();
}

function collect(elements: Elements, names: Set<string>): void {
  for (const element of elements) {
    const type: number = element.type;
    // The value of literal text (0) is the text; the value of every other element is its name.
    if ("value" in element && type !== 0) names.add(element.value);
    if ("options" in element) {
      for (const option of Object.values(element.options)) collect(option.value, names);
    }
  }
}
