/** Making a format costs more than a thousand uses of it. */
const formats = new Map<string, Intl.DateTimeFormat>();

/** What clocks of a zone show at an instant: `2026-03-05 14:05:09`. */
export function wallClock(at: Date, zone: string): string {
  let format = formats.get(zone);
  if (format === undefined) {
    // Swedish writes ISO 8601
    format = new Intl.DateTimeFormat("sv-SE", { timeZone: zone, dateStyle: "short", timeStyle: "medium" });
    formats.set(zone, format);
  }
  return format.format(at);
}
