import { IntlMessageFormat } from "intl-messageformat";
import type { Language, Messages, MessageValues } from "./messages.ts";

/** Gives the text of a message in one language. */
export type Translate<Key extends string> = (key: Key, values?: MessageValues) => string;

/** Parsing a message costs more than filling it, so each is parsed once a process. */
const parsed = new Map<string, IntlMessageFormat>();

/**
 * A translator for one language. A message without placeholders is returned as written; the others are ICU
 * messages. Throws when a placeholder is left without its value: that is a mistake of the page, and its test shows it.
 */
export function createTranslator<Key extends string>(
  language: Language,
  messages: Messages<Key>,
): Translate<Key> {
  return (key, values) => {
    const pattern = messages[key][language];
    if (!/[{}'<]/.test(pattern)) return pattern;
    return format(language, pattern, values ?? {});
  };
}

function format(language: Language, pattern: string, values: MessageValues): string {
  const name = `${language} ${pattern}`;
  let message = parsed.get(name);
  if (message === undefined) {
    // Tags are off: a message is text, and what is marked up around it is the page's business.
    message = new IntlMessageFormat(pattern, language, undefined, { ignoreTag: true });
    parsed.set(name, message);
  }
  return String(message.format({ ...values }));
}
