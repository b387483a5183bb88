import { readDay } from "../fields.ts";
import { wallClock } from "../wall-clock.ts";

/**
 * Reads a day or a time as people write it in files: `2026-03-05`, `2026/3/5 14:05`, `2026-03-05T14:05:09+08:00`. Without an
 * offset it is local time of `zone`. Null for what is no time.
 */
export function readInstant(text: string, zone: string): Date | null {
  const match =
    /^(\d{4}[-/]\d{1,2}[-/]\d{1,2})(?:[T ](\d{1,2}):(\d{2})(?::(\d{2}))?(Z|[+-]\d{2}:\d{2})?)?$/.exec(
      text.trim(),
    );
  const day = readDay(match?.[1] ?? "");
  if (match === null || day === null) return null;
  const [, , hours = "0", minutes = "00", seconds = "00", offset] = match;
  if (Number(hours) > 23 || Number(minutes) > 59 || Number(seconds) > 59) return null;
  const wall = `${day}T${hours.padStart(2, "0")}:${minutes}:${seconds}`;
  return offset === undefined ? inZone(wall, zone) : new Date(`${wall}${offset}`);
}

/** The instant at which clocks of a zone show a local time. */
function inZone(wall: string, zone: string): Date {
  const asUtc = new Date(`${wall}Z`);
  const shown = wallClock(asUtc, zone).replace(" ", "T");
  const ahead = new Date(`${shown}Z`).getTime() - asUtc.getTime();
  return new Date(asUtc.getTime() - ahead);
}
