import { beforeAll, expect, test } from 'vitest';
import { kvGet } from '#core/nats/direct-get.ts';
import { kvDelete, kvPut } from '#core/nats/kv.ts';
import type { Json } from '#tests/support/kanade.ts';
import { kanadeOfFile } from '#tests/support/kanade-of-file.ts';
import { coverageOf, firesOf, putJob, putSchedule } from '#tests/support/schedules.ts';
import { until } from '#tests/support/until.ts';

const { kanade, nats } = await kanadeOfFile();

beforeAll(async () => {
  await kanade.readyAgent('PC1');
  await putJob(kanade, 'job', 'true');
});

const NIGHTLY = { job_id: 'job', target: { all: true }, when: { calendar: { at: '03:00' } } };
const listed = async (id: string): Promise<Json> =>
  (await kanade.backend.get('/schedules?limit=500')).items.find((one: Json) => one.id === id);

test('every fault is told at once, each with its path and a code', async () => {
  const body = {
    id: 'other',
    job_id: 'nojob',
    target: { groups: ['nobody'], pcs: ['NOPC'] },
    when: { calendar: { at: '25:00' } },
    tz: 'Mars/Olympus',
    window: 'night',
    retry: { max: 1, backoff: 'soon' },
    rollout: { waves: ['110%'] },
  };
  const answer = await kanade.backend.call('PUT', '/schedules/faulty', body);
  expect(answer.status).toBe(422);
  const pointers = answer.body.errors.map((fault: Json) => fault.pointer);
  expect(pointers.sort()).toEqual(
    [
      ...['/id', '/job_id', '/target/groups/0', '/target/pcs/0', '/when/calendar/at', '/tz', '/window'],
      ...['/retry', '/retry/backoff', '/rollout/waves/0'],
    ].sort(),
  );
  for (const fault of answer.body.errors) expect(fault.code).toMatch(/^[a-z_]+$/);
  expect((await kanade.backend.call('GET', '/schedules/faulty')).status).toBe(404);
});

test('a once form keeps its job, a time that is past is refused, and so is a canary group that holds nobody', async () => {
  const { backend } = kanade;
  await putJob(kanade, 'job2', 'true');
  const once = { id: 'onejob', target: { all: true }, when: { per_pc: 'once' } };
  await putSchedule(kanade, 'onejob', { ...once, job_id: 'job' });
  await until('it is known', () => listed('onejob'));
  const other = await backend.call('PUT', '/schedules/onejob', { ...once, job_id: 'job2' });
  expect(other).toMatchObject({ status: 422, body: { errors: [{ pointer: '/job_id' }] } });
  const past = await backend.call('PUT', '/schedules/past', { ...NIGHTLY, id: 'past', when: { at: '2020-01-01 03:00' } });
  expect(past).toMatchObject({ status: 422, body: { errors: [{ pointer: '/when/at' }] } });
  const rollout = { waves: [{ group: 'nobody' }, '100%'] };
  const canary = await backend.call('PUT', '/schedules/canary', { ...NIGHTLY, id: 'canary', rollout });
  expect(canary).toMatchObject({ status: 422, body: { errors: [{ pointer: '/rollout/waves/0', code: 'target_empty' }] } });
  await backend.call('DELETE', '/schedules/onejob');
});

test('a misspelt field is refused by name', async () => {
  const answer = await kanade.backend.call('PUT', '/schedules/typo', { id: 'typo', ...NIGHTLY, startingDeadline: '1h' });
  expect(answer).toMatchObject({ status: 422, body: { errors: [{ pointer: '/startingDeadline' }] } });
});

test('what is declared dynamic may mean nobody yet', async () => {
  const target = { groups: ['later'], dynamic: true };
  await putSchedule(kanade, 'dynamic', { ...NIGHTLY, target });
  expect((await kanade.backend.get('/schedules/dynamic/coverage')).items).toEqual([]);
  await kanade.backend.call('PUT', '/agents/PC1/groups', { groups: ['later'] });
  await until('its member is seen', async () => (await coverageOf(kanade, 'dynamic')).PC1 === 'due');
});

