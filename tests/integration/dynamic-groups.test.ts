import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { encode } from '#core/contract/codec.ts';
import { kvDelete } from '#core/nats/kv.ts';
import { caughtUp } from '#tests/support/api-answers.ts';
import { checkShape } from '#tests/support/api-shape.ts';
import { inventory, inventoryRead } from '#tests/support/inventory.ts';
import type { Json, TestBackend } from '#tests/support/kanade.ts';
import { kanadeOfFile } from '#tests/support/kanade-of-file.ts';
import { raw } from '#tests/support/projection.ts';
import { enrolOff } from '#tests/support/registry.ts';
import { coverageOf, firesOf, putJob, putSchedule } from '#tests/support/schedules.ts';
import { until } from '#tests/support/until.ts';

const { kanade, nats } = await kanadeOfFile();
const call = (...request: Parameters<TestBackend['call']>) => kanade.backend.call(...request);
const get = async (path: string) => {
  const body = await kanade.backend.get(path);
  checkShape('GET', `/api/v1${path}`, body);
  return body;
};
const put = (group: string, query: string[], headers?: Record<string, string>) => call('PUT', `/groups/${group}`, { query }, headers);
const os = (pc: string, build: number) => inventory(nats, pc, 'os', { build });
const members = async (group: string, backend = kanade.backend) => (await backend.get(`/groups/${group}`)).members;
const areMembers = (group: string, ...pcs: string[]) =>
  until(`${pcs.join(', ')} are in ${group}`, async () => {
    const now = await members(group);
    return JSON.stringify(now) === JSON.stringify(pcs) || Promise.reject(new Error(`there are ${now}`));
  });
const submit = async (target: Json, more: Json = {}) => {
  const { status, body } = await call('POST', '/executions', { shell: 'sh', script: 'true', target, ...more });
  return status === 202 ? body.exec_id : [status, body.code, ...(body.errors ?? []).map((error: Json) => error.pointer)];
};
const pcsOf = async (exec: string) => (await kanade.backend.targets(exec)).map((row) => row.pc_id).sort();

beforeAll(async () => {
  await enrolOff(nats, ['NEW1', 'NEW2', 'OLD1', 'OLD2', 'SILENT'], kanade.backend);
  for (const [pc, build] of [
    ['NEW1', 26100],
    ['NEW2', 22631],
    ['OLD1', 19045],
    ['OLD2', 19044],
  ] as const)
    await os(pc, build);
  await inventory(nats, 'NEW1', 'software', [{ name: 'Google Chrome', version: '120' }]);
  await inventory(nats, 'NEW2', 'software', []);
  await inventoryRead(nats, kanade.backend);
});

