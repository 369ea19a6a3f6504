import type { InventoryValue } from '#core/contract/inventory.ts';

/** What an inventory says of itself is text for the most part: which of its texts is the greater depends on what they look like. */

type Scalar = string | number | boolean | null;
/** Less than, equal to or greater than 0 as `Array.sort` has it; undefined when the two cannot be compared. */
type Comparison = (value: Scalar) => number | undefined;

const NUMBER = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:e[+-]?\d+)?$/i;
const DAY = /^\d{4}-\d\d-\d\d$/;
const INSTANT = /^(\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?)(Z|[+-]\d\d:\d\d)?$/i;
const VERSION = /^v?\d[0-9a-z.,+\-_~:]*$/i;
/** What comes before the version it is named after: 7.5.0-rc1 before 7.5.0. */
const BEFORE = new Set(['alpha', 'beta', 'dev', 'nightly', 'pre', 'preview', 'rc', 'snapshot']);

/**
 * How values compare with `text`, by what that looks like: a time, a number, a version, else text without case. What looks
 * otherwise compares with none of the first three.
 */
export function comparison(text: string): Comparison {
  const time = timeOf(text);
  if (time !== undefined) return (value) => (typeof value === 'string' ? compareTimes(timeOf(value), time) : undefined);
  const version = versionOf(text);
  const number = NUMBER.test(text) ? Number(text) : undefined;
  if (number === undefined && version === undefined) {
    const folded = text.toLowerCase();
    return (value) => (isText(value) ? compareOrdinal(value.toLowerCase(), folded) : undefined);
  }
  return (value) => {
    if (number !== undefined) {
      if (typeof value === 'number') return value - number;
      // 1.10 as text is a version, greater than 1.9; what is no version, such as -5, is a number or nothing.
      if (typeof value === 'string' && version === undefined) return NUMBER.test(value) ? Number(value) - number : undefined;
    }
    const other =
      typeof value === 'number' || (typeof value === 'string' && timeOf(value) === undefined) ? versionOf(`${value}`) : undefined;
    return version && other && compareVersions(other, version);
  };
}

/** 31/12/2020 is no time, and neither before nor after one. */
function isText(value: Scalar): value is string {
  return typeof value === 'string' && timeOf(value) === undefined && !NUMBER.test(value);
}

interface Time {
  ms: number;
  /** Of the day in UTC. */
  day: number;
  isDay: boolean;
}

const MS_OF_DAY = 86_400_000;

function timeOf(text: string): Time | undefined {
  const isDay = DAY.test(text);
  const [, local, zone = 'Z'] = isDay ? ['', `${text}T00:00`] : (INSTANT.exec(text) ?? []);
  const ms = local === undefined ? Number.NaN : Date.parse(local.replace(' ', 'T') + zone.toUpperCase());
  return Number.isNaN(ms) ? undefined : { ms, day: Math.floor(ms / MS_OF_DAY), isDay };
}

/** A day is compared with a time of day as with that one's day. */
function compareTimes(a: Time | undefined, b: Time): number | undefined {
  return a && (a.isDay || b.isDay ? a.day - b.day : a.ms - b.ms);
}

/** The parts of a version: numbers without leading zeros, and words. Undefined when it does not begin like one. */
function versionOf(text: string): string[] | undefined {
  // "7.5.1 (64-bit)" is 7.5.1, and "1, 0, 0, 1" is how file versions were written once.
  const word = text.includes(', ') ? text.replaceAll(', ', '.') : text.split(' ', 1)[0]!;
  if (!VERSION.test(word)) return undefined;
  // The epoch of a Debian package says nothing about its version.
  return word
    .toLowerCase()
    .replace(/^\d+:/, '')
    .replace(/^v/, '')
    .match(/\d+|[a-z]+/g)
    ?.map((part) => part.replace(/^0+(?=\d)/, ''));
}

/** Part by part; what one of them has not is 0. */
function compareVersions(a: readonly string[], b: readonly string[]): number {
  for (let n = 0; n < Math.max(a.length, b.length); n++) {
    const difference = compareParts(a[n], b[n]);
    if (difference !== 0) return difference;
  }
  return 0;
}

function compareParts(a: string | undefined, b: string | undefined): number {
  return rank(a) - rank(b) || (isNumber(a) ? compareNumbers(a ?? '0', b ?? '0') : compareOrdinal(a!, b!));
}

const isNumber = (part: string | undefined) => part === undefined || /^\d/.test(part);

/** 1.0-rc1 before 1.0, 1.1.1 before 1.1.1w, and both before 1.1.2. */
function rank(part: string | undefined): number {
  if (part !== undefined && BEFORE.has(part)) return 0;
  if (part === undefined || part === '0') return 1;
  return isNumber(part) ? 3 : 2;
}

/** Digits without leading zeros: the more of them, the greater. */
function compareNumbers(a: string, b: string): number {
  return a.length - b.length || compareOrdinal(a, b);
}

function compareOrdinal(a: string, b: string): number {
  return a === b ? 0 : a < b ? -1 : 1;
}

/** Nothing there: null, what is not said at all, and an empty list. */
export function isNothing(value: InventoryValue | undefined): boolean {
  return value === undefined || value === null || (Array.isArray(value) && value.length === 0);
}

/** Whether a value is `pattern`, in which `*` stands for any text: a text without case, a number by its value too. */
export function likeness(pattern: string): (value: Scalar) => boolean {
  const [first, ...rest] = pattern.toLowerCase().split('*');
  const last = rest.pop();
  const number = NUMBER.test(pattern) ? Number(pattern) : undefined;
  return (value) => {
    if (value === null) return false;
    if (typeof value === 'number' && value === number) return true;
    const text = String(value).toLowerCase();
    if (last === undefined) return text === first;
    if (!text.startsWith(first!) || !text.endsWith(last) || text.length < first!.length + last.length) return false;
    // The earliest place for each piece leaves the most room for those behind it.
    let at = first!.length;
    const end = text.length - last.length;
    for (const piece of rest) {
      const found = text.indexOf(piece, at);
      if (found < 0 || found + piece.length > end) return false;
      at = found + piece.length;
    }
    return true;
  };
}
