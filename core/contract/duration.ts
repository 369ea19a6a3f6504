import { KanadeError } from './errors.ts';

const UNITS: Record<string, number> = { ms: 0.001, s: 1, m: 60, h: 3600, d: 86_400, w: 604_800 };
const FORM = /^(?:\d+(?:ms|s|m|h|d|w))+$/;

/** Seconds from "90s", "1h30m" or "7d"; `invalid_duration` naming the field otherwise. */
export function parseDuration(what: string, text: string): number {
  if (!FORM.test(text)) {
    throw new KanadeError('invalid_duration', `${what} ${JSON.stringify(text)} is not a duration such as 30s, 5m, 12h or 7d`);
  }
  let seconds = 0;
  for (const [, amount, unit] of text.matchAll(/(\d+)(ms|s|m|h|d|w)/g)) seconds += Number(amount) * UNITS[unit!]!;
  return seconds;
}

/** The same, from `least` to `most` seconds. */
export function parseDurationWithin(what: string, text: string, least: number, most: number): number {
  const seconds = parseDuration(what, text);
  if (seconds >= least && seconds <= most) return seconds;
  throw new KanadeError(
    'invalid_duration',
    `${what} ${JSON.stringify(text)} is not within ${durationText(least)} to ${durationText(most)}`,
  );
}

/** Whole seconds as an admin would write them: 604800 is 7d. */
export function durationText(seconds: number): string {
  const unit = (['d', 'h', 'm'] as const).find((one) => seconds > 0 && seconds % UNITS[one]! === 0) ?? 's';
  return `${seconds / UNITS[unit]!}${unit}`;
}
