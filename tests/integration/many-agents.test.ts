import { mkdir, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { resultId } from '#core/contract/ids.ts';
import { STREAMS } from '#core/contract/streams.ts';
import { replayDurable } from '#core/contract/subjects.ts';
import { streamInfo, updateStream } from '#core/nats/jetstream.ts';
import { consumerNames } from '#tests/support/consumer-names.ts';
import type { Json } from '#tests/support/kanade.ts';
import { kanadeOfFile } from '#tests/support/kanade-of-file.ts';
import { type SimulatedAgents, startSimulatedAgents } from '#tests/support/simulated-agents.ts';
import { until } from '#tests/support/until.ts';

/** More than nats-server allows on a stream unless told otherwise. */
const MANY = 1500;

const { kanade, nats } = await kanadeOfFile();
let agents: SimulatedAgents;
let journalDir: string;

beforeAll(async () => {
  journalDir = join(kanade.dir, 'journal');
  await mkdir(journalDir);
  agents = startSimulatedAgents({ nats: kanade.broker.url, count: MANY, processes: 3, journalDir, reconnectMs: 500 });
  await agents.connected;
}, 180_000);
afterAll(async () => {
  await agents?.kill();
});

async function ready(): Promise<number> {
  let n = 0;
  for (let cursor = ''; ; ) {
    const page = await kanade.backend.get(`/agents?online=true&limit=500${cursor}`);
    n += page.items.filter((agent: Json) => agent.replay_state === 'ready').length;
    if (page.next === null) return n;
    cursor = `&cursor=${encodeURIComponent(page.next)}`;
  }
}

function allReady(): Promise<unknown> {
  return until('all are ready', async () => ((await ready()) >= MANY ? true : Promise.reject(new Error(`${await ready()} are`))), 150_000);
}

/** Each of its PCs has exactly one start, one result and one run. */
async function once(exec: string): Promise<void> {
  await until(
    'all have succeeded',
    async () => {
      const { counts } = await kanade.backend.get(`/executions/${exec}`);
      return counts.succeeded === MANY ? true : Promise.reject(new Error(JSON.stringify(counts)));
    },
    120_000,
  );
  const every = Object.fromEntries(agents.pcIds.map((pc) => [pc, 1]));
  for (const [stream, subject] of [
    ['EVENTS', `events.started.${exec}`],
    ['RESULTS', `results.${exec}`],
  ] as const) {
    const { subjects = {} } = (await streamInfo(nats, stream, { subjects_filter: `${subject}.*` })).state;
    expect(Object.fromEntries(Object.entries(subjects).map(([name, n]) => [name.slice(subject.length + 1), n]))).toEqual(every);
  }
  for (const pc of await readdir(journalDir)) {
    const runs = (await readFile(join(journalDir, pc), 'utf8')).split('\n').filter((line) => line === resultId(exec, pc));
    expect([pc, runs.length]).toEqual([pc, 1]);
  }
  expect(await readdir(journalDir)).toHaveLength(MANY);
}

test('1,500 PCs on one backend: all enrolled, each with its durable, one execution runs once on each', async () => {
  await allReady();
  const names = new Set(await consumerNames(nats, 'EXEC'));
  expect(agents.pcIds.filter((pc) => !names.has(replayDurable(pc)))).toEqual([]);
  const { items } = await kanade.backend.get('/events?kind=enrolled&limit=1');
  expect(items).toHaveLength(1);

  await once(await kanade.backend.submit({ script: 'true', target: { all: true } }));
  await once(await kanade.backend.submit({ script: 'true', target: { pcs: agents.pcIds } }));
  expect((await kanade.backend.get('/dead-letters')).items).toEqual([]);
  expect((await kanade.backend.get('/events?kind=refused')).items).toEqual([]);
}, 300_000);

test('a limit on durables that somebody set below them is lifted again, and one more PC is taken', async () => {
  const { config } = await streamInfo(nats, 'EXEC');
  await updateStream(nats, { ...config, max_consumers: 1000 } as { name: string });
  await kanade.readyAgent('one-more');
  expect((await streamInfo(nats, 'EXEC')).config.max_consumers).toBe(STREAMS.EXEC.maxConsumers);
  expect(await consumerNames(nats, 'EXEC')).toContain(replayDurable('ONE-MORE'));
}, 120_000);

test('the broker killed under all of them: every durable is back and the next execution runs once on each', async () => {
  await kanade.broker.restart();
  await until('the backend is back', async () => (await kanade.backend.call('POST', '/agents/one-more/ping')).status === 200, 60_000);
  const exec = await kanade.backend.submit({ script: 'true', target: { pcs: agents.pcIds } });
  await once(exec);
  const names = new Set(await consumerNames(nats, 'EXEC'));
  expect(agents.pcIds.filter((pc) => !names.has(replayDurable(pc)))).toEqual([]);
}, 300_000);
