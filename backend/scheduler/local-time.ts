import { Occurrences } from './occurrences.ts';

/** A point on the clocks of a zone. */
export interface LocalTime {
  /** YYYY-MM-DD. */
  date: string;
  /** Minutes since midnight as the clock shows them. */
  minutes: number;
}

const formats = new Map<string, Intl.DateTimeFormat>();

let last: { zone: string; minute: number; is: LocalTime } | undefined;

/** Of the same minute and zone as before it is remembered: a formatter takes its time, and schedules ask together. */
export function localTime(zone: string, instant: number): LocalTime {
  const minute = Math.floor(instant / 60_000);
  if (last?.minute !== minute || last.zone !== zone) last = { zone, minute, is: read(zone, instant) };
  return last.is;
}

function read(zone: string, instant: number): LocalTime {
  let format = formats.get(zone);
  if (format === undefined) {
    // Swedish writes dates as ISO 8601 does.
    format = new Intl.DateTimeFormat('sv-SE', { timeZone: zone, dateStyle: 'short', timeStyle: 'short' });
    formats.set(zone, format);
  }
  const [date, time] = format.format(instant).split(' ') as [string, string];
  const [hours, minutes] = time.split(':').map(Number) as [number, number];
  return { date, minutes: hours * 60 + minutes };
}

/** Minutes since midnight, or undefined when that is no time of day such as 03:00. */
export function parseTimeOfDay(text: string): number | undefined {
  const match = /^([01]\d|2[0-3]):([0-5]\d)$/.exec(text);
  return match ? Number(match[1]) * 60 + Number(match[2]) : undefined;
}

/** Whether a day of that name exists, of the years that instants are counted in: YYYY-MM-DD. */
export function isDate(text: string): boolean {
  if (!/^(?:19[7-9]\d|[2-9]\d{3})-\d\d-\d\d$/.test(text)) return false;
  const parsed = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(parsed.getTime()) && parsed.toISOString().startsWith(text);
}

/** The cron pattern that is due once: at `time` (minutes since midnight) of that day. */
export function patternOnce(date: string, time: number): string {
  const [year, month, day] = date.split('-').map(Number);
  return `0 ${time % 60} ${Math.floor(time / 60)} ${day} ${month} * ${year}`;
}

const instants = new Map<string, number>();
const INSTANTS_MAX = 5000;

/** The instant at which a day begins in a zone, or what an RFC 3339 time says wherever one is. */
export function instantOf(text: string, zone: string): number {
  if (!isDate(text)) return Date.parse(text);
  const key = `${text} ${zone}`;
  let instant = instants.get(key);
  if (instant === undefined) {
    if (instants.size >= INSTANTS_MAX) instants.clear();
    // From two days before: no zone is further away from UTC.
    instant = new Occurrences(patternOnce(text, 0), zone).after(Date.parse(text) - 2 * 86_400_000)!;
    instants.set(key, instant);
  }
  return instant;
}
