import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { api } from '#core/nats/jetstream.ts';
import { evidence } from '#tests/support/evidence.ts';
import type { Json } from '#tests/support/kanade.ts';
import { kanadeOfFile } from '#tests/support/kanade-of-file.ts';
import { coverageOf, firesOf, putJob, putSchedule } from '#tests/support/schedules.ts';
import { until } from '#tests/support/until.ts';

const { kanade, nats } = await kanadeOfFile();

beforeAll(async () => {
  await kanade.readyAgent('PC1');
});

const EVERY_SECOND = { cron: '* * * * * *', target: { all: true } };
const disable = (id: string) => kanade.backend.call('POST', `/schedules/${id}/disable`);

test('a cron fires at each of its ticks, once, on a real PC, and its rows are read back', async () => {
  const mark = evidence(kanade, 'ticks');
  await putJob(kanade, 'ticks', mark.line);
  await putSchedule(kanade, 'ticks', { cron: '*/2 * * * * *', mode: 'every_tick', target: { all: true } });
  const fires = await until('three fires are done', async () => {
    const done = (await firesOf(kanade, 'ticks')).filter((one) => one.counts.succeeded === 1);
    return done.length >= 3 ? done : undefined;
  });
  expect((await disable('ticks')).status).toBe(200);
  for (const one of fires) {
    expect(one).toMatchObject({ actor: 'scheduler', job_id: 'ticks', schedule_id: 'ticks', attempt: 0, target_count: 1 });
    expect(Date.parse(one.nominal_at) % 2000).toBe(0);
    expect(await kanade.backend.targets(one.exec_id)).toMatchObject([{ pc_id: 'PC1', state: 'succeeded' }]);
  }
  const all = await until('what was fired has run', async () => {
    const every = await firesOf(kanade, 'ticks');
    return every.every((one) => one.status === 'done') ? every : undefined;
  });
  const nominals = all.map((one) => one.nominal_at);
  expect(new Set(nominals).size).toBe(nominals.length);
  expect(await mark.runs()).toBe(all.length);
});

test('once per PC: each PC runs it once, one that comes later too, and a retry is an attempt of its own', async () => {
  const mark = evidence(kanade, 'once');
  await putJob(kanade, 'once', `${mark.line}; exit 7`);
  await putSchedule(kanade, 'once', {
    ...{ cron: '* * * * * *', mode: 'once_per_pc', target: { all: true } },
    retry: { max: 5, backoff: '1s' },
  });
  await until('a second attempt is made', async () => (await firesOf(kanade, 'once')).find((one) => one.attempt === 1));
  expect((await coverageOf(kanade, 'once')).PC1).toMatch(/failing|running|due/);
  await putJob(kanade, 'once', `${mark.line}; true`, '2');
  await until('PC1 has it', async () => (await coverageOf(kanade, 'once')).PC1 === 'satisfied');
  const runs = await mark.runs();
  await using _ = await kanade.readyAgent('LATER');
  await until('LATER has it too', async () => (await coverageOf(kanade, 'once')).LATER === 'satisfied');
  await until('it goes on ticking', async () => (await kanade.backend.get('/schedules/once/forecast?count=1')).items.length === 1);
  expect(await mark.runs()).toBe(runs + 1);
  await disable('once');
});

test('a PC that was off runs the newest fire only, and the earlier ones are superseded', async () => {
  const mark = evidence(kanade, 'off');
  await putJob(kanade, 'off', mark.line);
  await kanade.offAgent('OFF');
  await putSchedule(kanade, 'off', { cron: '* * * * * *', target: { pcs: ['OFF'] } });
  await until('three were fired', async () => (await firesOf(kanade, 'off')).length >= 3);
  await disable('off');
  const [newest, ...earlier] = await until('the last is the newest', async () => {
    const fires = await firesOf(kanade, 'off');
    const open = fires.filter((one) => one.counts.queued > 0);
    return open.length === 1 ? fires.sort((a, b) => Date.parse(b.nominal_at) - Date.parse(a.nominal_at)) : undefined;
  });
  await kanade.readyAgent('OFF');
  await kanade.backend.inState(newest!.exec_id, 'OFF', 'succeeded');
  for (const one of earlier) {
    expect(await kanade.backend.targets(one.exec_id)).toMatchObject([{ pc_id: 'OFF', state: 'skipped', reason: 'superseded' }]);
  }
  expect(await mark.runs()).toBe(1);
});

