/** The languages of the console. A message that lacks one of them does not compile. */
export const languages = ["zh-CN", "en"] as const;
export type Language = (typeof languages)[number];

/** One text in every language, in ICU message syntax. */
export type Message = Readonly<Record<Language, string>>;

/** Keys are `area.name`, dotted and stable. */
export type Messages<Key extends string = string> = Readonly<Record<Key, Message>>;

/** What a placeholder may be filled with. Text is escaped where it is rendered, not here. */
export type MessageValues = Readonly<Record<string, string | number | bigint | Date>>;

/** Declares the messages of one area; exists so that the keys are inferred and every language is asked for. */
export function defineMessages<const Key extends string>(messages: Messages<Key>): Messages<Key> {
  return messages;
}
