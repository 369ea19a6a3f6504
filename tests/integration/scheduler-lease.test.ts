import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Nats } from '#core/nats/connection.ts';
import { kvGet } from '#core/nats/direct-get.ts';
import { startTestCluster } from '#tests/support/cluster.ts';
import { evidence } from '#tests/support/evidence.ts';
import { type TestBackend, TestKanade } from '#tests/support/kanade.ts';
import { testConnection } from '#tests/support/projection.ts';
import { firesOf, putJob, putSchedule } from '#tests/support/schedules.ts';
import { until } from '#tests/support/until.ts';

/** Longer than it takes until a lease is lost and taken, so that each fire is due before the next. Milliseconds. */
const EVERY = 20_000;

async function idOf(backend: TestBackend): Promise<string> {
  return JSON.parse(await readFile(join(backend.dataDir, 'backend', 'backend.json'), 'utf8')).backend_id;
}

async function holderAmong(nats: Nats, backends: readonly TestBackend[]): Promise<TestBackend> {
  const ids = await Promise.all(backends.map(idOf));
  return until(
    'one of them holds the lease',
    async () => {
      const entry = await kvGet(nats, 'leases', 'holder');
      const holder = entry && JSON.parse(new TextDecoder().decode(entry.value)).backend_id;
      return backends[ids.indexOf(holder)];
    },
    60_000,
  );
}

/** Right before something is due: whoever fires it now is about to. */
function almostDue(): Promise<unknown> {
  return until('the next fire is near', async () => Date.now() % EVERY > EVERY - 800);
}

test('two backends on a cluster, the holder killed and another one stopped and continued across a fire: each fire once', async () => {
  await using kanade = await TestKanade.start({ on: await startTestCluster() });
  const stop = new AbortController();
  await using nats = await testConnection(kanade.broker.url, stop.signal);
  let backends = [kanade.backend, await kanade.startBackend('two')];
  await kanade.readyAgent('PC1');
  const mark = evidence(kanade, 'fires');
  await putJob(kanade, 'fires', mark.line);
  await putSchedule(kanade, 'fires', { cron: '*/20 * * * * *', target: { all: true }, catch_up: 'once' });
  const fired = async (count: number) =>
    until(`${count} have been fired`, async () => ((await firesOf(kanade, 'fires')).length >= count ? true : undefined), 60_000);
  await fired(1);

  await almostDue();
  const killed = await holderAmong(nats, backends);
  await killed.process.kill();
  backends = backends.filter((backend) => backend !== killed);
  kanade.backend = backends[0]!;
  await fired(2);
  backends.push(await kanade.startBackend(killed.dataDir.endsWith('one') ? 'one' : 'two'));

  await almostDue();
  const stopped = await holderAmong(nats, backends);
  stopped.process.child.kill('SIGSTOP');
  kanade.backend = backends.find((backend) => backend !== stopped)!;
  await fired(3);
  stopped.process.child.kill('SIGCONT');
  await fired(4);
  await kanade.backend.call('POST', '/schedules/fires/disable');

  const fires = await until('all have run', async () => {
    const all = await firesOf(kanade, 'fires');
    return all.every((one) => one.counts.succeeded === 1) ? all : undefined;
  });
  const nominals = fires.map((one) => Date.parse(one.nominal_at)).sort((a, b) => a - b);
  // No time twice, and none left out.
  expect(nominals).toEqual(nominals.map((_, n) => nominals[0]! + n * EVERY));
  expect(await mark.runs()).toBe(fires.length);
}, 240_000);
