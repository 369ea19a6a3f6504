import { expect, test } from 'vitest';
import { putBlob } from '#backend/blobs/blobs.ts';
import { runningPastDeadline } from '#backend/projectors/read/deadlines.ts';
import { getExecution, isClosed, openExecutionIds } from '#backend/projectors/read/executions.ts';
import { queueOf } from '#backend/projectors/read/queue.ts';
import { findRun, getResult } from '#backend/projectors/read/results.ts';
import { listAudit, listEvents } from '#backend/projectors/read/said.ts';
import { changedTargets, listTargets, pcsInStates } from '#backend/projectors/read/targets.ts';
import { encode } from '#core/contract/codec.ts';
import { subjects } from '#core/contract/subjects.ts';
import {
  agentEvent,
  cancelled,
  lost,
  projectionBench,
  type Running,
  raw,
  result,
  resultOf,
  started,
  startedOf,
  submit,
} from '#tests/support/projection.ts';

const HOUR = 3600_000;
const now = () => Date.now();
const states = ({ db }: Running, exec: string) =>
  Object.fromEntries(listTargets(db, exec, { limit: 1000, now: now() }).items.map((row) => [row.pc_id, row.state]));
const counts = ({ db }: Running, exec: string, at = now()) =>
  Object.fromEntries(Object.entries(getExecution(db, exec, at)?.counts ?? {}).filter(([, n]) => n > 0));

test('a submission makes a queued row for each PC, a start makes it run, a result ends it', async () => {
  await using bench = await projectionBench();
  await using a = await bench.start();
  const { nats } = bench;
  await a.projection.passed('EXECUTIONS', await submit(nats, 'e1', ['pc1', 'PC2']));
  expect(states(a, 'e1')).toEqual({ PC1: 'queued', PC2: 'queued' });
  expect(getExecution(a.db, 'e1', now())).toMatchObject({
    status: 'running',
    target_count: 2,
    counts: { queued: 2 },
    command: { script: 'true' },
  });
  expect(queueOf(a.db, 'PC1', { limit: 10, now: now() }).items).toMatchObject([{ exec_id: 'e1', state: 'queued', actor: 'admin' }]);
  expect(openExecutionIds(a.db, now())).toEqual(['e1']);
  expect(openExecutionIds(a.db, now() + 2 * HOUR)).toEqual([]);

  await a.projection.passed('EVENTS', await started(nats, 'e1', 'PC1'));
  expect(states(a, 'e1')).toEqual({ PC1: 'running', PC2: 'queued' });
  expect(findRun(a.db, startedOf('e1', 'PC1').result_id)).toEqual({ execId: 'e1', pcId: 'PC1' });
  expect(isClosed(a.db, 'e1', now())).toBe(false);

  await a.projection.passed('RESULTS', await result(nats, 'e1', 'PC1', { exit_code: 3010, reboot_required: true }));
  await a.projection.passed('RESULTS', await result(nats, 'e1', 'PC2', { exit_code: 7, outcome: 'failed', reason: 'execution_policy' }));
  expect(listTargets(a.db, 'e1', { limit: 10, now: now() }).items).toMatchObject([
    { pc_id: 'PC1', state: 'succeeded', exit_code: 3010, reboot_required: true, reason: null },
    { pc_id: 'PC2', state: 'failed', exit_code: 7, reboot_required: false, reason: 'execution_policy' },
  ]);
  expect(getExecution(a.db, 'e1', now())).toMatchObject({ status: 'done', counts: { queued: 0, running: 0, succeeded: 1, failed: 1 } });
  expect(getResult(a.db, resultOf('e1', 'PC1').result_id)).toMatchObject({ stdout: 'hello from PC1', pc_id: 'PC1', exec_id: 'e1' });
  expect(queueOf(a.db, 'PC1', { limit: 10, now: now() }).items).toEqual([]);
  expect(isClosed(a.db, 'e1', now())).toBe(true);
});

test('result before start, start twice, result twice: one row in the right state', async () => {
  await using bench = await projectionBench();
  await using a = await bench.start();
  const { nats } = bench;
  await a.projection.passed('RESULTS', await result(nats, 'e1', 'PC1', { stdout: 'first' }));
  await a.projection.passed('RESULTS', await result(nats, 'e1', 'PC1', { stdout: 'second', outcome: 'failed', exit_code: 1 }));
  await started(nats, 'e1', 'PC1');
  await a.projection.passed('EVENTS', await started(nats, 'e1', 'PC1'));
  expect(getExecution(a.db, 'e1', now())).toMatchObject({ actor: null, command: null, target_count: 1, counts: { succeeded: 1 } });
  await a.projection.passed('EXECUTIONS', await submit(nats, 'e1', ['PC1', 'PC2']));
  expect(states(a, 'e1')).toEqual({ PC1: 'succeeded', PC2: 'queued' });
  expect(counts(a, 'e1')).toEqual({ succeeded: 1, queued: 1 });
  expect(getResult(a.db, resultOf('e1', 'PC1').result_id)?.stdout).toBe('first');
  expect(getExecution(a.db, 'e1', now())).toMatchObject({ actor: 'admin', target_count: 2 });
});

