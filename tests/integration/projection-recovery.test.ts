import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import { expect, test } from 'vitest';
import type { Projection } from '#backend/projectors/projection.ts';
import { getExecution } from '#backend/projectors/read/executions.ts';
import { openReader } from '#backend/projectors/read/open-reader.ts';
import { listTargets } from '#backend/projectors/read/targets.ts';
import type { ProjectedStream } from '#backend/projectors/streams.ts';
import { consumerInfo, deleteConsumer, streamInfo } from '#core/nats/jetstream.ts';
import { startChild } from '#tests/support/child.ts';
import {
  agentEvent,
  cancelled,
  deleteStream,
  dump,
  lost,
  makeStream,
  type ProjectionBench,
  projected,
  projectionBench,
  raw,
  result,
  started,
  submit,
} from '#tests/support/projection.ts';

const now = () => Date.now();

/** Some of everything, on `pcs` PCs. */
async function somethingOfAll({ nats }: ProjectionBench, pcs = 60): Promise<void> {
  const names = Array.from({ length: pcs }, (_, n) => `PC${n}`);
  await submit(nats, 'e1', names);
  await submit(nats, 'e2', names.slice(0, 3));
  await Promise.all(names.slice(0, -5).map((pc) => started(nats, 'e1', pc)));
  await Promise.all(names.slice(0, -10).map((pc, n) => result(nats, 'e1', pc, n % 3 ? {} : { outcome: 'failed', exit_code: n })));
  await result(nats, 'e1', 'PC1', { stdout: 'again' });
  await cancelled(nats, 'e2', { list: { pcs: ['PC1'] } });
  await cancelled(nats, 'e2');
  await lost(nats, 'e1', names.slice(-7));
  await started(nats, 'seed', 'PC1', { request_id: 'r' });
  await agentEvent(nats, 'PC1', 'online');
  await raw(nats, 'results.e1.PC2', { exec_id: 'e1' });
}

function until(
  projection: Projection,
  stream: ProjectedStream,
  is: (status: ReturnType<Projection['status']>['streams']['EVENTS']) => boolean,
) {
  return expect.poll(() => is(projection.status().streams[stream]), { timeout: 60_000, interval: 50 }).toBe(true);
}

test('a deleted projection.db comes back by replay row for row, and another backend has the same', async () => {
  await using bench = await projectionBench();
  const path = join(bench.folder, 'kept.db');
  let before: Record<string, unknown[]>;
  {
    await using a = await bench.start({ path });
    await somethingOfAll(bench);
    await projected(bench.nats, a);
    before = dump(a.db);
  }
  expect(before.targets).toHaveLength(64);
  for (const file of [path, `${path}-wal`, `${path}-shm`]) await rm(file, { force: true });
  await using again = await bench.start({ path });
  await using other = await bench.start({ suffix: '_other' });
  await projected(bench.nats, again);
  await projected(bench.nats, other);
  expect(dump(again.db)).toEqual(before);
  expect(dump(other.db)).toEqual(before);
});

test('a projection that is stopped goes on where it was, and reads nothing twice', async () => {
  await using bench = await projectionBench();
  const path = join(bench.folder, 'kept.db');
  {
    await using a = await bench.start({ path });
    await somethingOfAll(bench, 10);
    await projected(bench.nats, a);
  }
  await result(bench.nats, 'e1', 'PC7');
  await using again = await bench.start({ path });
  await projected(bench.nats, again);
  expect(again.projection.status().streams.RESULTS.rows).toBe(1);
});

test('a file that is no database, or of another schema, is deleted and read again from the streams', async () => {
  await using bench = await projectionBench();
  await submit(bench.nats, 'e1', ['PC1']);
  const garbage = join(bench.folder, 'garbage.db');
  await writeFile(garbage, 'this is no database at all, but it is long enough to look like a header of one'.repeat(100));
  const old = join(bench.folder, 'old.db');
  new Sqlite(old).exec('CREATE TABLE executions (x); PRAGMA user_version = 99999').close();
  for (const path of [garbage, old]) {
    await using a = await bench.start({ path });
    await a.projection.passed('EXECUTIONS', 1);
    expect(getExecution(a.db, 'e1', now())).toMatchObject({ target_count: 1 });
  }
  expect(bench.logged.map((one) => one.message).join()).toMatch(/corrupt.*another schema/);
});

test('a process that is killed while it projects loses nothing and counts nothing twice', async () => {
  await using bench = await projectionBench();
  const path = join(bench.folder, 'killed.db');
  const names = Array.from({ length: 3000 }, (_, n) => `PC${n}`);
  await submit(bench.nats, 'e1', names);
  for (let life = 0; life < 4; life++) {
    await using child = startChild('project.ts', path, bench.broker.url);
    // Each life has something new to commit; at its first commit it is killed, in the middle of the rest.
    const publishing = Promise.all(
      names.slice(life * 750, (life + 1) * 750).flatMap((pc) => [started(bench.nats, 'e1', pc), result(bench.nats, 'e1', pc)]),
    );
    expect(await child.next()).toMatch(/^(EXECUTIONS|EVENTS|RESULTS) \d+$/);
    await child.kill();
    await publishing;
  }
  await using a = await bench.start({ path });
  await projected(bench.nats, a);
  expect(getExecution(a.db, 'e1', now())?.counts.succeeded).toBe(3000);
  await using fresh = await bench.start({ suffix: '_fresh' });
  await projected(bench.nats, fresh);
  expect(dump(a.db)).toEqual(dump(fresh.db));
});

