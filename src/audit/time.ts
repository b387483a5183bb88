/** An instant from what stands in a filter: with an offset as it says, without one in the given IANA zone. */
export function instantOf(text: string, zone: string): Date {
  if (/(Z|[+-]\d{2}:\d{2})$/.test(text)) return new Date(text);
  const local = Date.parse(`${text.includes("T") ? text : `${text}T00:00`}Z`);
  // The offset at the local time as if it were UTC is right but for the hour of a clock change; ask again there.
  const guess = local - offsetAt(local, zone);
  return new Date(local - offsetAt(guess, zone));
}

/** Whether such a text names an instant: no 13th month, no 25th hour, no offset that is none. */
export function isInstant(text: string): boolean {
  const [day = "", rest = ""] = text.split("T");
  const whole = new Date(`${day}T00:00Z`);
  // 31 February is a day that Date moves into March
  if (Number.isNaN(whole.getTime()) || whole.toISOString().slice(0, 10) !== day) return false;
  const [, offset = "+00:00"] = /([+-]\d{2}:\d{2})$/.exec(rest) ?? [];
  const [hours = 0, minutes = 0] = offset.slice(1).split(":").map(Number);
  if (hours > 14 || minutes > 59) return false;
  return !Number.isNaN(Date.parse(rest === "" || /(Z|[+-]\d{2}:\d{2})$/.test(rest) ? text : `${text}Z`));
}

/** What a `datetime-local` field shows for an instant. */
export function localText(at: Date, zone: string): string {
  return new Date(at.getTime() + offsetAt(at.getTime(), zone)).toISOString().slice(0, 16);
}

/** Milliseconds that the zone is ahead of UTC at an instant. */
function offsetAt(at: number, zone: string): number {
  const parts = formatOf(zone).formatToParts(at);
  const of = (type: string) => Number(parts.find((part) => part.type === type)?.value ?? 0);
  const local = Date.UTC(of("year"), of("month") - 1, of("day"), of("hour"), of("minute"), of("second"));
  return local - Math.floor(at / 1000) * 1000;
}

const formats = new Map<string, Intl.DateTimeFormat>();

function formatOf(timeZone: string): Intl.DateTimeFormat {
  let format = formats.get(timeZone);
  if (format === undefined) {
    format = new Intl.DateTimeFormat("en-US", {
      timeZone,
      hourCycle: "h23",
      year: "numeric",
      month: "numeric",
      day: "numeric",
      hour: "numeric",
      minute: "numeric",
      second: "numeric",
    });
    formats.set(timeZone, format);
  }
  return format;
}
