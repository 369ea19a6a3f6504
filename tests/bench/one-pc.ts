import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { openReader } from '#backend/projectors/read/open-reader.ts';
import { connectAsBackend } from '#tests/support/identity.ts';
import { TestKanade } from '#tests/support/kanade.ts';
import { testConnection } from '#tests/support/projection.ts';
import { type Figures, p50p99, percentile } from './figures.ts';

/** One real agent with a real disk: `exit 0` by sh, one after the other. As it runs by default, or in open mode. */
export async function measureOnePc(figures: Figures, runs: number, open: boolean): Promise<void> {
  await using kanade = await TestKanade.start({ identities: !open });
  const { backend } = kanade;
  const url = kanade.broker.url;
  const { server, token } = open ? { server: '', token: '' } : await kanade.identityFor();
  const where = open ? ['--open', '--nats', url] : ['--server', server, '--enrolment-token', token];
  const about = ['--pc-id', 'PC1', '--data-dir', join(kanade.dir, 'agent'), '--log-level', 'warn'];
  const agent = kanade.process('core/agent/main.ts', [...where, ...about]);
  await agent.ready;
  await backend.agentReady('PC1');
  const stop = new AbortController();
  await using nats = await (open ? testConnection(url, stop.signal) : connectAsBackend(url, kanade.identity!, stop.signal));
  let onStarted = () => {};
  nats.subscribe('events.started.*.PC1', () => onStarted());
  await nats.flush();
  const db = openReader(join(backend.dataDir, 'backend', 'projection.db'));
  const seen = db.prepare<[string], { event_seq: number; result_seq: number }>(
    'SELECT event_seq, result_seq FROM targets WHERE exec_id = ?',
  );

  const published: number[] = [];
  const stored: number[] = [];
  const done: number[] = [];
  for (let n = 0; n < runs + 20; n++) {
    const begun = performance.now();
    const heard = new Promise<number>((resolve) => {
      onStarted = () => resolve(performance.now() - begun);
    });
    const execId = await backend.submit({ script: 'exit 0', target: { pcs: ['PC1'] } });
    const reached = async (which: 'event_seq' | 'result_seq') => {
      while (!(seen.get(execId)?.[which] ?? 0)) await sleep(1);
      return performance.now() - begun;
    };
    const times = await Promise.all([heard, reached('event_seq'), reached('result_seq')]);
    // The first ones warm everything up.
    if (n < 20) continue;
    published.push(times[0]);
    stored.push(times[1]);
    done.push(times[2]);
  }
  db.close();
  stop.abort();
  const met = percentile(published, 0.5) < 20 && percentile(published, 0.99) < 100;
  const pc = open ? 'one PC, open mode' : 'one PC';
  figures.add(`${pc}: submit to started, on its disk and published`, p50p99(published), 'p50 < 20 ms, p99 < 100 ms', met);
  figures.add(`${pc}: submit to started in SQLite`, p50p99(stored));
  figures.add(`${pc}: submit to result in SQLite (\`exit 0\` by sh)`, p50p99(done));
}