test('a group is who its query means, and says so when it is made', async () => {
  const made = await call('PUT', '/groups/Win11', {
    query: ['os.build>=22000', '!software.name=Google Chrome'],
    description: 'without Chrome',
  });
  expect([made.status, made.body]).toEqual([
    201,
    {
      group: 'Win11',
      kind: 'dynamic',
      query: ['os.build>=22000', '!software.name=Google Chrome'],
      description: 'without Chrome',
      updated_at: expect.any(String),
      updated_by: 'admin',
      members: ['NEW2'],
      error: null,
      etag: made.headers.get('etag'),
    },
  ]);
  checkShape('PUT', '/api/v1/groups/Win11', made.body);
  const etag = made.headers.get('etag')!;
  const changed = await put('win11', ['os.build>=22000'], { 'if-match': etag });
  expect([changed.status, changed.body.members, changed.body.group]).toEqual([200, ['NEW1', 'NEW2'], 'win11']);
  expect((await put('WIN11', ['os.build>=1'], { 'if-match': etag })).body.code).toBe('precondition_failed');
  expect((await put('WIN11', ['os.build>=1'], { 'if-none-match': '*' })).body.code).toBe('precondition_failed');
  expect((await put('Nobody', ['os.build>99999'])).body.members).toEqual([]);
  expect((await get('/groups')).items).toEqual([
    { group: 'Nobody', kind: 'dynamic', members: 0, query: ['os.build>99999'], description: null, error: null },
    { group: 'win11', kind: 'dynamic', members: 2, query: ['os.build>=22000'], description: null, error: null },
  ]);
  // There is such a group, although nobody is in it.
  for (const list of ['/agents?', '/inventory/os?', '/inventory/search?os.build>1&'])
    expect((await get(`${list}group=nobody`)).items).toEqual([]);
  const one = await call('GET', '/groups/WIN11');
  expect([one.body, one.headers.get('etag')]).toEqual([changed.body, changed.headers.get('etag')]);
  const audited = await until('it is in the audit', async () =>
    (await kanade.backend.get('/audit?action=group_put')).items.find((e: Json) => e.after.query.length === 1),
  );
  expect(audited).toMatchObject({ target: expect.stringMatching(/^groups\//), result: expect.any(String) });
});

test('what is no query, and no group, is refused and named', async () => {
  const refused = async (method: string, path: string, body?: Json) => {
    const answer = await call(method, path, body);
    return [answer.status, answer.body.code, ...(answer.body.errors ?? []).map((error: Json) => error.pointer)];
  };
  expect(await refused('PUT', '/groups/x', { query: ['os.build>=1', 'nonsense', 'os build=1'] })).toEqual([
    422,
    'invalid_body',
    '/query/1',
    '/query/2',
  ]);
  expect(await refused('PUT', '/groups/x', { query: [] })).toEqual([422, 'invalid_body', '/query']);
  expect(await refused('PUT', '/groups/x', { query: 'os.build=1' })).toEqual([422, 'invalid_body', '/query']);
  expect(await refused('PUT', '/groups/x', { query: Array(21).fill('os.build=1') })).toEqual([422, 'invalid_body', '/query']);
  expect(await refused('PUT', '/groups/x', {})).toEqual([422, 'invalid_body', '/query']);
  expect(await refused('PUT', '/groups/a%20b', { query: ['os.build=1'] })).toEqual([422, 'invalid_id', '/group']);
  expect(await refused('GET', '/groups/x')).toEqual([404, 'not_found']);
  expect(await refused('DELETE', '/groups/x')).toEqual([404, 'not_found']);
});

test('a name is static or dynamic, not both, however it is spelt', async () => {
  expect((await call('PUT', '/agents/SILENT/groups', { groups: ['Lab'] })).status).toBe(200);
  expect(await get('/groups/LAB')).toMatchObject({ group: 'Lab', kind: 'static', members: ['SILENT'], query: null });
  expect((await put('lab', ['os.build>1'])).body).toMatchObject({ status: 409, code: 'group_kind' });
  expect((await call('DELETE', '/groups/lab')).body).toMatchObject({ status: 409, code: 'group_kind' });
  const { status, body } = await call('PUT', '/agents/SILENT/groups', { groups: ['Lab', 'WIN11'] });
  expect([status, body.code, body.errors[0].pointer]).toEqual([422, 'invalid_body', '/groups/1']);
  expect((await get('/groups')).items.map((one: Json) => [one.group, one.kind])).toEqual([
    ['Lab', 'static'],
    ['Nobody', 'dynamic'],
    ['win11', 'dynamic'],
  ]);
});

test('a PC enters when its inventory changes, leaves when it changes again, and is told with the group', async () => {
  await os('OLD1', 26100);
  await areMembers('win11', 'NEW1', 'NEW2', 'OLD1');
  expect((await get('/agents/OLD1')).groups).toEqual(['win11']);
  expect((await get('/agents/OLD1/groups')).groups).toEqual([]);
  expect((await get('/agents?group=WIN11')).items.map((one: Json) => one.pc_id)).toEqual(['NEW1', 'NEW2', 'OLD1']);
  await inventory(nats, 'OLD1', 'os', null, { faults: [{ source: 'Win32_OperatingSystem', code: 'timed_out', message: '' }] });
  await inventory(nats, 'NEW2', 'os', { build: 1 });
  await areMembers('win11', 'NEW1', 'OLD1');
  await os('OLD1', 19045);
  await os('NEW2', 22631);
  await areMembers('win11', 'NEW1', 'NEW2');
  expect((await get('/agents/OLD1')).groups).toEqual([]);
});

test('it is a target wherever a group is one', async () => {
  expect(await pcsOf(await submit({ groups: ['Win11'] }))).toEqual(['NEW1', 'NEW2']);
  expect(await pcsOf(await submit({ groups: ['Win11', 'lab'], pcs: ['OLD1'] }))).toEqual(['NEW1', 'NEW2', 'OLD1', 'SILENT']);
  expect(await submit({ groups: ['nobody'] })).toEqual([422, 'target_empty', '/target/groups/0']);
  const search = await get('/inventory/search?software.name=Google%20Chrome&group=WIN11');
  expect(search.items.map((one: Json) => one.pc_id)).toEqual(['NEW1']);
  expect((await get('/inventory/os?group=WIN11')).items.map((one: Json) => one.pc_id)).toEqual(['NEW1', 'NEW2']);
  const rollout = await call('POST', '/executions', {
    shell: 'sh',
    script: 'true',
    target: { all: true },
    rollout: { waves: [{ group: 'WIN11' }, '100%'] },
  });
  expect(rollout.status).toBe(202);
  expect(await pcsOf(rollout.body.exec_id)).toEqual(['NEW1', 'NEW2']);
  expect(await submit({ pcs: ['OLD1'] }, { rollout: { waves: [{ group: 'win11' }, '100%'] } })).toEqual([
    422,
    'target_empty',
    '/rollout/waves/0',
  ]);
});

test('a schedule means who is in it when it is due', async () => {
  await putJob(kanade, 'patch', 'true');
  await putSchedule(kanade, 'patch', { cron: '* * * * * *', target: { groups: ['win11'] } });
  const meantBy = async (fire: Json) => (await pcsOf(fire.exec_id)).join();
  await until('it fires at both', async () => {
    const [fire] = await firesOf(kanade, 'patch');
    return fire !== undefined && (await meantBy(fire)) === 'NEW1,NEW2';
  });
  expect(Object.keys(await coverageOf(kanade, 'patch'))).toEqual(['NEW1', 'NEW2']);
  await os('OLD2', 22000);
  await until('it fires at the third', async () => (await meantBy((await firesOf(kanade, 'patch'))[0])) === 'NEW1,NEW2,OLD2');
  expect(Object.keys(await coverageOf(kanade, 'patch'))).toEqual(['NEW1', 'NEW2', 'OLD2']);
  await call('POST', '/schedules/patch/disable');
  const run = await call('POST', '/schedules/patch/run-now');
  expect(await pcsOf(run.body.exec_id)).toEqual(['NEW1', 'NEW2', 'OLD2']);
  await os('OLD2', 19044);
  await areMembers('win11', 'NEW1', 'NEW2');
});

test('a PC that is enrolled after it has spoken is in it, and one that is retired is not, until it is back', async () => {
  await os('LATE', 26100);
  await inventoryRead(nats, kanade.backend);
  await enrolOff(nats, ['LATE'], kanade.backend);
  await areMembers('win11', 'LATE', 'NEW1', 'NEW2');
  expect((await call('DELETE', '/agents/LATE')).status).toBe(200);
  expect(await members('win11')).toEqual(['NEW1', 'NEW2']);
  expect(await submit({ groups: ['win11'], pcs: ['LATE'] })).toEqual([422, 'unknown_pc', '/target/pcs/0']);
  await os('LATE', 1);
  await inventoryRead(nats, kanade.backend);
  await os('LATE', 26200);
  await inventoryRead(nats, kanade.backend);
  await enrolOff(nats, ['LATE'], kanade.backend);
  await areMembers('win11', 'LATE', 'NEW1', 'NEW2');
  expect((await call('DELETE', '/agents/LATE')).status).toBe(200);
});

test('a definition that cannot be read keeps its own group from being a target, and no other', async () => {
  await put('broken', ['os.build>1']);
  await putSchedule(kanade, 'broken', { job_id: 'patch', when: { per_pc: 'once' }, tz: 'local', target: { groups: ['broken'] } });
  await raw(
    nats,
    '$KV.dynamic_groups.broken',
    encode({ group: 'broken', query: ['what?'], updated_at: new Date().toISOString(), updated_by: 'x' }),
  );
  await until('it is noticed', async () => (await call('GET', '/groups/broken')).body.code === 'group_corrupt');
  expect(await submit({ groups: ['broken'], pcs: ['NEW1'] })).toEqual([409, 'group_corrupt']);
  expect((await call('GET', '/agents?group=broken')).body.code).toBe('group_corrupt');
  expect((await call('GET', '/schedules/broken/coverage')).body.code).toBe('group_corrupt');
  expect((await get('/schedules?id=broken')).items[0]).toMatchObject({ next_at: null, error: expect.stringContaining('broken') });
  const row = (await get('/groups')).items.find(({ group }: Json) => group === 'broken');
  expect(row).toMatchObject({ kind: 'dynamic', members: null, query: null, error: expect.stringContaining('what?') });
  expect(await pcsOf(await submit({ groups: ['win11'] }))).toEqual(['NEW1', 'NEW2']);
  expect((await put('broken', ['os.build<22000'])).body).toMatchObject({ members: ['OLD1', 'OLD2'] });
  await call('DELETE', '/schedules/broken');
  const { status } = await call('DELETE', '/groups/BROKEN');
  expect([status, await submit({ groups: ['broken'] })]).toEqual([204, [422, 'target_empty', '/target/groups/0']]);
  await until(
    'it is in the audit',
    async () => (await kanade.backend.get('/audit?action=group_delete&target=groups/broken')).items[0]?.result === 'ok',
  );
});

test('while the inventory is read again nobody is told of a part of a group; then all backends say the same', async () => {
  const crowd = Array.from({ length: 200 }, (_, n) => `C${String(n).padStart(3, '0')}`);
  await enrolOff(nats, crowd, kanade.backend);
  await Promise.all(crowd.flatMap((pc) => Array.from({ length: 6 }, (_, n) => inventory(nats, pc, 'os', { build: 22000 + n }))));
  const all = [...crowd, 'NEW1', 'NEW2'];
  await areMembers('win11', ...all);
  const before = await get('/groups/win11');

  await kanade.backend.process.kill();
  for (const suffix of ['', '-wal', '-shm']) await rm(join(kanade.backend.dataDir, 'backend', `projection.db${suffix}`), { force: true });
  kanade.backend = await kanade.startBackend();
  const told = new Set<string>();
  await until('it is known who is in it', async () => {
    const { status, body } = await call('GET', '/inventory/os?group=win11&limit=500');
    const listed = await call('GET', '/agents?group=win11&limit=500');
    told.add(status === 200 ? 'searched' : body.code);
    told.add(listed.status === 200 ? `${listed.body.items.length}` : listed.body.code);
    return listed.status === 200;
  });
  expect([...told].filter((one) => one !== 'not_ready' && one !== 'searched')).toEqual([String(all.length)]);
  expect(await get('/groups/win11')).toEqual(before);

  await kanade.backend.process.kill();
  kanade.backend = await kanade.startBackend();
  await caughtUp(kanade.backend);
  expect(await get('/groups/win11')).toEqual(before);
  const second = await kanade.startBackend('two');
  await caughtUp(second);
  expect(await second.get('/groups/win11')).toEqual(before);
  await os('NEW1', 1);
  await put('other', ['os.build=1']);
  for (const backend of [kanade.backend, second]) {
    await until('both know who left and came', async () => {
      const known = (await backend.call('GET', '/groups/other')).body.members;
      return JSON.stringify([known, (await members('win11', backend)).length]) === JSON.stringify([['NEW1'], all.length - 1]);
    });
  }
  await kvDelete(nats, 'dynamic_groups', 'other');
  for (const backend of [kanade.backend, second])
    await until('both know that it is gone', async () => (await backend.call('GET', '/groups/other')).status === 404);
  await second.process.stop();
});
