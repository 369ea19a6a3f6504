import { Cron } from 'croner';
import { messageOf } from '#core/contract/errors.ts';

/**
 * The instants at which a pattern is due in a zone. A fixed time of day (or one of several) that falls into the hour that is skipped in
 * spring is due at the end of the gap, and in the hour that is doubled in autumn at its first passing; what is due more
 * often (every hour, every 15 minutes) goes on by elapsed time through both. Milliseconds since 1970.
 */
export class Occurrences {
  readonly #cron: Cron;

  /** `pattern` has 6 fields, from seconds to days of the week, or a 7th for the year. */
  constructor(pattern: string, zone: string) {
    this.#cron = new Cron(pattern, { timezone: zone, paused: true, fixedTimeRule: 'no-wildcard' });
  }

  /** The first one after that instant. */
  after(instant: number): number | undefined {
    return this.#cron.nextRun(new Date(instant))?.getTime();
  }

  /** The last one up to and including that instant. */
  newest(instant: number): number | undefined {
    return this.#cron.previousRuns(1, new Date(instant + 1))[0]?.getTime();
  }
}

const known = new Map<string, Occurrences>();
/** One takes some 60 KB. */
const KNOWN_MAX = 1000;

/** The same for the same pattern and zone: many schedules share a few. */
export function occurrencesOf(pattern: string, zone: string): Occurrences {
  const key = `${pattern} ${zone}`;
  let found = known.get(key);
  if (found === undefined) {
    if (known.size >= KNOWN_MAX) known.clear();
    found = new Occurrences(pattern, zone);
    known.set(key, found);
  }
  return found;
}

/** Why this is no pattern, or undefined. Six fields: the seeds' (seed 004) begin with seconds. */
export function patternFault(pattern: string): string | undefined {
  const fields = pattern.trim().split(/\s+/).length;
  if (fields !== 6) return `has ${fields} fields, and 6 are needed: second, minute, hour, day of the month, month, day of the week`;
  try {
    const cron = new Cron(pattern, { timezone: 'UTC', paused: true });
    return cron.nextRun(new Date(0)) === null ? 'never comes' : undefined;
  } catch (error) {
    return messageOf(error).replace(/^CronPattern: /, '');
  }
}

/** What was asked about: a formatter is dear, and at every tick thousands of PCs are asked about a few names. */
const zones = new Map<string, string | undefined>();
/** PCs say where they are, and one of them may say a lot. */
const ZONES_MAX = 2000;

/** The zone of that name as IANA spells it, or undefined when there is none: an offset is none, for it knows no summer. */
export function zoneNamed(name: string): string | undefined {
  if (zones.has(name)) return zones.get(name);
  if (zones.size >= ZONES_MAX) zones.clear();
  const zone = /^[A-Za-z]/.test(name) ? asIntlSpellsIt(name) : undefined;
  zones.set(name, zone);
  return zone;
}

function asIntlSpellsIt(name: string): string | undefined {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone;
  } catch {
    return undefined;
  }
}