test('it comes back as it was written, changes by its ETag only, and is gone when it is deleted', async () => {
  const yaml = '# every night\nid: kept\njob_id: job\ntarget: {all: true}\nwhen: {calendar: {at: "03:00"}}\n';
  const { backend } = kanade;
  const made = await backend.call('PUT', '/schedules/kept', yaml, { 'content-type': 'application/yaml' });
  expect(made.status).toBe(201);
  expect((await backend.call('GET', '/schedules/kept', undefined, { accept: 'application/yaml' })).body).toBe(yaml);
  expect(await backend.get('/schedules/kept')).toEqual({ id: 'kept', ...NIGHTLY });
  const etag = made.headers.get('etag')!;
  const stale = await backend.call('PUT', '/schedules/kept', { id: 'kept', ...NIGHTLY }, { 'if-match': '"1"' });
  expect(stale).toMatchObject({ status: 412, body: { code: 'precondition_failed' } });
  expect((await backend.call('PUT', '/schedules/kept', { id: 'kept', ...NIGHTLY, tz: 'Asia/Tokyo' }, { 'if-match': etag })).status).toBe(
    200,
  );
  expect((await backend.call('GET', '/schedules/kept', undefined, { 'if-none-match': etag })).status).toBe(200);
  expect((await backend.call('DELETE', '/schedules/kept')).status).toBe(204);
  expect((await backend.call('DELETE', '/schedules/kept')).status).toBe(404);
  await until('the list has it no more', async () => (await listed('kept')) === undefined);
});

test('the forecast says when, where, and why not', async () => {
  await putSchedule(kanade, 'forecast', {
    ...{ job_id: 'job', target: { all: true }, tz: 'Europe/Berlin' },
    ...{ when: { calendar: { at: '02:30' } }, active: { from: '2026-12-30' }, skip_dates: ['2026-12-31'] },
  });
  const { items } = await kanade.backend.get('/schedules/forecast/forecast?count=100');
  expect(items).toHaveLength(100);
  const on = (date: string) => items.find((one: Json) => one.at.startsWith(date));
  expect(on('2026-12-29')).toEqual({
    at: '2026-12-29T01:30:00.000Z',
    zone: 'Europe/Berlin',
    blocked: expect.stringContaining('2026-12-30'),
  });
  expect(on('2026-12-30')).toMatchObject({ blocked: null });
  expect(on('2026-12-31')).toMatchObject({ blocked: expect.stringContaining('skipped') });
  const upcoming = (await kanade.backend.get('/schedules/upcoming?limit=500')).items;
  const times = upcoming.map((one: Json) => Date.parse(one.at));
  expect(times).toEqual([...times].sort((a, b) => a - b));
  expect(upcoming.some((one: Json) => one.schedule_id === 'forecast')).toBe(true);
  await putSchedule(kanade, 'minutes', { job_id: 'job', target: { all: true }, when: { per_pc: { every: '30d' } } });
  expect((await kanade.backend.get('/schedules/minutes/forecast')).items).toEqual([]);
});

test('the coverage names every PC with a state and a reason, and counts them', async () => {
  const target = { pcs: ['PC1', 'GHOST'], dynamic: true };
  await putJob(kanade, 'fails', 'exit 3');
  await putSchedule(kanade, 'fails', { cron: '* * * * * *', mode: 'once_per_pc', target, retry: { max: 0, backoff: '1s' } });
  await until('it has failed', async () => (await coverageOf(kanade, 'fails')).PC1 === 'failing');
  const { counts, items } = await kanade.backend.get('/schedules/fails/coverage');
  expect(counts).toEqual({ satisfied: 0, due: 0, running: 0, failing: 1, unreachable: 0, excluded: 1 });
  expect(items).toMatchObject([
    { pc_id: 'GHOST', state: 'excluded', reason: 'it is not enrolled' },
    { pc_id: 'PC1', state: 'failing', failures: 1, last_success: null },
  ]);
  expect((await kanade.backend.get('/schedules/fails/coverage?state=failing')).items).toHaveLength(1);
  expect(await firesOf(kanade, 'fails')).toHaveLength(1);
});

