import Sqlite from 'better-sqlite3';
import { expect, test } from 'vitest';
import type { BeginOf } from '#backend/projectors/begins.ts';
import type { Place } from '#backend/projectors/fact.ts';
import { SCHEMA } from '#backend/projectors/schema.ts';
import { Volumes, type WeighedStream } from '#backend/projectors/volumes.ts';
import { MESSAGES_AN_HOUR, quotaOf, weightOf } from '#core/contract/quota.ts';

const T0 = Date.parse('2026-11-02T00:00:00Z');
const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const STREAM = 80_000;
/** What one PC may have of a stream of so many bytes, in messages of one kilobyte. */
const FITS = Math.floor(quotaOf('RESULTS', STREAM) / weightOf(1000));

function fresh() {
  const db = new Sqlite(':memory:');
  db.exec(SCHEMA);
  return { db, volumes: opened(db) };
}

function opened(db: Sqlite.Database, bytes = STREAM, begin: BeginOf = () => 0): Volumes {
  const volumes = new Volumes(db, begin);
  for (const stream of ['EVENTS', 'RESULTS'] as const) volumes.opened(stream, bytes);
  return volumes;
}

function place(seq: number, subject = 'results.e1.PC1', recorded = T0 + seq): Place {
  return { stream: subject.startsWith('results') ? 'RESULTS' : 'EVENTS', seq, recorded, subject };
}

/** The code of a refusal, or undefined. */
function judge(volumes: Volumes, at: Place, size = 1000): string | undefined {
  return volumes.judge(at, at.stream as WeighedStream, size)?.refusal.code;
}

const runs = (db: Sqlite.Database) => db.prepare('SELECT pc_id, first_seq, last_seq FROM surplus ORDER BY 1, 2').raw().all();

test('a PC has so many bytes in a stream, in each by itself, and others have theirs', () => {
  const { volumes } = fresh();
  for (let seq = 1; seq <= FITS; seq++) expect(judge(volumes, place(seq))).toBeUndefined();
  expect(judge(volumes, place(101))).toBe('results_full');
  expect(judge(volumes, place(102, 'results.e1.PC2'))).toBeUndefined();
  expect(judge(volumes, place(103, 'events.started.e1.PC1'))).toBeUndefined();
  // A short one still fits.
  expect(judge(volumes, place(104), 0)).toBeUndefined();
});

test('what only backends say of a PC is never too much', () => {
  const { volumes } = fresh();
  for (let seq = 1; seq <= FITS; seq++) judge(volumes, place(seq, 'events.agent.online.PC1'));
  expect(judge(volumes, place(100, 'events.agent.refused.PC1'))).toBe('events_full');
  for (let seq = 101; seq < 150; seq++) expect(judge(volumes, place(seq, 'events.agent.over_quota.PC1'))).toBeUndefined();
});

test('what does not count is written down in runs, between which something did', () => {
  const { db, volumes } = fresh();
  for (let seq = 1; seq <= FITS + 3; seq++) judge(volumes, place(seq));
  volumes.flush();
  expect(runs(db)).toEqual([['PC1', FITS + 1, FITS + 3]]);
  judge(volumes, place(50));
  judge(volumes, place(51), 0);
  judge(volumes, place(52));
  volumes.flush();
  expect(runs(db)).toEqual([
    ['PC1', FITS + 1, 50],
    ['PC1', 52, 52],
  ]);
});

test('whoever begins anew goes on from what was written down', () => {
  const { db, volumes } = fresh();
  for (let seq = 1; seq <= FITS; seq++) judge(volumes, place(seq));
  volumes.flush();
  expect(judge(opened(db), place(50))).toBe('results_full');
});

test('what was rolled back was never added up', () => {
  const { db, volumes } = fresh();
  for (let seq = 1; seq <= FITS; seq++) judge(volumes, place(seq));
  volumes.forget();
  volumes.flush();
  expect(judge(volumes, place(50))).toBeUndefined();
  expect(db.prepare('SELECT count(*) FROM volumes').pluck().get()).toBe(0);
});

test('a replay, which does not see what was removed, judges the same', () => {
  const { db, volumes } = fresh();
  const all = Array.from({ length: 40 }, (_, n) => place(n + 1, 'results.e1.PC1', T0 + n * 7 * DAY * 0.9));
  const sizes = [900, 2000, 100];
  const counted = all.filter((at) => judge(volumes, at, sizes[at.seq % 3]!) === undefined);
  volumes.flush();
  expect(counted.length).toBeLessThan(40);
  const again = fresh();
  for (const at of counted) expect(judge(again.volumes, at, sizes[at.seq % 3]!)).toBeUndefined();
  again.volumes.flush();
  const rows = (from: Sqlite.Database) => from.prepare('SELECT * FROM volumes ORDER BY week').all();
  expect(rows(again.db)).toEqual(rows(db));
});

test('what was said longer ago than the stream keeps it counts no longer', () => {
  const { volumes } = fresh();
  for (let seq = 1; seq <= FITS; seq++) judge(volumes, place(seq));
  expect(judge(volumes, place(50, 'results.e1.PC1', T0 + 89 * DAY))).toBe('results_full');
  expect(judge(volumes, place(51, 'results.e1.PC1', T0 + 98 * DAY))).toBeUndefined();
});

test('within an hour so many messages count, however short, and then more', () => {
  const db = fresh().db;
  const volumes = opened(db, 1e12);
  for (let seq = 1; seq <= MESSAGES_AN_HOUR; seq++) {
    if (judge(volumes, place(seq, 'results.e1.PC1', T0 + 1), 10) !== undefined) expect.fail(`${seq} is refused`);
  }
  expect(judge(volumes, place(200_000, 'results.e1.PC1', T0 + HOUR - 1), 10)).toBe('results_full');
  volumes.flush();
  expect(judge(opened(db, 1e12), place(200_001, 'results.e1.PC1', T0 + HOUR - 1), 10)).toBe('results_full');
  expect(judge(volumes, place(200_002, 'results.e1.PC1', T0 + HOUR), 10)).toBeUndefined();
});

test('a PC that has taken a name over has a share of its own, of bytes and of the hour, and no more; a replay judges the same', () => {
  const taken = T0 + 30 * DAY;
  const begins = [T0 - DAY, taken];
  const begin: BeginOf = (_pc, recorded) => Math.max(...begins.filter((at) => at <= recorded));
  const { db } = fresh();
  const volumes = opened(db, STREAM, begin);
  const said = (from: number, at: number) =>
    Array.from({ length: FITS + 2 }, (_, n) => place(from + n, 'results.e1.PC1', at + n * 3 * DAY));
  const counts = (judges: Volumes, places: Place[]) => places.filter((at) => judge(judges, at) === undefined);
  const before = counts(volumes, said(1, T0));
  expect(before).toHaveLength(FITS);
  // Over the end of a week, and with what was written down only.
  volumes.flush();
  const after = counts(opened(db, STREAM, begin), said(100, taken + 1));
  expect(after).toHaveLength(FITS);
  expect(counts(opened(fresh().db, STREAM, begin), [...before, ...after])).toEqual([...before, ...after]);

  const many = opened(fresh().db, 1e12, begin);
  for (let seq = 1; seq <= MESSAGES_AN_HOUR; seq++) judge(many, place(seq, 'results.e1.PC1', taken - 2), 10);
  expect(judge(many, place(200_000, 'results.e1.PC1', taken - 1), 10)).toBe('results_full');
  expect(judge(many, place(200_001, 'results.e1.PC1', taken + 1), 10)).toBeUndefined();
});
