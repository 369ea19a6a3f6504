import Sqlite from 'better-sqlite3';
import { expect, test } from 'vitest';
import { factOf } from '#backend/projectors/decode.ts';
import { countsSince } from '#backend/projectors/read/counts-since.ts';
import { listExecutions } from '#backend/projectors/read/executions.ts';
import { queueOf } from '#backend/projectors/read/queue.ts';
import { listAudit } from '#backend/projectors/read/said.ts';
import { listTargets } from '#backend/projectors/read/targets.ts';
import { SCHEMA } from '#backend/projectors/schema.ts';
import type { ProjectedStream } from '#backend/projectors/streams.ts';
import { Writer } from '#backend/projectors/writer.ts';
import { encode } from '#core/contract/codec.ts';
import { subjects } from '#core/contract/subjects.ts';
import { resultOf, startedOf, submittedOf } from '#tests/support/projection.ts';

const now = Date.now();
const db = new Sqlite(':memory:').exec(SCHEMA);
const writer = new Writer(db);
let seq = 0;

function store(stream: ProjectedStream, subject: string, body: object, pcs?: string[]): void {
  const bytes = encode(body);
  // Two at a time are stored in the same millisecond.
  const place = { stream, seq: ++seq, recorded: now - 1000 + Math.floor(seq / 2), subject };
  writer.commit(stream, [{ place, fact: factOf(stream, subject, bytes), bytes, ...(pcs && { pcs }) }], seq);
}

const execs = ['e1', 'e2', 'e3', 'e4'];
for (const exec of execs) store('EXECUTIONS', subjects.submitted(exec), submittedOf(exec, ['A', 'B']), ['A', 'B']);
for (const n of [1, 2, 3, 4]) {
  const entry = {
    audit_id: `a${n}`,
    at: new Date(now).toISOString(),
    actor_kind: 'system',
    actor: 'system',
    action: 'swept',
    result: 'ok',
  };
  store('AUDIT', 'audit.system.swept', entry);
}

/** All pages of `limit`, each with what it said of the next. */
function pages<T, C>(limit: number, list: (cursor: C | undefined, limit: number) => { items: T[]; next?: C }): T[][] {
  const all: T[][] = [];
  let cursor: C | undefined;
  do {
    const page = list(cursor, limit);
    all.push(page.items);
    cursor = page.next;
  } while (cursor !== undefined);
  return all;
}

test.each([1, 2, 3, 4, 5])('pages of %i: each row once, in order, and no empty page behind a full one', (limit) => {
  const lists = {
    executions: pages(limit, (before: { recorded: number; execId: string } | undefined, limit) => {
      const { items, next } = listExecutions(db, { ...(before && { before }), limit, now });
      return { items: items.map((item) => item.exec_id), ...(next && { next }) };
    }),
    queue: pages(limit, (after: { recorded: number; execId: string } | undefined, limit) => {
      const { items, next } = queueOf(db, 'A', { ...(after && { after }), limit, now });
      return { items: items.map((item) => item.exec_id), ...(next && { next }) };
    }),
    audit: pages(limit, (before: { recorded: number; seq: number } | undefined, limit) => {
      const { items, next } = listAudit(db, { ...(before && { before }), limit });
      return { items: items.map((item) => item.audit_id), ...(next && { next }) };
    }),
  };
  expect(lists.executions.flat()).toEqual(execs.toReversed());
  expect(lists.queue.flat()).toEqual(execs);
  expect(lists.audit.flat()).toEqual(['a4', 'a3', 'a2', 'a1']);
  for (const list of Object.values(lists)) expect(list).toHaveLength(Math.ceil(4 / limit));
  const targets = pages(limit, (after: string | undefined, limit) => listTargets(db, 'e1', { ...(after && { after }), limit, now }));
  expect(targets).toHaveLength(Math.ceil(2 / limit));
});

test('what an audit entry does not say is null', () => {
  const [entry] = listAudit(db, { limit: 1 }).items;
  expect(entry).toMatchObject({ target: null, before: null, after: null, request_id: null, source_ip: null });
});

test('executions are found by any of several states', () => {
  store('EVENTS', subjects.started('e1', 'A'), startedOf('e1', 'A'));
  store('RESULTS', subjects.result('e2', 'A'), resultOf('e2', 'A'));
  const found = (...states: ('running' | 'succeeded' | 'expired' | 'queued')[]) =>
    listExecutions(db, { states, limit: 10, now }).items.map((item) => item.exec_id);
  expect(found('running')).toEqual(['e1']);
  expect(found('running', 'succeeded')).toEqual(['e2', 'e1']);
  expect(found('expired')).toEqual([]);
  expect(found('expired', 'queued')).toEqual(execs.toReversed());
});

test('executions are found by a PC, and by the states of that PC alone', () => {
  store('EXECUTIONS', subjects.submitted('e5'), submittedOf('e5', ['C']), ['C']);
  const found = (pc: string, states?: ('running' | 'succeeded' | 'expired' | 'queued')[], at = now) =>
    listExecutions(db, { pc, ...(states && { states }), limit: 10, now: at }).items.map((item) => item.exec_id);
  expect(found('C')).toEqual(['e5']);
  expect(found('A')).toEqual(execs.toReversed());
  expect(found('A', ['running', 'succeeded'])).toEqual(['e2', 'e1']);
  expect(found('B', ['running', 'succeeded'])).toEqual([]);
  expect(found('C', ['queued'])).toEqual(['e5']);
  expect(found('C', ['expired'], now + 86_400_000)).toEqual(['e5']);
  expect(found('D')).toEqual([]);
});

test('PCs are counted by state over all executions since a time, as they read now', () => {
  expect(countsSince(db, now - 60_000, now)).toMatchObject({ running: 1, succeeded: 1, queued: 7, expired: 0 });
  const tomorrow = now + 86_400_000;
  expect(countsSince(db, now - 60_000, tomorrow)).toMatchObject({ running: 1, succeeded: 1, queued: 0, expired: 7 });
  expect(countsSince(db, tomorrow, tomorrow)).toMatchObject({ running: 0, succeeded: 0, expired: 0 });
});
