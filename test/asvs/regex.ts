import { createContext, Script } from "node:vm";
import { sample, stringMatching } from "fast-check";
import { sources } from "./source.ts";

/** A regular expression as it stands in a source file. */
export interface Written {
  path: string;
  text: string;
  regex: RegExp;
}

/** After these a slash begins an expression and divides nothing. */
const LITERAL =
  /(?<=(?:[(,=:[!&|?{};]|=>|\breturn)\s*)\/(?![*/])((?:[^/\\\n[]|\\.|\[(?:[^\]\\\n]|\\.)*\])+)\/([dgimsuvy]*)/g;

/** Every literal expression of our own source. What only looks like one does not compile, and is left out. */
export const written: readonly Written[] = sources.flatMap(({ path, text }) =>
  [...text.matchAll(LITERAL)].flatMap(([whole, source = "", flags = ""]) => {
    try {
      return [{ path, text: whole, regex: new RegExp(source, flags.replace("g", "")) }];
    } catch {
      return [];
    }
  }),
);

/** Characters of a hostile text: enough for an exponential search to take ages, and for a linear one no time. */
const LENGTH = 600;
const MILLISECONDS = 1_500;
/** Ends that spoil a match which was nearly there. */
const SPOILERS = ["\u0000", "!\n"];

const trial = new Script("for (const text of texts) regex.test(text);");

/**
 * True when an expression gives up on none of many hostile texts within the time: pieces of texts that it does match,
 * repeated at length, with an end that it does not expect.
 */
export function endsInTime(regex: RegExp): boolean {
  const context = createContext({ regex, texts: hostileTexts(regex) });
  try {
    trial.runInContext(context, { timeout: MILLISECONDS });
    return true;
  } catch (error) {
    // made in the other context, and so no instance of our Error
    const code = typeof error === "object" && error !== null && "code" in error ? error.code : undefined;
    if (code === "ERR_SCRIPT_EXECUTION_TIMEOUT") return false;
    throw error;
  }
}

function hostileTexts(regex: RegExp): string[] {
  const texts = new Set<string>();
  const add = (head: string, piece: string, tail: string) => {
    const middle = piece.repeat(Math.ceil(LENGTH / piece.length));
    for (const end of SPOILERS) texts.add(head + middle + tail + end);
  };
  for (const letter of new Set(Array.from("a0 -./,\t文'\"<(").concat(letters(regex.source))))
    add("", letter, "");
  for (const match of matching(regex)) {
    for (let from = 0; from < Math.min(match.length, 8); from += 1)
      for (const width of [1, 2]) {
        const piece = match.slice(from, from + width);
        if (piece !== "") add(match.slice(0, from), piece, match.slice(from + width));
      }
  }
  return [...texts];
}

/** Signs that stand for themselves somewhere in an expression. */
function letters(source: string): string[] {
  return Array.from(source.replaceAll(/\\[a-zA-Z]|[()[\]{}?*+|^$\\]/g, "")).slice(0, 20);
}

/** Texts that an expression matches; none where nothing repeats, or where the generator does not know its syntax. */
function matching(regex: RegExp): string[] {
  if (!/[*+]|\{\d+,/.test(regex.source)) return [];
  try {
    return sample(stringMatching(regex), { numRuns: 3, seed: 5 });
  } catch {
    return [];
  }
}
