import type { Translate as TranslateAny } from "../../src/platform/i18n/index.ts";
import { accessTerms } from "./access-terms.ts";
import { access } from "./access.ts";
import { audit } from "./audit.ts";
import { common } from "./common.ts";
import { facts } from "./facts.ts";
import { jobs } from "./jobs.ts";
import { keys } from "./keys.ts";
import { members } from "./members.ts";
import { policies } from "./policies.ts";
import { refusals } from "./refusals.ts";
import { shell } from "./shell.ts";
import { system } from "./system.ts";
import { terms } from "./terms.ts";
import { tour } from "./tour.ts";

/**
 * Every area of messages, in the order of the alphabet. A new area is one import and one line in both lists.
 * @internal a test looks for one key in two areas
 */
export const areas = {
  access,
  accessTerms,
  audit,
  common,
  facts,
  jobs,
  keys,
  members,
  policies,
  refusals,
  shell,
  system,
  terms,
  tour,
};

/** All texts of the console. */
export const messages = {
  ...access,
  ...accessTerms,
  ...audit,
  ...common,
  ...facts,
  ...jobs,
  ...keys,
  ...members,
  ...policies,
  ...refusals,
  ...shell,
  ...system,
  ...terms,
  ...tour,
};

export type MessageKey = keyof typeof messages;
export type Translate = TranslateAny<MessageKey>;

/** Whether a key built from data (a state, a refusal code) has a message. */
export function isMessageKey(key: string): key is MessageKey {
  return Object.hasOwn(messages, key);
}

/**
 * The name of something that data names, such as `nameOf(t, "action", "members.freeze")`.
 * What no message names yet is shown by its own dotted name, so that a log stays readable before its module is translated.
 */
export function nameOf(t: Translate, kind: string, name: string): string {
  const key = `${kind}.${name}`;
  return isMessageKey(key) ? t(key) : name;
}