test('run-now runs it whatever the freeze says, and schedules stand still as long as there is one', async () => {
  const mark = evidence(kanade, 'frozen');
  await putJob(kanade, 'frozen', mark.line);
  const { backend } = kanade;
  expect(await backend.call('PUT', '/freeze', { reason: 'year end' })).toMatchObject({ status: 200, body: { frozen: true, by: 'admin' } });
  await until('it is frozen', async () => (await backend.get('/freeze')).frozen);
  await putSchedule(kanade, 'frozen', { ...EVERY_SECOND, target: { pcs: ['PC1'] } });
  const [next] = (await backend.get('/schedules/frozen/forecast?count=1')).items;
  expect(next.blocked).toContain('year end');
  const { status, body } = await backend.call('POST', '/schedules/frozen/run-now', {}, { 'idempotency-key': 'k1' });
  expect(status).toBe(202);
  expect((await backend.call('POST', '/schedules/frozen/run-now', {}, { 'idempotency-key': 'k1' })).body.exec_id).toBe(body.exec_id);
  await backend.inState(body.exec_id, 'PC1', 'succeeded');
  // A tick has come and gone since: its decision is on record.
  await until('a tick was dropped', () => stateOf('frozen'));
  expect((await firesOf(kanade, 'frozen')).map((one) => one.exec_id)).toEqual([body.exec_id]);
  expect((await backend.call('DELETE', '/freeze')).status).toBe(204);
  await until('it fires again', async () => (await firesOf(kanade, 'frozen')).length > 1);
  await disable('frozen');
  const audit = (await backend.get('/audit?limit=100')).items.map((entry: Json) => entry.action);
  expect(audit).toEqual(expect.arrayContaining(['freeze_put', 'freeze_delete', 'schedule_put', 'schedule_run_now', 'schedule_disable']));
});

test('auto_disable_when_done disables it when all have it, says so in the audit, and keeps the comments of its YAML', async () => {
  await putJob(kanade, 'done', 'true');
  const yaml =
    'id: done\njob_id: done\ncron: "* * * * * *" # often\nmode: once_per_pc\ntarget: {pcs: [PC1]}\nauto_disable_when_done: true\n';
  const put = await kanade.backend.call('PUT', '/schedules/done', yaml, { 'content-type': 'application/yaml' });
  expect(put.status).toBe(201);
  await until('it is disabled', async () => (await kanade.backend.get('/schedules/done')).enabled === false);
  const entry = await until('the audit says so', async () => (await kanade.backend.get('/audit?action=schedule_completed')).items[0]);
  expect(entry).toMatchObject({ actor_kind: 'scheduler', actor: 'scheduler', target: 'schedules/done' });
  const { body } = await kanade.backend.call('GET', '/schedules/done', undefined, { accept: 'application/yaml' });
  expect(body).toContain('# often');
  expect(body).toContain('enabled: false');
});

async function stateOf(id: string): Promise<Json> {
  const answer = await nats.request(`$JS.API.DIRECT.GET.KV_schedule_state.$KV.schedule_state.${id}`, new Uint8Array());
  return answer.status === 0 ? JSON.parse(new TextDecoder().decode(answer.data)) : undefined;
}

test('once never forgets: neither a lost projection nor streams that are empty make a PC run it again', async () => {
  const mark = evidence(kanade, 'forget');
  await putJob(kanade, 'forget', mark.line);
  await putSchedule(kanade, 'forget', { cron: '* * * * * *', mode: 'once_per_pc', target: { pcs: ['PC1'] } });
  await until('PC1 has it', async () => (await coverageOf(kanade, 'forget')).PC1 === 'satisfied');
  const kept = '$JS.API.DIRECT.GET.KV_completions.$KV.completions.forget.PC1';
  await until('it is kept', async () => (await nats.request(kept, new Uint8Array())).status === 0);
  await kanade.backend.process.stop();
  for (const stream of ['EXECUTIONS', 'EVENTS', 'RESULTS']) await api(nats, `STREAM.PURGE.${stream}`);
  for (const end of ['', '-wal', '-shm']) await rm(join(kanade.dir, 'one', 'backend', `projection.db${end}`), { force: true });
  kanade.backend = await kanade.startBackend();
  await until('it is read again', async () => (await coverageOf(kanade, 'forget')).PC1 === 'satisfied');
  // A schedule of the same second has fired meanwhile: so would this one have.
  await putJob(kanade, 'witness', 'true');
  await putSchedule(kanade, 'witness', EVERY_SECOND);
  await until('another one has fired twice', async () => (await firesOf(kanade, 'witness')).length >= 2);
  await disable('witness');
  expect(await firesOf(kanade, 'forget')).toEqual([]);
  expect(await mark.runs()).toBe(1);
});
