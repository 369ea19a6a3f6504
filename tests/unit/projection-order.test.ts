import Sqlite, { type Database } from 'better-sqlite3';
import { expect, test } from 'vitest';
import { factOf } from '#backend/projectors/decode.ts';
import type { Item } from '#backend/projectors/fact.ts';
import { KEEP_EXECUTIONS, sweep } from '#backend/projectors/retention.ts';
import { SCHEMA } from '#backend/projectors/schema.ts';
import type { ProjectedStream } from '#backend/projectors/streams.ts';
import { Writer } from '#backend/projectors/writer.ts';
import { encode } from '#core/contract/codec.ts';
import { subjects } from '#core/contract/subjects.ts';
import { dump, resultOf, startedOf, submittedOf } from '#tests/support/projection.ts';

const T0 = Date.parse('2026-11-01T00:00:00Z');

function database(): Database {
  return new Sqlite(':memory:').exec(SCHEMA);
}

type Step = readonly [ProjectedStream, string, object, (readonly string[])?];

/** Messages as they lie in the streams: sequences and times in the order they are given. */
function story(steps: readonly Step[], at = T0): Item[] {
  const seqs = new Map<ProjectedStream, number>();
  return steps.map(([stream, subject, body, pcs], n) => {
    const seq = (seqs.get(stream) ?? 0) + 1;
    seqs.set(stream, seq);
    const bytes = encode(body);
    return { place: { stream, seq, recorded: at + n, subject }, fact: factOf(stream, subject, bytes), bytes, ...(pcs && { pcs }) };
  });
}

const at = '2026-11-01T00:00:00.000Z';
const submitted = (exec: string, pcs: string[], more = {}) =>
  ['EXECUTIONS', subjects.submitted(exec), submittedOf(exec, pcs, { submitted: more }), pcs] as const;
const started = (exec: string, pc: string, more = {}) => ['EVENTS', subjects.started(exec, pc), startedOf(exec, pc, more)] as const;
const ended = (exec: string, pc: string, more = {}) => ['RESULTS', subjects.result(exec, pc), resultOf(exec, pc, more)] as const;
const cancelled = (exec: string, pcs?: string[], more = {}) =>
  ['EXECUTIONS', subjects.cancelled(exec), { exec_id: exec, actor: 'a', at, ...(pcs && { list: { pcs } }), ...more }, pcs] as const;
const superseded = (exec: string, pcs?: string[]) => cancelled(exec, pcs, { reason: 'superseded' });
const lost = (exec: string, pcs: string[]) =>
  ['EXECUTIONS', subjects.lost(exec), { exec_id: exec, at, list: { pcs }, reason: 'no_answer' }, pcs] as const;

const messages = story([
  submitted('e1', ['A', 'B', 'C', 'D', 'E', 'F']),
  started('e1', 'A'),
  started('e1', 'B', { started_at: at }),
  started('e1', 'B'),
  cancelled('e1', ['C', 'D']),
  ended('e1', 'A'),
  ended('e1', 'A', { outcome: 'failed', stdout: 'twice' }),
  lost('e1', ['B', 'E']),
  started('e1', 'E'),
  cancelled('e1'),
  ended('e1', 'C', { outcome: 'skipped', reason: 'cancelled', exit_code: null }),
  ended('e1', 'D', { outcome: 'timed_out', exit_code: null }),
  cancelled('e1'),
  ended('e1', 'Z', { result_id: 'other' }),
  ended('e1', 'Z', { result_id: 'another' }),
  lost('e1', ['E', 'F']),
  // Z is none of those it was sent to; a PC that enrolled meanwhile may have heard what was sent to all.
  started('e1', 'Z'),
  lost('e1', ['Z']),
  cancelled('e1', ['Z']),
  submitted('all', ['A'], { broadcast: true }),
  ended('all', 'Z', { result_id: 'other' }),
  started('all', 'Y'),
  started('seed', 'A', { request_id: 'r1' }),
  ended('seed', 'B', { request_id: 'r2' }),
  submitted('old', ['A', 'B', 'C', 'D', 'E']),
  started('old', 'A'),
  ended('old', 'B'),
  cancelled('old', ['C']),
  superseded('old', ['D']),
  superseded('old'),
  cancelled('old', ['E']),
]);

function project(items: readonly Item[], batch: number): Record<string, unknown[]> {
  const db = database();
  const writer = new Writer(db);
  for (let from = 0; from < items.length; from += batch) {
    const some = items.slice(from, from + batch);
    writer.commit(some[0]!.place.stream, some, some.at(-1)!.place.seq);
  }
  const rows = dump(db);
  db.close();
  return rows;
}

/** A small generator with a seed, so that a failure can be looked at again. */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1664525 + 1013904223) % 2 ** 32;
    return state / 2 ** 32;
  };
}