test('a PC that claims the result id of another one does not show in its place', async () => {
  await using bench = await projectionBench();
  await using a = await bench.start();
  const { nats } = bench;
  const id = resultOf('e1', 'PC1').result_id;
  await started(nats, 'e1', 'EVIL', { result_id: id });
  await a.projection.passed('EVENTS', await started(nats, 'e1', 'PC1'));
  expect(findRun(a.db, id)).toEqual({ execId: 'e1', pcId: 'PC1' });
  await result(nats, 'e1', 'EVIL', { result_id: id, stdout: 'forged' });
  await a.projection.passed('RESULTS', await result(nats, 'e1', 'PC1'));
  expect(getResult(a.db, id)).toMatchObject({ pc_id: 'PC1', stdout: 'hello from PC1' });
});

test('what the agent says replaces what the backend inferred', async () => {
  await using bench = await projectionBench();
  await using a = await bench.start();
  const { nats } = bench;
  const pcs = ['CANCELLED', 'LOST', 'LOST-THEN-STARTED', 'SUPERSEDED', 'EXPIRED'];
  await submit(nats, 'e1', pcs, { command: { expires_at: new Date(now() + HOUR).toISOString() } });
  await cancelled(nats, 'e1', { list: { pcs: ['cancelled'] }, reason: 'mistake' });
  await cancelled(nats, 'e1', { list: { pcs: ['SUPERSEDED'] }, reason: 'superseded' });
  await a.projection.passed('EXECUTIONS', await lost(nats, 'e1', ['LOST', 'LOST-THEN-STARTED']));
  expect(states(a, 'e1')).toEqual({
    CANCELLED: 'cancelled',
    LOST: 'lost',
    'LOST-THEN-STARTED': 'lost',
    SUPERSEDED: 'skipped',
    EXPIRED: 'queued',
  });
  const reasons = listTargets(a.db, 'e1', { limit: 10, now: now() }).items.map((row) => row.reason);
  expect(reasons).toEqual(['mistake', null, 'no_answer', 'no_answer', 'superseded']);

  const later = now() + 2 * HOUR;
  expect(listTargets(a.db, 'e1', { states: ['expired'], limit: 10, now: later }).items).toMatchObject([
    { pc_id: 'EXPIRED', state: 'expired' },
  ]);
  expect(listTargets(a.db, 'e1', { states: ['queued'], limit: 10, now: later }).items).toEqual([]);
  expect(counts(a, 'e1', later)).toEqual({ cancelled: 1, lost: 2, skipped: 1, expired: 1 });
  expect(pcsInStates(a.db, 'e1', ['lost', 'expired'], later)).toEqual(['EXPIRED', 'LOST', 'LOST-THEN-STARTED']);

  await a.projection.passed('EVENTS', await started(nats, 'e1', 'LOST-THEN-STARTED'));
  expect(states(a, 'e1')).toMatchObject({ 'LOST-THEN-STARTED': 'running' });
  for (const pc of pcs) await result(nats, 'e1', pc);
  await a.projection.passed('RESULTS', pcs.length);
  expect(counts(a, 'e1', later)).toEqual({ succeeded: 5 });
});

test('cancelling the whole holds for rows that come later, and ends no row that runs', async () => {
  await using bench = await projectionBench();
  await using a = await bench.start();
  const { nats } = bench;
  await a.projection.passed('EVENTS', await started(nats, 'e1', 'RUNS'));
  await a.projection.passed('EXECUTIONS', await cancelled(nats, 'e1'));
  await a.projection.passed('EXECUTIONS', await submit(nats, 'e1', ['RUNS', 'WAITS']));
  expect(states(a, 'e1')).toEqual({ RUNS: 'running', WAITS: 'cancelled' });
  expect(getExecution(a.db, 'e1', now())?.cancelled).toMatchObject({ actor: 'admin', reason: null });
  await a.projection.passed('RESULTS', await result(nats, 'e1', 'RUNS', { outcome: 'killed', exit_code: null }));
  expect(states(a, 'e1')).toEqual({ RUNS: 'killed', WAITS: 'cancelled' });
});

test('a running row has its deadline when its start comes before its submission too', async () => {
  await using bench = await projectionBench();
  await using a = await bench.start();
  const { nats } = bench;
  await a.projection.passed('EVENTS', await started(nats, 'e1', 'PC1'));
  expect(runningPastDeadline(a.db, now() + 23 * HOUR, 10)).toEqual([]);
  await a.projection.passed('EXECUTIONS', await submit(nats, 'e1', ['PC1'], { command: { timeout_secs: 600 } }));
  // 10 min and half of that, from when the broker stored the start.
  expect(runningPastDeadline(a.db, now() + 14 * 60_000, 10)).toEqual([]);
  const [row] = runningPastDeadline(a.db, now() + 16 * 60_000, 10);
  expect(row).toMatchObject({ execId: 'e1', pcId: 'PC1', resultId: startedOf('e1', 'PC1').result_id });
  await a.projection.passed('EXECUTIONS', await submit(nats, 'e2', ['PC1'], { command: { timeout_secs: 1e15 } }));
  await a.projection.passed('EVENTS', await started(nats, 'e2', 'PC1'));
  expect(runningPastDeadline(a.db, now() + 366 * 24 * HOUR, 10).map((one) => one.execId)).toEqual(['e1', 'e2']);
});

