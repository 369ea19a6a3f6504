import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { kvGet } from '#core/nats/direct-get.ts';
import { kvPut } from '#core/nats/kv.ts';
import { evidence, settled } from '#tests/support/evidence.ts';
import type { TestBackend } from '#tests/support/kanade.ts';
import { kanadeOfFile } from '#tests/support/kanade-of-file.ts';
import { until } from '#tests/support/until.ts';

const { kanade, nats } = await kanadeOfFile();

async function holder(): Promise<string | undefined> {
  const entry = await kvGet(nats, 'leases', 'holder');
  return entry && (JSON.parse(new TextDecoder().decode(entry.value)) as { backend_id: string }).backend_id;
}

async function idOf(backend: TestBackend): Promise<string> {
  return (JSON.parse(await readFile(`${backend.dataDir}/backend/backend.json`, 'utf8')) as { backend_id: string }).backend_id;
}

function holds(backend: TestBackend, timeout = 60_000): Promise<string> {
  return until(
    'it holds the lease',
    async () => {
      const [now, own] = [await holder(), await idOf(backend)];
      return now === own && own;
    },
    timeout,
  );
}

test('another backend takes the place of a killed one: new PCs are enrolled, and results on their way are all there', async () => {
  const one = kanade.backend;
  const first = await holds(one);
  const two = await kanade.startBackend('two');
  await kanade.readyAgent('a');
  await kanade.readyAgent('b');
  const ran = evidence(kanade, 'meanwhile');
  const exec = await two.submit({ script: `${ran.line}; sleep 2; echo out`, target: { all: true } });
  await two.inState(exec, 'a', 'running');
  await two.inState(exec, 'b', 'running');
  await one.process.kill();
  kanade.backend = two;
  // Nobody but a holder makes the entry of a PC.
  await kanade.startAgent('new').ready;
  const second = await holds(two);
  expect(second).not.toBe(first);
  await two.agentReady('new');
  for (const pc of ['a', 'b']) {
    const { result_id: id } = await two.inState(exec, pc, 'succeeded');
    expect((await two.get(`/results/${id}`)).stdout).toBe('out\n');
  }
  const next = await two.submit({ script: ran.line, target: { pcs: ['new'] } });
  await two.inState(next, 'new', 'succeeded');
  await settled(kanade, 'a');
  await settled(kanade, 'b');
  expect(await ran.runs()).toBe(3);
});

test('a backend that stops in order hands the lease on', async () => {
  const one = await kanade.startBackend('one');
  await kanade.backend.process.stop();
  await holds(one);
  kanade.backend = one;
  await kanade.readyAgent('newer');
});

test('a holder that was killed and started again goes on as the holder, also beside another one', async () => {
  const two = await kanade.startBackend('two');
  const own = await holds(kanade.backend);
  await kanade.backend.process.kill();
  kanade.backend = await kanade.startBackend('one');
  await kanade.readyAgent('newest');
  expect(await holder()).toBe(own);
  await two.process.stop();
  expect(await holder()).toBe(own);
});

test('a holder that was frozen for longer than the lease lasts gives way when it wakes up', async () => {
  const two = await kanade.startBackend('two');
  const own = await holds(kanade.backend);
  kanade.backend.process.child.kill('SIGSTOP');
  const taken = await holds(two);
  expect(taken).not.toBe(own);
  kanade.backend.process.child.kill('SIGCONT');
  await until('it is back', async () => (await kanade.backend.call('GET', '/agents/a')).status === 200);
  // It writes no renewal over the new holder's, however long it is watched: the revision is compared.
  const renewals = new Set<string | undefined>();
  for (let revision = 0, seen = 0; seen < 4; ) {
    const entry = await kvGet(nats, 'leases', 'holder');
    if (entry === undefined || entry.revision === revision) await sleep(100);
    if (entry === undefined || entry.revision === revision) continue;
    [revision, seen] = [entry.revision, seen + 1];
    renewals.add(await holder());
  }
  expect([...renewals]).toEqual([taken]);
});

test('a lease that nobody can read is taken when nobody renews it', async () => {
  await kvPut(nats, 'leases', 'holder', new TextEncoder().encode('{"backend_id":'));
  await until(
    'somebody holds the lease',
    async () => {
      const entry = await kvGet(nats, 'leases', 'holder');
      return entry !== undefined && JSON.parse(new TextDecoder().decode(entry.value)).backend_id;
    },
    60_000,
  );
  await kanade.readyAgent('latest');
});