test('whatever order facts come in, and however they are batched, the rows are the same', () => {
  const wanted = project(messages, 1);
  expect(wanted.targets).toMatchObject([
    { exec_id: 'all', pc_id: 'A', state: 'queued' },
    { pc_id: 'Y', state: 'running' },
    { pc_id: 'Z', state: 'succeeded' },
    { exec_id: 'e1', pc_id: 'A', state: 'succeeded' },
    { pc_id: 'B', state: 'lost' },
    { pc_id: 'C', state: 'cancelled' },
    { pc_id: 'D', state: 'timed_out' },
    { pc_id: 'E', state: 'lost' },
    { pc_id: 'F', state: 'lost' },
    { exec_id: 'old', pc_id: 'A', state: 'running' },
    { pc_id: 'B', state: 'succeeded' },
    { pc_id: 'C', state: 'cancelled', cancel_reason: null },
    { pc_id: 'D', state: 'skipped', cancel_reason: 'superseded' },
    { pc_id: 'E', state: 'skipped', cancel_reason: 'superseded' },
    { exec_id: 'seed', pc_id: 'A', state: 'running' },
    { pc_id: 'B', state: 'succeeded' },
  ]);
  const letters = wanted.dead_letters as { subject: string; code: string; preview: string }[];
  expect(letters.map(({ subject, code }) => `${subject} ${code}`).sort()).toEqual([
    'events.started.e1.Z misaddressed',
    'results.e1.Z misaddressed',
    'results.e1.Z misaddressed',
  ]);
  expect(letters.every(({ preview }) => JSON.parse(preview).pc_id === 'Z')).toBe(true);
  expect(wanted.results).not.toContainEqual(expect.objectContaining({ exec_id: 'e1', pc_id: 'Z' }));
  for (let seed = 1; seed <= 200; seed++) {
    const next = random(seed);
    const keyed = messages.map((message) => ({ message, key: next() }));
    const shuffled = keyed.sort((a, b) => a.key - b.key).map(({ message }) => message);
    expect(project(shuffled, 1 + Math.floor(next() * 6)), `seed ${seed}`).toEqual(wanted);
    expect(project([...shuffled, ...shuffled], 5), `seed ${seed}, each twice`).toEqual(wanted);
  }
});

test('the counts are what counting the rows gives', () => {
  const rows = project(messages, 4);
  const counted = Map.groupBy(rows.targets as { exec_id: string; state: string }[], (row) => `${row.exec_id} ${row.state}`);
  const counts = (rows.exec_counts as { exec_id: string; state: string; n: number }[]).map((row) => [`${row.exec_id} ${row.state}`, row.n]);
  expect(Object.fromEntries(counts)).toEqual(Object.fromEntries([...counted].map(([key, some]) => [key, some.length])));
});

test('what a stranger says stays a dead letter, however often it is tried again', () => {
  const db = database();
  const writer = new Writer(db);
  const items = story([submitted('e1', ['A']), ended('e1', 'Z')]);
  for (const item of items) writer.commit(item.place.stream, [item], 1);
  expect(writer.retry(items[1]!)).toMatchObject({ projected: false });
  expect(db.prepare('SELECT code, subject FROM dead_letters').all()).toEqual([{ code: 'misaddressed', subject: 'results.e1.Z' }]);
  expect(db.prepare('SELECT pc_id FROM targets').pluck().all()).toEqual(['A']);
  db.close();
});

test('an item that SQLite refuses is a dead letter, and what else is in its batch is written', () => {
  const db = database();
  const items = story([ended('e1', 'A'), ended('e1', 'B'), ended('e1', 'C')]);
  // As if the check had let it pass.
  const { fact } = items[1]!;
  if (fact.kind === 'result') fact.body.exit_code = 1.5;
  const committed = new Writer(db).commit('RESULTS', items, 3);
  expect(committed.deadLetters).toBe(1);
  expect(db.prepare('SELECT pc_id FROM targets').pluck().all()).toEqual(['A', 'C']);
  db.close();
});

const signal = new AbortController().signal;
const execs = (db: Database) => db.prepare('SELECT exec_id FROM executions ORDER BY 1').pluck().all();
const rowsLeft = (db: Database) =>
  ['targets', 'results', 'exec_counts'].map((table) => db.prepare(`SELECT count(*) FROM ${table}`).pluck().get());

test('an execution goes with all its rows 90 days after its submission, however late the last of them came', async () => {
  const db = database();
  const writer = new Writer(db);
  const pcs = Array.from({ length: 1200 }, (_, n) => `P${n}`);
  for (const item of story([submitted('old', pcs), ended('old', 'P1')])) writer.commit(item.place.stream, [item], 1);
  for (const item of story([ended('old', 'P2')], T0 + KEEP_EXECUTIONS - 1)) writer.commit('RESULTS', [item], 2);
  for (const item of story([submitted('new', ['P1'])], T0 + 5000)) writer.commit('EXECUTIONS', [item], 2);
  expect(await sweep(db, { now: T0 + KEEP_EXECUTIONS - 1, signal })).toBe(0);
  expect(await sweep(db, { now: T0 + KEEP_EXECUTIONS, signal })).toBe(1);
  expect(execs(db)).toEqual(['new']);
  expect(rowsLeft(db)).toEqual([1, 0, 1]);
  db.close();
});

test('a replay after the submission has left its stream does not bring the execution back', async () => {
  const db = database();
  const writer = new Writer(db);
  const facts = story([started('gone', 'A'), ended('gone', 'A'), started('seed', 'A', { request_id: 'r1' })], T0 + 5000);
  for (const item of facts) writer.commit(item.place.stream, [item], 1);
  const now = T0 + KEEP_EXECUTIONS + 1;
  // Nothing may be concluded while submissions may still be on their way.
  expect(await sweep(db, { now, signal })).toBe(0);
  expect(await sweep(db, { now, submissionsCompleteUntil: T0, signal })).toBe(0);
  expect(await sweep(db, { now, submissionsCompleteUntil: now, signal })).toBe(1);
  expect(execs(db)).toEqual(['seed']);
  expect(await sweep(db, { now: now + 10_000, submissionsCompleteUntil: now, signal })).toBe(1);
  expect(rowsLeft(db)).toEqual([0, 0, 0]);
  db.close();
});
