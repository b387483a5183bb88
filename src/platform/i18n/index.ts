export { type Formats, formatsFor, type MoneyAmount } from "./formats.ts";
export { chooseLanguage } from "./language.ts";
export {
  defineMessages,
  type Language,
  languages,
  type Message,
  type Messages,
  type MessageValues,
} from "./messages.ts";
export { placeholders } from "./placeholders.ts";
export { createTranslator, type Translate } from "./translate.ts";