test('an entry that cannot be read disables that one schedule, visibly, and nothing else', async () => {
  await putSchedule(kanade, 'broken', NIGHTLY);
  await putSchedule(kanade, 'ticking', { job_id: 'job', target: { all: true }, cron: '* * * * * *' });
  await until('it fires', async () => (await firesOf(kanade, 'ticking')).length > 0);
  await kvPut(nats, 'schedules', 'broken', new TextEncoder().encode('{"schedule": 1'));
  await kvPut(nats, 'schedules', 'never-was', new TextEncoder().encode('null'));
  await until('it says so', async () => (await listed('broken')).error !== null);
  expect(await listed('broken')).toMatchObject({ enabled: false, error: expect.stringContaining('cannot be read') });
  expect(await listed('never-was')).toMatchObject({ enabled: false, error: expect.stringContaining('cannot be read') });
  expect(await kanade.backend.call('GET', '/schedules/broken')).toMatchObject({ status: 409, body: { code: 'schedule_corrupt' } });
  const before = (await firesOf(kanade, 'ticking')).length;
  await until('the other one goes on', async () => (await firesOf(kanade, 'ticking')).length > before);
  await until('its state is said to be unreadable', async () => {
    // A fire that is being decided may write its own over it.
    await kvPut(nats, 'schedule_state', 'ticking', new TextEncoder().encode('[]'));
    return (await listed('ticking')).error?.includes('decided');
  });
  expect((await kanade.backend.call('PUT', '/schedules/broken', { id: 'broken', ...NIGHTLY })).status).toBe(200);
  await until('it is well again', async () => (await listed('broken')).error === null);
  await kanade.backend.call('DELETE', '/schedules/ticking');
  expect((await kanade.backend.call('DELETE', '/schedules/never-was')).status).toBe(204);
});

test('a schedule whose job is gone says so, and fires again when the job is back', async () => {
  await putJob(kanade, 'gone', 'true');
  await putSchedule(kanade, 'gone', { target: { all: true }, cron: '* * * * * *' });
  await until('it fires', async () => (await firesOf(kanade, 'gone')).length > 0);
  await kanade.backend.call('DELETE', '/jobs/gone');
  await until('it says so', async () => (await listed('gone')).error === 'there is no job gone');
  const before = (await firesOf(kanade, 'gone')).length;
  await putJob(kanade, 'gone', 'true', '2');
  await kanade.backend.call('POST', '/jobs/gone/unrevoke');
  await until('it fires again', async () => (await firesOf(kanade, 'gone')).length > before);
  await kanade.backend.call('DELETE', '/schedules/gone');
});

test('a freeze that cannot be read is one', async () => {
  await kvPut(nats, 'config', 'freeze', new TextEncoder().encode('frost'));
  await until('it counts', async () => (await kanade.backend.get('/freeze')).corrupt);
  expect(await kanade.backend.get('/freeze')).toEqual({ frozen: true, reason: null, since: null, by: null, corrupt: true });
  expect((await kanade.backend.call('DELETE', '/freeze')).status).toBe(204);
  await until('it is over', async () => !(await kanade.backend.get('/freeze')).frozen);
});

test('what was decided by one that died before it published is published by the next, once', async () => {
  await putSchedule(kanade, 'pending', { job_id: 'job', target: { pcs: ['PC1'] }, cron: '* * * * * *' });
  const exec = await until('it fires', async () => (await firesOf(kanade, 'pending')).find((one) => one.counts.succeeded === 1));
  await kanade.backend.call('POST', '/schedules/pending/disable');
  const stored = await nats.request('$JS.API.STREAM.MSG.GET.EXECUTIONS', json({ last_by_subj: `executions.submitted.${exec.exec_id}` }));
  const message = JSON.parse(Buffer.from(parsed(stored.data).message.data, 'base64').toString());
  const decided = { ...message, exec_id: 'left_behind', command: message.command.replaceAll(exec.exec_id, 'left_behind') };
  const state = parsed((await kvGet(nats, 'schedule_state', 'pending'))!.value);
  await kanade.backend.process.kill();
  await kvPut(nats, 'schedule_state', 'pending', json({ ...state, pending: [decided] }));
  kanade.backend = await kanade.startBackend();
  await kanade.backend.inState('left_behind', 'PC1', 'succeeded');
  await until('it is written down', async () => parsed((await kvGet(nats, 'schedule_state', 'pending'))!.value).pending === undefined);
});

const json = (value: unknown) => new TextEncoder().encode(JSON.stringify(value));
const parsed = (bytes: Uint8Array): Json => JSON.parse(new TextDecoder().decode(bytes));

test('what was deleted while nobody watched is gone when the watch is back', async () => {
  await putSchedule(kanade, 'unwatched', NIGHTLY);
  await until('it is listed', () => listed('unwatched'));
  await kanade.broker.kill();
  await kanade.broker.restart();
  await until('we are back', async () => nats.connected);
  await kvDelete(nats, 'schedules', 'unwatched');
  await until('it is listed no more', async () => (await listed('unwatched')) === undefined);
});