test('events of the seeds are taken: any result id, the PC in lower case, one row for each PC of a broadcast', async () => {
  await using bench = await projectionBench();
  await using a = await bench.start();
  const { nats } = bench;
  for (const [n, pc] of ['pc1', 'pc2', 'pc3'].entries()) {
    const id = crypto.randomUUID();
    const body = startedOf('e1', pc, { result_id: id, request_id: crypto.randomUUID(), started_at: '2026-05-20T12:00:00.123456789+00:00' });
    await a.projection.passed('EVENTS', await raw(nats, `events.started.e1.${pc}`, body));
    expect(Object.keys(states(a, 'e1'))).toHaveLength(n + 1);
  }
  expect(states(a, 'e1')).toEqual({ PC1: 'running', PC2: 'running', PC3: 'running' });
  expect(isClosed(a.db, 'e1', now())).toBe(false);
});

test('a list of PCs that lies in blobs is read from there', async () => {
  await using bench = await projectionBench();
  await using a = await bench.start();
  const bytes = encode(['pc1', 'PC2']);
  const pcs_sha256 = await putBlob(bench.nats, bytes);
  const seq = await submit(bench.nats, 'e1', [], { submitted: { list: { pcs_sha256 }, target_count: 2 } });
  await a.projection.passed('EXECUTIONS', seq);
  expect(states(a, 'e1')).toEqual({ PC1: 'queued', PC2: 'queued' });
});

test('what changed since a position is what was said since, on any backend', async () => {
  await using bench = await projectionBench();
  await using a = await bench.start();
  await using b = await bench.start({ suffix: '_b' });
  const { nats } = bench;
  for (const each of [a, b]) await each.projection.passed('EXECUTIONS', each === a ? await submit(nats, 'e1', ['PC1', 'PC2', 'PC3']) : 1);
  const first = changedTargets(a.db, 'e1', undefined, now());
  expect(first).toMatchObject({ all: true, progress: { executions: 1, events: 0, results: 0 } });
  expect(first.items).toHaveLength(3);

  await started(nats, 'e1', 'PC2');
  await result(nats, 'e1', 'PC3');
  await b.projection.passed('EVENTS', 1);
  await b.projection.passed('RESULTS', 1);
  const second = changedTargets(b.db, 'e1', first.progress, now());
  expect(second.all).toBe(false);
  expect(second.items.map((row) => `${row.pc_id} ${row.state}`)).toEqual(['PC2 running', 'PC3 succeeded']);
  await b.projection.passed('EXECUTIONS', await cancelled(nats, 'e1', { list: { pcs: ['PC1'] } }));
  expect(changedTargets(b.db, 'e1', second.progress, now()).items.map((row) => row.pc_id)).toEqual(['PC1']);
  expect(changedTargets(b.db, 'e1', { ...second.progress, epoch: 'other' }, now())).toMatchObject({ all: true });
});

test('agent events and the audit are listed newest first, a page at a time, and each once', async () => {
  await using bench = await projectionBench();
  await using a = await bench.start();
  const { nats } = bench;
  for (let n = 0; n < 5; n++) await agentEvent(nats, n % 2 ? 'pc1' : 'PC2', n === 4 ? 'refused' : 'online', { event_id: `v${n}` });
  await a.projection.passed('EVENTS', await agentEvent(nats, 'PC1', 'online', { event_id: 'v1' }));
  const page = listEvents(a.db, { limit: 3 });
  expect(page.items.map((event) => event.event_id)).toEqual(['v4', 'v3', 'v2']);
  expect(listEvents(a.db, { limit: 3, before: page.next! }).items.map((event) => event.event_id)).toEqual(['v1', 'v0']);
  expect(listEvents(a.db, { limit: 9, pc: 'PC1' }).items.map((event) => event.event_id)).toEqual(['v3', 'v1']);
  expect(listEvents(a.db, { limit: 9, kind: 'refused' }).items).toMatchObject([{ event_id: 'v4', pc_id: 'PC2', kind: 'refused' }]);

  const entry = {
    audit_id: 'a1',
    at: new Date().toISOString(),
    actor_kind: 'token',
    actor: 'admin',
    action: 'cancel',
    target: 'e1',
    result: 'ok',
    before: { n: 1 },
  };
  await raw(nats, subjects.audit('token', 'cancel'), entry);
  await a.projection.passed('AUDIT', await raw(nats, subjects.audit('token', 'cancel'), entry));
  expect(listAudit(a.db, { limit: 9, actor: 'admin', action: 'cancel', target: 'e1' }).items).toMatchObject([entry]);
  expect(listAudit(a.db, { limit: 9, target: 'e2' }).items).toEqual([]);
});
