import { describe, expect, test } from 'vitest';
import { instantOf, localTime, patternOnce } from '#backend/scheduler/local-time.ts';
import { Occurrences, patternFault, zoneNamed } from '#backend/scheduler/occurrences.ts';

const utc = (instant: number | undefined) => (instant === undefined ? undefined : new Date(instant).toISOString().replace('.000Z', 'Z'));

/** The instants from one to another, by `after`; `newest` has to agree with each of them. */
function between(pattern: string, zone: string, from: string, to: string): (string | undefined)[] {
  const occurrences = new Occurrences(pattern, zone);
  const found: (string | undefined)[] = [];
  for (let at = occurrences.after(Date.parse(from) - 1); at !== undefined && at < Date.parse(to); at = occurrences.after(at)) {
    found.push(utc(at));
    expect(utc(occurrences.newest(at))).toBe(utc(at));
    expect(utc(occurrences.newest(at + 1))).toBe(utc(at));
  }
  return found;
}

describe('in the hour that is skipped', () => {
  test('a fixed time is due when the gap ends', () => {
    // Berlin, 29 March 2026: 02:00 -> 03:00 at 01:00 UTC. New York, 8 March: 02:00 -> 03:00 at 07:00 UTC.
    expect(between('0 30 2 * * *', 'Europe/Berlin', '2026-03-28T00:00:00Z', '2026-03-31T00:00:00Z')).toEqual([
      '2026-03-28T01:30:00Z',
      '2026-03-29T01:00:00Z',
      '2026-03-30T00:30:00Z',
    ]);
    expect(between('0 30 2 * * *', 'America/New_York', '2026-03-08T00:00:00Z', '2026-03-09T00:00:00Z')).toEqual(['2026-03-08T07:00:00Z']);
  });

  test('what is due every 15 minutes goes on by elapsed time', () => {
    expect(between('0 */15 * * * *', 'Europe/Berlin', '2026-03-29T00:30:00Z', '2026-03-29T01:45:00Z')).toEqual([
      '2026-03-29T00:30:00Z',
      '2026-03-29T00:45:00Z',
      '2026-03-29T01:00:00Z',
      '2026-03-29T01:15:00Z',
      '2026-03-29T01:30:00Z',
    ]);
  });

  test('an instant that is due once is due when the gap ends as well', () => {
    expect(utc(new Occurrences(patternOnce('2026-03-29', 150), 'Europe/Berlin').after(0))).toBe('2026-03-29T01:00:00Z');
  });

  test('half an hour is skipped where summer is half an hour', () => {
    // Lord Howe Island, 4 October 2026: 02:00 -> 02:30 at 15:30 UTC of the day before.
    expect(between('0 15 2 * * *', 'Australia/Lord_Howe', '2026-10-03T12:00:00Z', '2026-10-04T12:00:00Z')).toEqual([
      '2026-10-03T15:30:00Z',
    ]);
  });
});

describe('in the hour that is doubled', () => {
  test('a fixed time is due once, at its first passing', () => {
    // Berlin, 25 October 2026: 03:00 -> 02:00 at 01:00 UTC. New York, 1 November: 02:00 -> 01:00 at 06:00 UTC.
    expect(between('0 30 2 * * *', 'Europe/Berlin', '2026-10-24T12:00:00Z', '2026-10-26T12:00:00Z')).toEqual([
      '2026-10-25T00:30:00Z',
      '2026-10-26T01:30:00Z',
    ]);
    expect(between('0 30 1 * * *', 'America/New_York', '2026-11-01T00:00:00Z', '2026-11-02T00:00:00Z')).toEqual(['2026-11-01T05:30:00Z']);
  });

  test('what is due every 30 minutes is due in both', () => {
    expect(between('0 */30 * * * *', 'Europe/Berlin', '2026-10-25T00:00:00Z', '2026-10-25T02:30:00Z')).toEqual([
      '2026-10-25T00:00:00Z',
      '2026-10-25T00:30:00Z',
      '2026-10-25T01:00:00Z',
      '2026-10-25T01:30:00Z',
      '2026-10-25T02:00:00Z',
    ]);
  });
});

test('several fixed times a day are fixed times each', () => {
  expect(between('0 30 2,14 * * *', 'Europe/Berlin', '2026-03-29T00:00:00Z', '2026-03-30T00:00:00Z')).toEqual([
    '2026-03-29T01:00:00Z',
    '2026-03-29T12:30:00Z',
  ]);
  expect(between('0 30 2,14 * * *', 'Europe/Berlin', '2026-10-25T00:00:00Z', '2026-10-26T00:00:00Z')).toEqual([
    '2026-10-25T00:30:00Z',
    '2026-10-25T13:30:00Z',
  ]);
});

test('days begin at their midnight, or at the end of the gap that swallowed it', () => {
  expect(utc(instantOf('2026-12-01', 'Europe/Berlin'))).toBe('2026-11-30T23:00:00Z');
  // Sao Paulo, 4 November 2018: 00:00 -> 01:00 at 03:00 UTC.
  expect(utc(instantOf('2018-11-04', 'America/Sao_Paulo'))).toBe('2018-11-04T03:00:00Z');
  expect(utc(instantOf('2026-03-29', 'Pacific/Kiritimati'))).toBe('2026-03-28T10:00:00Z');
  expect(utc(instantOf('2026-12-01T05:00:00+02:00', 'Asia/Tokyo'))).toBe('2026-12-01T03:00:00Z');
});

test('what the clocks of a zone show', () => {
  expect(localTime('Europe/Berlin', Date.parse('2026-03-29T00:59:00Z'))).toEqual({ date: '2026-03-29', minutes: 119 });
  expect(localTime('Europe/Berlin', Date.parse('2026-03-29T01:00:00Z'))).toEqual({ date: '2026-03-29', minutes: 180 });
  expect(localTime('Asia/Kolkata', Date.parse('2026-03-28T19:00:00Z'))).toEqual({ date: '2026-03-29', minutes: 30 });
});

test('weekday numbers are counted from Sunday, 0 or 7', () => {
  for (const day of ['0', '7', 'sun'])
    expect(between(`0 0 3 * * ${day}`, 'UTC', '2026-06-01T00:00:00Z', '2026-06-10T00:00:00Z')).toEqual(['2026-06-07T03:00:00Z']);
});

test.each([
  ['0 3 * * *', /5 fields/],
  ['61 * * * * *', /61/],
  ['0 0 3 * * xyz', /./],
  ['0 0 3 31 2 *', /never/],
  ['@daily', /1 fields/],
])('%s is no pattern', (pattern, words) => {
  expect(patternFault(pattern)).toMatch(words);
});

test('zones are IANA names', () => {
  expect(['Europe/Berlin', 'UTC', 'America/St_Johns'].map(zoneNamed)).toEqual(['Europe/Berlin', 'UTC', 'America/St_Johns']);
  // One zone is one zone however a PC spells it.
  expect(zoneNamed('eUROPE/berlin')).toBe('Europe/Berlin');
  expect(['+02:00', 'Mars/Olympus', '', 'local'].map(zoneNamed)).toEqual([undefined, undefined, undefined, undefined]);
});
