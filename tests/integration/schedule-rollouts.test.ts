import { beforeAll, expect, test } from 'vitest';
import { evidence } from '#tests/support/evidence.ts';
import { kanadeOfFile } from '#tests/support/kanade-of-file.ts';
import { rolloutIs } from '#tests/support/rollout-api.ts';
import { firesOf, putJob, putSchedule } from '#tests/support/schedules.ts';
import { until } from '#tests/support/until.ts';

const { kanade } = await kanadeOfFile();

beforeAll(async () => {
  await Promise.all(['PC1', 'PC2', 'PC3'].map((pc) => kanade.readyAgent(pc)));
});

const rolloutsOf = async (id: string) => {
  const { items } = await kanade.backend.get('/rollouts');
  return items.filter((one: { schedule_id: string }) => one.schedule_id === id);
};

test('a schedule with waves rolls out at each tick, one rollout at a time, and its waves name it', async () => {
  const mark = evidence(kanade, 'waves');
  await putJob(kanade, 'waves', mark.line);
  const rollout = { waves: [1, '100%'], soak: '2s' };
  await putSchedule(kanade, 'waves', { cron: '* * * * * *', target: { all: true }, rollout });
  const first = await until('the first is completed', async () =>
    (await rolloutsOf('waves')).find((one: { status: string }) => one.status === 'completed'),
  );
  await kanade.backend.call('POST', '/schedules/waves/disable');
  const rollouts = await rolloutsOf('waves');
  // Of three seconds' ticks all but the first fell into its soak.
  expect(rollouts.length).toBeLessThanOrEqual(2);
  const fires = (await firesOf(kanade, 'waves')).filter((one) => one.rollout_id === first.rollout_id);
  expect(fires.map(({ wave, target_count, actor }) => ({ wave, target_count, actor })).sort((a, b) => a.wave - b.wave)).toEqual([
    { wave: 0, target_count: 1, actor: 'scheduler' },
    { wave: 1, target_count: 2, actor: 'scheduler' },
  ]);
});

test('a schedule whose canary fails stops there, and says so', async () => {
  const mark = evidence(kanade, 'broken');
  await putJob(kanade, 'broken', `${mark.line}; exit 1`);
  await putSchedule(kanade, 'broken', { cron: '* * * * * *', target: { all: true }, rollout: { waves: [1, '100%'] } });
  await putJob(kanade, 'witness', 'true');
  const halted = await until('it halts', async () =>
    (await rolloutsOf('broken')).find((one: { status: string }) => one.status === 'halted'),
  );
  // Others of the same second go on, and this one starts nothing more by itself.
  await putSchedule(kanade, 'witness', { cron: '* * * * * *', target: { all: true } });
  await until('three more ticks have come', async () => (await firesOf(kanade, 'witness')).length >= 3);
  await kanade.backend.call('POST', '/schedules/witness/disable');
  expect(await rolloutsOf('broken')).toHaveLength(1);
  const { items } = await kanade.backend.get('/schedules/broken/forecast?count=1');
  expect(items[0].blocked).toContain(halted.rollout_id);
  const view = await kanade.backend.get(`/rollouts/${halted.rollout_id}`);
  expect(view.waves.map((wave: { started_at: string | null }) => wave.started_at !== null)).toEqual([true, false]);
  for (const one of await firesOf(kanade, 'broken')) expect(one).toMatchObject({ wave: 0, target_count: 1 });
});

test('run-now of a schedule with waves goes in waves', async () => {
  await putJob(kanade, 'byhand', 'true');
  await putSchedule(kanade, 'byhand', { when: { at: '2099-01-01 03:00' }, target: { all: true }, rollout: { waves: [2, '100%'] } });
  const { status, headers, body } = await kanade.backend.call('POST', '/schedules/byhand/run-now', {});
  expect(status).toBe(202);
  expect(headers.get('location')).toBe(`/api/v1/rollouts/${body.rollout_id}`);
  await until('it is completed', async () => (await kanade.backend.get(`/rollouts/${body.rollout_id}`)).status === 'completed');
  expect((await firesOf(kanade, 'byhand')).map((one) => one.target_count).sort()).toEqual([1, 2]);
});

test('a freeze holds the waves of a schedule back until it is over, and then they run', async () => {
  await putJob(kanade, 'frozen', 'true');
  await putSchedule(kanade, 'frozen', { cron: '* * * * * *', target: { all: true }, rollout: { waves: [1, '100%'], soak: '1h' } });
  const { rollout_id: id } = await until('it rolls out', async () => (await rolloutsOf('frozen'))[0]);
  await rolloutIs(kanade.backend, id, 'through its first wave', (one) => one.waves[0].succeeded === 1);
  await kanade.backend.call('PUT', '/freeze', { reason: 'year end' });
  await until('it is frozen', async () => (await kanade.backend.get('/freeze')).frozen);
  await kanade.backend.call('POST', `/rollouts/${id}/advance`);
  const waiting = await rolloutIs(kanade.backend, id, 'held back', (one) => /frozen/.test(one.next.why));
  expect(waiting.next.wave).toBe(1);
  await kanade.backend.call('DELETE', '/freeze');
  const through = await rolloutIs(
    kanade.backend,
    id,
    'through its last wave',
    (one) => one.waves[1].succeeded + one.waves[1].put_off === 2,
  );
  expect(through.waves[1]).toMatchObject({ succeeded: 2, put_off: 0, skipped: 0 });
});

test('what its schedule may not fire any more its waves may not either', async () => {
  await putJob(kanade, 'stopped', 'true');
  await putSchedule(kanade, 'stopped', { cron: '* * * * * *', target: { all: true }, rollout: { waves: [1, '100%'], soak: '1h' } });
  const { rollout_id: id } = await until('it rolls out', async () => (await rolloutsOf('stopped'))[0]);
  await rolloutIs(kanade.backend, id, 'through its first wave', (one) => one.waves[0].succeeded === 1);
  await kanade.backend.call('POST', '/schedules/stopped/disable');
  await kanade.backend.call('POST', `/rollouts/${id}/advance`);
  const waiting = await rolloutIs(kanade.backend, id, 'held back', (one) => /disabled/.test(one.next.why));
  expect(waiting.waves[1].started_at).toBeNull();
  await kanade.backend.call('POST', '/schedules/stopped/enable');
  await rolloutIs(kanade.backend, id, 'through its last wave', (one) => one.waves[1].succeeded === 2);
  await kanade.backend.call('POST', '/schedules/stopped/disable');
});
