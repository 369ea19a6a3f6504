import { connect, nanos } from 'nats';
import { expect, test } from 'vitest';
import { provision } from '#backend/broker/provision.ts';
import { wantedBytes, wantedStreams } from '#backend/broker/stream-config.ts';
import { BUCKETS, STREAMS } from '#core/contract/streams.ts';
import { connectNats, type Nats } from '#core/nats/connection.ts';
import { createConsumer, createStream, streamInfo, updateStream } from '#core/nats/jetstream.ts';
import { startTestBroker } from '#tests/support/broker.ts';

const signal = AbortSignal.timeout(110_000);
const silent = { info: () => {}, warn: () => {} };

function connected(url: string): Promise<Nats> {
  const clocks = { random: Math.random, mono: () => performance.now(), wall: () => Date.now() };
  return connectNats({ servers: url, name: 'provision-test', signal, log: silent, ...clocks });
}

test('every stream and bucket of the contract is there, as the contract has it, and a second time changes nothing', async () => {
  await using broker = await startTestBroker();
  await using nats = await connected(broker.url);
  await provision(nats, { signal, log: silent });
  for (const wanted of wantedStreams(1)) {
    const { config } = await streamInfo(nats, wanted.name);
    for (const [key, value] of Object.entries(wanted)) expect([wanted.name, key, config[key] ?? false]).toEqual([wanted.name, key, value]);
  }
  const said: string[] = [];
  const log = { info: (_: object, m: string) => said.push(m), warn: (_: object, m: string) => said.push(m) };
  await provision(nats, { signal, log });
  expect(said).toEqual([]);
});

test('the buckets are ones that a KV client takes', async () => {
  await using broker = await startTestBroker();
  await using nats = await connected(broker.url);
  await provision(nats, { signal, log: silent });
  const nc = await connect({ servers: broker.url });
  const kv = await nc.jetstream().views.kv('jobs', { bindOnly: true });
  await kv.put('a', 'one');
  expect((await kv.get('a'))?.string()).toBe('one');
  expect((await kv.status()).history).toBe(BUCKETS.jobs.history);
  await nc.close();
});

test('drift is repaired, and what is in a stream stays', async () => {
  await using broker = await startTestBroker();
  await using nats = await connected(broker.url);
  await provision(nats, { signal, log: silent });
  await nats.publishStored('events.agent.online.PC1', new Uint8Array(100));
  const { config } = await streamInfo(nats, 'EVENTS');
  await updateStream(nats, { ...config, max_age: nanos(1000 * 3600), max_bytes: 1_000_000, subjects: ['events.>', 'more'] } as {
    name: string;
  });
  const exec = await streamInfo(nats, 'EXEC');
  await updateStream(nats, { ...exec.config, max_consumers: 1000 } as { name: string });
  await provision(nats, { signal, log: silent });
  const repaired = await streamInfo(nats, 'EVENTS');
  expect(repaired.config).toMatchObject({ subjects: ['events.>'], max_bytes: STREAMS.EVENTS.maxBytes });
  expect(repaired.state.messages).toBe(1);
  expect((await streamInfo(nats, 'EXEC')).config.max_consumers).toBe(STREAMS.EXEC.maxConsumers);
});

test('what cannot be changed is said and does not stop the rest', async () => {
  await using broker = await startTestBroker();
  await using nats = await connected(broker.url);
  await createStream(nats, { name: 'EVENTS', subjects: ['events.>'], storage: 'memory' } as { name: string });
  const warned: object[] = [];
  await provision(nats, { signal, log: { info: () => {}, warn: (o) => warned.push(o) } });
  expect(warned).toMatchObject([{ stream: 'EVENTS', differs: expect.arrayContaining(['storage']) }]);
  expect((await streamInfo(nats, 'RESULTS')).config.name).toBe('RESULTS');
});

test('on a small store all sizes are scaled down together', async () => {
  await using broker = await startTestBroker({ maxFile: Math.floor(wantedBytes() / 3) });
  await using nats = await connected(broker.url);
  await provision(nats, { signal, log: silent });
  const sizes = await Promise.all(Object.keys(STREAMS).map(async (name) => (await streamInfo(nats, name)).config.max_bytes));
  expect(sizes).toEqual(Object.values(STREAMS).map(({ maxBytes }) => maxBytes / 4));
  await provision(nats, { signal, log: silent });
  expect((await streamInfo(nats, 'KV_blobs')).config.max_bytes).toBe(BUCKETS.blobs.maxBytes / 4);
});

test('on a small store a look that knows the sizes changes nothing and says nothing', async () => {
  await using broker = await startTestBroker({ maxFile: Math.floor(wantedBytes() / 3) });
  await using nats = await connected(broker.url);
  const { fraction, created } = await provision(nats, { signal, log: silent });
  expect(fraction).toBe(1 / 4);
  expect(created).toHaveLength(wantedStreams(1).length);
  const changes: string[] = [];
  nats.subscribe('$JS.EVENT.ADVISORY.STREAM.>', (m) => void changes.push(m.subject));
  const log = { info: (_: object, m: string) => changes.push(m), warn: (_: object, m: string) => changes.push(m) };
  expect(await provision(nats, { signal, log, fraction })).toEqual({ created: [], fraction });
  await updateStream(nats, { ...(await streamInfo(nats, 'AUDIT')).config });
  await expect.poll(() => changes).toEqual(['$JS.EVENT.ADVISORY.STREAM.UPDATED.AUDIT']);
});

test('a store that is much too small is one clear error', async () => {
  await using broker = await startTestBroker({ maxFile: 10_000_000 });
  await using nats = await connected(broker.url);
  await expect(provision(nats, { signal, log: silent })).rejects.toMatchObject({ code: 'broker_failed' });
});

test('1,500 durables fit on EXEC', async () => {
  await using broker = await startTestBroker({ syncInterval: '1m' });
  await using nats = await connected(broker.url);
  await provision(nats, { signal, log: silent });
  const names = Array.from({ length: 1500 }, (_, i) => `agent_replay_PC${i}`);
  await Promise.all(
    names.map((durable_name) =>
      createConsumer(nats, 'EXEC', { durable_name, ack_policy: 'explicit', deliver_policy: 'all', mem_storage: true }),
    ),
  );
  expect((await streamInfo(nats, 'EXEC')).state.consumer_count).toBe(1500);
});
