import { afterAll, beforeAll, expect, test } from 'vitest';
import { evidence } from '#tests/support/evidence.ts';
import { type Json, TestKanade } from '#tests/support/kanade.ts';
import { until } from '#tests/support/until.ts';

let kanade: TestKanade;

beforeAll(async () => {
  kanade = await TestKanade.start();
  await kanade.readyAgent('PC1');
});
afterAll(() => kanade?.[Symbol.asyncDispose]());

async function job(id: string, script: string, version = '1'): Promise<void> {
  const execute = { shell: 'sh', script, timeout: '60s' };
  const { status, body } = await kanade.backend.call('PUT', `/jobs/${id}`, { id, version, execute });
  if (status !== 200 && status !== 201) throw new Error(JSON.stringify(body));
}

async function schedule(id: string, fields: Record<string, unknown>): Promise<Json> {
  const { status, body } = await kanade.backend.call('PUT', `/schedules/${id}`, { id, ...fields });
  if (status !== 200 && status !== 201) throw new Error(JSON.stringify(body));
  return body;
}

const firesOf = async (id: string): Promise<Json[]> => (await kanade.backend.get(`/executions?schedule_id=${id}&limit=500`)).items;

test('a cron fires at each of its ticks, once, on a real PC, and its rows are read back', async () => {
  const mark = evidence(kanade, 'ticks');
  await job('ticks', mark.line);
  await schedule('ticks', { job_id: 'ticks', cron: '*/2 * * * * *', mode: 'every_tick', target: { all: true } });
  const fires = await until('three fires are done', async () => {
    const done = (await firesOf('ticks')).filter((one) => one.counts.succeeded === 1);
    return done.length >= 3 ? done : undefined;
  });
  expect((await kanade.backend.call('POST', '/schedules/ticks/disable')).status).toBe(200);
  for (const one of fires) {
    expect(one).toMatchObject({ actor: 'scheduler', job_id: 'ticks', schedule_id: 'ticks', attempt: 0, target_count: 1 });
    expect(Date.parse(one.nominal_at) % 2000).toBe(0);
    expect(await kanade.backend.targets(one.exec_id)).toMatchObject([{ pc_id: 'PC1', state: 'succeeded' }]);
  }
  const nominals = fires.map((one) => one.nominal_at);
  expect(new Set(nominals).size).toBe(nominals.length);
  const all = await until('what was fired has run', async () => {
    const every = await firesOf('ticks');
    return every.every((one) => one.status === 'done') ? every : undefined;
  });
  expect(await mark.runs()).toBe(all.length);
});
