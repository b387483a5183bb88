import type { Language } from "./messages.ts";

/** An amount in minor units (分, cents) and its ISO 4217 currency. */
export interface MoneyAmount {
  amount: bigint;
  currency: string;
}

/** Numbers, money and times as one reader expects them: their language, their zone. */
export interface Formats {
  /** 2026-03-05 14:05:09 in the reader's zone. Sorts by eye and reads the same in both languages. */
  dateTime(at: Date): string;
  date(at: Date): string;
  time(at: Date): string;
  /** "5 minutes ago", "in 2 hours"; the unit is the largest that is not zero. */
  relative(at: Date, now: Date): string;
  /** A length of time given in seconds, in its two largest units. */
  duration(seconds: number): string;
  number(value: number | bigint): string;
  /** 0.25 becomes 25%. */
  percent(ratio: number): string;
  money(money: MoneyAmount): string;
  /** A size given in bytes. */
  bytes(size: number): string;
}

const units = [
  ["year", 31_536_000],
  ["month", 2_592_000],
  ["day", 86_400],
  ["hour", 3600],
  ["minute", 60],
  ["second", 1],
] as const;

const cache = new Map<string, Formats>();

/** The formats of a language and an IANA time zone. Making them is slow, so they are kept. Throws on an unknown zone. */
export function formatsFor(language: Language, timezone: string): Formats {
  const name = `${language} ${timezone}`;
  let formats = cache.get(name);
  if (formats === undefined) {
    formats = createFormats(language, timezone);
    cache.set(name, formats);
  }
  return formats;
}

function createFormats(language: Language, timeZone: string): Formats {
  // Swedish writes ISO 8601 order, which both of our languages read without doubt.
  const stamp = (options: Intl.DateTimeFormatOptions) =>
    new Intl.DateTimeFormat("sv-SE", { timeZone, ...options });
  const dateTime = stamp({ dateStyle: "short", timeStyle: "medium" });
  const date = stamp({ dateStyle: "short" });
  const time = stamp({ timeStyle: "medium" });
  const relative = new Intl.RelativeTimeFormat(language, { numeric: "auto" });
  const number = new Intl.NumberFormat(language);
  const percent = new Intl.NumberFormat(language, { style: "percent", maximumFractionDigits: 1 });

  return {
    dateTime: (at) => dateTime.format(at),
    date: (at) => date.format(at),
    time: (at) => time.format(at),
    relative(at, now) {
      const seconds = Math.round((at.getTime() - now.getTime()) / 1000);
      const [unit, size] = largestUnit(seconds);
      return relative.format(Math.trunc(seconds / size), unit);
    },
    duration(seconds) {
      const whole = Math.max(0, Math.round(seconds));
      const [unit, size] = largestUnit(whole);
      const rest = units[units.findIndex(([name]) => name === unit) + 1];
      const parts = [count(language, Math.floor(whole / size), unit)];
      const second = rest === undefined ? 0 : Math.floor((whole % size) / rest[1]);
      if (rest !== undefined && second > 0) parts.push(count(language, second, rest[0]));
      return parts.join(" ");
    },
    number: (value) => number.format(value),
    percent: (ratio) => percent.format(ratio),
    money: (money) => formatMoney(language, money),
    bytes: (size) => formatBytes(language, size),
  };
}

function largestUnit(seconds: number): (typeof units)[number] {
  return units.find(([, size]) => Math.abs(seconds) >= size) ?? ["second", 1];
}

function count(language: Language, value: number, unit: string): string {
  return new Intl.NumberFormat(language, { style: "unit", unit, unitDisplay: "short" }).format(value);
}

/** Minor units go to Intl as a decimal string, so that no amount passes through a binary fraction. */
function formatMoney(language: Language, { amount, currency }: MoneyAmount): string {
  const format = new Intl.NumberFormat(language, {
    style: "currency",
    currency,
    currencyDisplay: "narrowSymbol",
  });
  const digits = format.resolvedOptions().maximumFractionDigits ?? 2;
  const text = (amount < 0n ? -amount : amount).toString().padStart(digits + 1, "0");
  const whole = text.slice(0, text.length - digits);
  const fraction = digits === 0 ? "" : `.${text.slice(-digits)}`;
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- what is built above is a numeric literal
  return format.format(`${amount < 0n ? "-" : ""}${whole}${fraction}` as Intl.StringNumericLiteral);
}

function formatBytes(language: Language, size: number): string {
  const names = ["byte", "kilobyte", "megabyte", "gigabyte", "terabyte"] as const;
  const step = size < 1 ? 0 : Math.min(names.length - 1, Math.floor(Math.log10(size) / 3));
  const style = {
    style: "unit",
    unit: names[step] ?? "byte",
    unitDisplay: "short",
    maximumFractionDigits: 1,
  } as const;
  return new Intl.NumberFormat(language, style).format(size / 1000 ** step);
}
