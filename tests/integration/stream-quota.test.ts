import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { wantedBytes } from '#backend/broker/stream-config.ts';
import { encode } from '#core/contract/codec.ts';
import { type QuotaStream, quotaOf } from '#core/contract/quota.ts';
import { lastToken, subjects } from '#core/contract/subjects.ts';
import type { Nats } from '#core/nats/connection.ts';
import { streamInfo, subjectsOf } from '#core/nats/jetstream.ts';
import { connectAsPc, issuePc } from '#tests/support/identity.ts';
import type { Json } from '#tests/support/kanade.ts';
import { kanadeOfFile } from '#tests/support/kanade-of-file.ts';
import { resultOf, startedOf } from '#tests/support/projection.ts';
import { until } from '#tests/support/until.ts';

/** A PC that has a key and floods; another one that works. The store is small, and so is what one PC may have of it. */
const small = { maxFile: Math.floor(wantedBytes() / 60), syncInterval: '10s' };
const { kanade, nats } = await kanadeOfFile({ identities: true, broker: small });
const stop = new AbortController();
const connected: Nats[] = [];
afterAll(async () => {
  stop.abort();
  await Promise.all(connected.map((connection) => connection.close()));
});

async function pcConnection(pc: string): Promise<Nats> {
  const { credential } = await issuePc(kanade.identity!, pc);
  const connection = await connectAsPc(kanade.broker.url, pc, credential, stop.signal);
  connected.push(connection);
  return connection;
}

let flood: Nats;
beforeAll(async () => {
  await kanade.readyAgent('honest');
  flood = await pcConnection('FLOOD');
});

const bytesIn = async (stream: QuotaStream) => (await streamInfo(nats, stream)).state.bytes;
const quota = async (stream: QuotaStream) => quotaOf(stream, (await streamInfo(nats, stream)).config.max_bytes);
const told = async (code: string) =>
  (await kanade.backend.get('/events?kind=over_quota&limit=500')).items.filter((event: Json) => event.code === code);
const databaseBytes = async () => (await stat(join(kanade.backend.dataDir, 'backend', 'projection.db'))).size;

/** Publishes as fast as the broker takes it, without asking whether it was stored. */
async function pour(messages: number, message: (n: number) => [subject: string, bytes: Uint8Array]): Promise<void> {
  for (let n = 0; n < messages; n++) {
    flood.publish(...message(n));
    if (n % 64 === 63) await flood.flush();
  }
  await flood.flush();
}

/** A script on the honest PC, from the click to its result: within the half minute that `inState` waits. */
async function honestRun(): Promise<void> {
  const exec = await kanade.backend.submit({ script: 'echo work', target: { pcs: ['honest'] } });
  await kanade.backend.inState(exec, 'honest', 'succeeded');
}

test('a PC that pours results into the stream keeps its part of it; the results of others come through meanwhile', async () => {
  const mine = await quota('RESULTS');
  const large = 'x'.repeat(450_000);
  // More than the stream holds of large ones, and many small ones, of executions that there never were.
  const pouring = (async () => {
    await pour(500, (n) => [subjects.result(`big${n}`, 'FLOOD'), encode(resultOf(`big${n}`, 'FLOOD', { stdout: large }))]);
    await pour(10_000, (n) => [subjects.result(`small${n}`, 'FLOOD'), encode(resultOf(`small${n}`, 'FLOOD'))]);
  })();
  await honestRun();
  await honestRun();
  await pouring;
  await until('what is too much is gone', async () => (await bytesIn('RESULTS')) < mine + 1_000_000, 120_000);
  expect(await bytesIn('RESULTS')).toBeGreaterThan(mine / 4);
  const [event, ...more] = await until('it is told', async () => {
    const events = await told('results_full');
    return events.length > 0 && events;
  });
  expect(event).toMatchObject({ pc_id: 'FLOOD', detail: expect.stringContaining('RESULTS') });
  expect(more).toEqual([]);
  expect(await databaseBytes()).toBeLessThan(4 * mine);
  const letters = (await kanade.backend.get('/dead-letters?stream=RESULTS&limit=500')).items;
  expect(letters.length).toBeLessThanOrEqual(100);
  expect(new Set(letters.map(({ subject, code }: Json) => `${lastToken(subject)} ${code}`))).toEqual(new Set(['FLOOD results_full']));
  await honestRun();
}, 240_000);

