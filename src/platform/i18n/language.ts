import { type Language, languages } from "./messages.ts";

/** The person's own choice, else the best language of an `Accept-Language` header, else Chinese. */
export function chooseLanguage(from: { person?: string | null; acceptLanguage?: string | null }): Language {
  return exact(from.person) ?? preferred(from.acceptLanguage) ?? "zh-CN";
}

function exact(name: string | null | undefined): Language | undefined {
  return languages.find((language) => language === name);
}

/** RFC 9110 §12.5.4: the highest weight wins, the first of equals; a weight of 0 means "not this one". */
function preferred(header: string | null | undefined): Language | undefined {
  if (header === null || header === undefined) return undefined;
  const ranges = header
    // A header is as long as the client likes; nobody speaks more languages than this.
    .slice(0, 500)
    .split(",")
    .map((range) => {
      const [tag = "", ...parameters] = range.split(";").map((part) => part.trim());
      const weight = parameters.find((parameter) => parameter.startsWith("q="));
      return { language: ours(tag), weight: weight === undefined ? 1 : Number(weight.slice(2)) };
    })
    .filter(({ language, weight }) => language !== undefined && weight > 0)
    .sort((a, b) => b.weight - a.weight);
  return ranges[0]?.language;
}

/** Any Chinese is served as zh-CN, any English as en: one spelling of each is what we have. */
function ours(tag: string): Language | undefined {
  const primary = tag.toLowerCase().split("-")[0];
  return languages.find((language) => language.split("-")[0] === primary);
}
