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