test('the same of events; what the backend notices of that PC is stored all the same', async () => {
  const mine = await quota('EVENTS');
  const event = (n: number) => ({
    event_id: `e${n}`,
    pc_id: 'FLOOD',
    kind: 'online',
    at: new Date().toISOString(),
    detail: 'y'.repeat(2000),
  });
  const pouring = pour(12_000, (n) =>
    n % 2
      ? [subjects.started(`ev${n}`, 'FLOOD'), encode(startedOf(`ev${n}`, 'FLOOD', { version: 'z'.repeat(2000) }))]
      : [subjects.agentEvent('online', 'FLOOD'), encode(event(n))],
  );
  await honestRun();
  await pouring;
  await until('what is too much is gone', async () => (await bytesIn('EVENTS')) < mine + 1_000_000, 120_000);
  await until('it is told', async () => (await told('events_full')).length > 0);
  expect(await told('events_full')).toHaveLength(1);
  await honestRun();
}, 240_000);

test('of output the oldest of that PC goes, and what others have stays', async () => {
  const mine = await quota('OUTPUT');
  const other = await pcConnection('OTHER');
  await other.publishStored(subjects.output('OTHER', 'r', 'stdout', 0), encode('what it has said'));
  const chunk = new Uint8Array(256 * 1024);
  // Four times what the stream holds, which drops the oldest of all when it is full.
  for (let round = 0; round < 32; round++) {
    await pour(32, (n) => [subjects.output('FLOOD', `r${round}`, 'stdout', n), chunk]);
    await until('there is room', async () => (await bytesIn('OUTPUT')) <= mine * 1.1, 60_000);
  }
  await until('its newest is there', async () => (await subjectsOf(nats, 'OUTPUT', 'output.FLOOD.r31.>')).length === 32);
  expect(await subjectsOf(nats, 'OUTPUT', 'output.OTHER.>')).toEqual(['output.OTHER.r.stdout.0']);
  await until('it is told', async () => (await told('output_full')).length > 0);
  expect(await told('output_full')).toHaveLength(1);
}, 240_000);

test('what was poured in while there was no backend is removed by the next', async () => {
  await kanade.backend.process.kill();
  const again = await pcConnection('AGAIN');
  for (let n = 0; n < 60; n++) {
    const bytes = encode(resultOf(`again${n}`, 'AGAIN', { stdout: 'x'.repeat(450_000) }));
    await again.publishStored(subjects.result(`again${n}`, 'AGAIN'), bytes);
  }
  kanade.backend = await kanade.startBackend();
  const left = async () => (await subjectsOf(nats, 'RESULTS', 'results.*.AGAIN')).length;
  const fits = Math.floor((await quota('RESULTS')) / 451_000);
  await until('the rest is gone', async () => (await left()) <= fits);
  expect(await left()).toBeGreaterThan(fits - 3);
  // Nothing is removed twice, nor anything that counted.
  await kanade.backend.process.kill();
  kanade.backend = await kanade.startBackend();
  await honestRun();
  expect(await left()).toBeGreaterThan(fits - 3);
}, 120_000);

test('a PC that was off for long tells thousands of results, starts and much output, and nothing is held against it', async () => {
  const back = await pcConnection('BACK');
  const before = (await kanade.backend.get('/events?kind=over_quota&limit=500')).items.length;
  const send = async (n: number) => {
    await back.publishStored(subjects.started(`o${n}`, 'BACK'), encode(startedOf(`o${n}`, 'BACK')));
    await back.publishStored(subjects.result(`o${n}`, 'BACK'), encode(resultOf(`o${n}`, 'BACK')));
  };
  for (let n = 0; n < 3000; n += 100) await Promise.all(Array.from({ length: 100 }, (_, i) => send(n + i)));
  for (let n = 0; n < 32; n++) await back.publishStored(subjects.output('BACK', 'r', 'stdout', n), new Uint8Array(256 * 1024));
  await until('all is projected', async () => (await kanade.backend.target('o2999', 'BACK'))?.state === 'succeeded');
  for (const [stream, filter, n] of [
    ['RESULTS', 'results.*.BACK', 3000],
    ['EVENTS', 'events.started.*.BACK', 3000],
    ['OUTPUT', 'output.BACK.>', 32],
  ] as const) {
    expect(await subjectsOf(nats, stream, filter)).toHaveLength(n);
  }
  expect((await kanade.backend.get('/events?kind=over_quota&limit=500')).items).toHaveLength(before);
}, 120_000);