test('while the database cannot be written nothing is acknowledged or lost, and it is said', async () => {
  await using bench = await projectionBench();
  await using a = await bench.start();
  await submit(bench.nats, 'e1', ['PC1', 'PC2']);
  await projected(bench.nats, a);
  const other = new Sqlite(a.path);
  other.exec('BEGIN EXCLUSIVE');
  await result(bench.nats, 'e1', 'PC1');
  await until(a.projection, 'RESULTS', (status) => status.error !== undefined && /locked/.test(status.error));
  await result(bench.nats, 'e1', 'PC2');
  expect((await consumerInfo(bench.nats, 'RESULTS', 'backend_results_projector')).ack_floor.stream_seq).toBe(0);
  other.exec('ROLLBACK');
  other.close();
  await a.projection.passed('RESULTS', 2, { timeout: 60_000 });
  expect(getExecution(a.db, 'e1', now())?.counts.succeeded).toBe(2);
  expect(a.projection.status().streams.RESULTS).toMatchObject({ error: undefined, seq: 2, rows: 2 });
});

test('what a killed process had been handed and had not committed is delivered again', async () => {
  await using bench = await projectionBench();
  const path = join(bench.folder, 'locked.db');
  {
    await using a = await bench.start({ path });
    await submit(bench.nats, 'e1', ['PC1', 'PC2']);
    await projected(bench.nats, a);
    const other = new Sqlite(path);
    other.exec('BEGIN EXCLUSIVE');
    await result(bench.nats, 'e1', 'PC1');
    await until(a.projection, 'RESULTS', (status) => status.error !== undefined);
    other.exec('ROLLBACK');
    other.exec('BEGIN EXCLUSIVE');
    const stopped = a.projection[Symbol.asyncDispose]();
    await stopped;
    other.exec('ROLLBACK');
    other.close();
  }
  await result(bench.nats, 'e1', 'PC2');
  await using again = await bench.start({ path });
  await projected(bench.nats, again);
  expect(listTargets(again.db, 'e1', { limit: 9, now: now() }).items.map((row) => row.state)).toEqual(['succeeded', 'succeeded']);
});

test('a stream that is deleted and made again is noticed, said, and read from its beginning', async () => {
  await using bench = await projectionBench();
  await using a = await bench.start();
  const { nats } = bench;
  await submit(nats, 'e1', ['PC1', 'PC2']);
  for (let n = 0; n < 5; n++) await started(nats, 'e1', 'PC1');
  await projected(nats, a);
  const { created } = await streamInfo(nats, 'EVENTS');
  await deleteStream(nats, 'EVENTS');
  await makeStream(nats, 'EVENTS');
  await until(a.projection, 'EVENTS', (status) => status.replaced === created);
  await a.projection.passed('EVENTS', await started(nats, 'e1', 'PC2'));
  expect(listTargets(a.db, 'e1', { limit: 9, now: now() }).items.map((row) => row.state)).toEqual(['running', 'running']);
  expect(a.projection.status().streams.EVENTS).toMatchObject({ seq: 1, error: undefined });
  expect(bench.logged.map((one) => one.message).join()).toContain('the stream was deleted and made again');
});

test('a stream that was made again while the backend was down is noticed too, also when it is longer than the old one', async () => {
  await using bench = await projectionBench();
  const { nats } = bench;
  const path = join(bench.folder, 'kept.db');
  await submit(nats, 'e1', ['PC1', 'PC2', 'PC3']);
  {
    await using a = await bench.start({ path });
    await started(nats, 'e1', 'PC1');
    await projected(nats, a);
  }
  await deleteStream(nats, 'EVENTS');
  await makeStream(nats, 'EVENTS');
  await started(nats, 'e1', 'PC2');
  await started(nats, 'e1', 'PC3');
  await using again = await bench.start({ path });
  await projected(nats, again);
  expect(getExecution(again.db, 'e1', now())?.counts.running).toBe(3);
});

test('a durable that is deleted, or a broker that restarts, is gone on from where it was', async () => {
  await using bench = await projectionBench();
  await using a = await bench.start();
  const { nats } = bench;
  await submit(nats, 'e1', ['PC1', 'PC2', 'PC3']);
  await started(nats, 'e1', 'PC1');
  await projected(nats, a);
  await deleteConsumer(nats, 'EVENTS', 'backend_events_projector');
  await a.projection.passed('EVENTS', await started(nats, 'e1', 'PC2'), { timeout: 30_000 });
  await bench.broker.restart();
  await expect.poll(() => nats.connected, { timeout: 30_000 }).toBe(true);
  await a.projection.passed('EVENTS', await started(nats, 'e1', 'PC3'), { timeout: 60_000 });
  expect(getExecution(a.db, 'e1', now())?.counts.running).toBe(3);
  expect(a.projection.status().streams.EVENTS.rows).toBe(3);
});

test('a projection of streams that are not there yet waits for them', async () => {
  await using bench = await projectionBench();
  await deleteStream(bench.nats, 'RESULTS');
  await using a = await bench.start();
  await until(a.projection, 'RESULTS', (status) => status.error === 'there is no stream RESULTS');
  await until(a.projection, 'EVENTS', (status) => status.caughtUp);
  expect(a.projection.status().streams.RESULTS.caughtUp).toBe(false);
  await makeStream(bench.nats, 'RESULTS');
  await a.projection.passed('RESULTS', await result(bench.nats, 'e1', 'PC1'), { timeout: 60_000 });
  const reader = openReader(a.path);
  expect(getExecution(reader, 'e1', now())?.counts.succeeded).toBe(1);
  reader.close();
});
