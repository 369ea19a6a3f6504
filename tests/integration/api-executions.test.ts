import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { checkShape } from '#tests/support/api-shape.ts';
import type { Answer, Json } from '#tests/support/kanade.ts';
import { kanadeOfFile } from '#tests/support/kanade-of-file.ts';

const { kanade } = await kanadeOfFile();

beforeAll(async () => {
  await kanade.readyAgent('pc1');
});

const PC1 = { pcs: ['PC1'] };
const sh = (more: object = {}) => ({ shell: 'sh', script: 'true', target: PC1, ...more });

function post(body: unknown, headers?: Record<string, string>): Promise<Answer> {
  return kanade.backend.call('POST', '/executions', body, headers);
}

const putJob = (id: string, more: object = {}, execute: object = {}) =>
  kanade.backend.call('PUT', `/jobs/${id}`, {
    id,
    version: '1',
    execute: { shell: 'sh', script: 'true', timeout: '1m', ...execute },
    ...more,
  });

test.each([
  ['nobody at all', sh({ target: {} }), 'target_empty', ['/target']],
  ['no PC of an empty list', sh({ target: { pcs: [] } }), 'target_empty', ['/target']],
  ['all: false', sh({ target: { all: false } }), 'target_empty', ['/target']],
  [
    'everybody and names as well',
    sh({ target: { all: true, groups: ['nobody'], pcs: ['PC1'] } }),
    'invalid_body',
    ['/target/groups', '/target/pcs'],
  ],
  ['a group without members', sh({ target: { groups: ['nobody'] } }), 'target_empty', ['/target/groups/0']],
  [
    'an unknown PC beside a known one',
    sh({ target: { pcs: ['pc1', 'ghost', 'PHANTOM'] } }),
    'unknown_pc',
    ['/target/pcs/1', '/target/pcs/2'],
  ],
  ['a PC whose name is none', sh({ target: { pcs: ['pc 1'] } }), 'invalid_id', ['/target/pcs/0']],
  ['a group whose name is none', sh({ target: { groups: ['a.b'] } }), 'invalid_id', ['/target/groups/0']],
  ['no target', { shell: 'sh', script: 'true' }, 'invalid_body', ['/target']],
  ['parameters for sh', sh({ params: { a: 1 } }), 'params_unsupported', ['/params']],
  ['parameters for cmd', sh({ shell: 'cmd', params: { a: 1 } }), 'params_unsupported', ['/params']],
  ['arguments for cmd', sh({ shell: 'cmd', args: ['a'] }), 'args_unsupported', ['/args']],
  ['a list as an argument of sh', sh({ args: ['a', ['b']] }), 'args_unsupported', ['/args/1']],
  ['null as an argument of sh', sh({ args: [null] }), 'args_unsupported', ['/args/0']],
  ['a NUL in an argument of sh', sh({ args: ['a\0b'] }), 'args_unsupported', ['/args/0']],
  ['expires_in of 0 s', sh({ expires_in: '0s' }), 'invalid_duration', ['/expires_in']],
  ['expires_in of 999 ms', sh({ expires_in: '999ms' }), 'invalid_duration', ['/expires_in']],
  ['expires_in of 7 d and 1 s', sh({ expires_in: '7d1s' }), 'invalid_duration', ['/expires_in']],
  ['expires_in that is a number', sh({ expires_in: '60' }), 'invalid_duration', ['/expires_in']],
  ['a time-out of 7 d and 1 s', sh({ timeout: '7d1s' }), 'invalid_duration', ['/timeout']],
  ['a time-out of 0 s', sh({ timeout: '0s' }), 'invalid_duration', ['/timeout']],
  ['a negative jitter', sh({ jitter: '-5s' }), 'invalid_duration', ['/jitter']],
  [
    'durations wrong in three places',
    sh({ timeout: 'x', expires_in: '8d', jitter: '1 s' }),
    'invalid_duration',
    ['/expires_in', '/jitter', '/timeout'],
  ],
  ['an unknown shell', sh({ shell: 'bash' }), 'invalid_body', ['/shell']],
  ['a NUL in the script', sh({ script: 'a\0b' }), 'invalid_body', ['/script']],
  ['no shell', { script: 'true', target: PC1 }, 'invalid_body', ['/shell']],
  ['no script', { shell: 'sh', target: PC1 }, 'invalid_body', ['/script']],
  ['a script and a job', sh({ job_id: 'job1' }), 'invalid_body', ['/script', '/shell']],
  ['an unknown job', { job_id: 'nothing', target: PC1 }, 'unknown_job', ['/job_id']],
  ['unknown fields', sh({ scirpt: '', target: { pcs: ['PC1'], pc: 'x' } }), 'invalid_body', ['/scirpt', '/target/pc']],
  ['run_as that is nobody', sh({ run_as: 'root' }), 'invalid_body', ['/run_as']],
  ['sessions of no user', sh({ sessions: 'all' }), 'invalid_body', ['/sessions']],
  ['an exit code that is none', sh({ success_exit_codes: [0, -1] }), 'invalid_body', ['/success_exit_codes/1']],
  ['no exit codes', sh({ success_exit_codes: [] }), 'invalid_body', ['/success_exit_codes']],
  ["the agent's own environment", sh({ env: { KANADE_NATS: 'x' } }), 'invalid_body', ['/env/KANADE_NATS']],
  ['environment that is no name', sh({ env: { 'a=b': 'x' } }), 'invalid_body', ['/env/a=b']],
])('%s is refused', async (_, body, code, pointers) => {
  await putJob('job1');
  const answer = await post(body);
  expect(answer).toMatchObject({ status: 422, body: { code, type: `urn:kanade:error:${code}` } });
  expect(answer.headers.get('content-type')).toMatch(/^application\/problem\+json/);
  expect(answer.body.errors.map(({ pointer }: { pointer: string }) => pointer).sort()).toEqual(pointers);
});

test('arguments and environment too long for one message are refused as that', async () => {
  for (const more of [{ args: ['x'.repeat(200_000)] }, { env: { LONG: '\u0001'.repeat(30_000) } }]) {
    expect(await post(sh(more))).toMatchObject({ status: 413, body: { code: 'command_too_large' } });
  }
});

test('nothing that was refused is an execution', async () => {
  const before = (await kanade.backend.get('/executions?limit=500')).items.length;
  await post(sh({ target: { pcs: ['ghost'] } }));
  await post(sh({ expires_in: '8d' }));
  const exec = await kanade.backend.submit({ script: 'true', target: PC1 });
  const { items } = await kanade.backend.get('/executions?limit=500');
  expect(items).toHaveLength(before + 1);
  expect(items[0].exec_id).toBe(exec);
});

test('what is not said has its default: an hour, seven days, system, the usual exit codes', async () => {
  const { body, status, headers } = await post(sh());
  expect(status).toBe(202);
  expect(headers.get('location')).toBe(`/api/v1/executions/${body.exec_id}`);
  const execution = await kanade.backend.get(`/executions/${body.exec_id}`);
  checkShape('GET', `/api/v1/executions/${body.exec_id}`, execution);
  const { command } = execution;
  expect(command).toMatchObject({ timeout_secs: 3600, run_as: 'system', success_exit_codes: [0, 3010, 1641], id: 'ad-hoc' });
  expect(Date.parse(command.expires_at) - Date.parse(command.issued_at)).toBe(7 * 86_400_000);
  expect(execution).toMatchObject({
    expires_at: command.expires_at,
    job_id: null,
    actor: 'admin',
    target: PC1,
    target_count: 1,
    broadcast: false,
    shell: 'sh',
    script_preview: 'true',
  });
});

test('a list shows what was run: the shell and the first line of the script, unless that is too long to travel along', async () => {
  const short = (await post(sh({ script: '\n# tidy up\nexit 0' }))).body.exec_id;
  const long = (await post(sh({ script: `# long\n${'#'.repeat(5000)}` }))).body.exec_id;
  const { items } = await kanade.backend.get('/executions?limit=2');
  checkShape('GET', '/api/v1/executions', { items, next: null });
  expect(items.map((item: Json) => [item.exec_id, item.shell, item.script_preview])).toEqual([
    [long, 'sh', null],
    [short, 'sh', '# tidy up'],
  ]);
});

test('the longest and the shortest that may be asked for are taken', async () => {
  for (const more of [
    { timeout: '7d', expires_in: '7d', jitter: '0s' },
    { timeout: '1s', expires_in: '6d23h59m60s' },
    { expires_in: '1s' },
  ]) {
    expect(await post(sh(more))).toMatchObject({ status: 202 });
  }
});

test('202 is followed by all there is to read, at once', async () => {
  await kanade.offAgent('off1');
  for (let i = 0; i < 10; i++) {
    const { body } = await post(sh({ target: { pcs: ['OFF1', 'pc1', 'off1'] } }));
    expect(await kanade.backend.get(`/executions/${body.exec_id}`)).toMatchObject({ status: 'running', target_count: 2 });
    expect((await kanade.backend.targets(body.exec_id)).map((row) => row.pc_id)).toEqual(['OFF1', 'PC1']);
    expect((await kanade.backend.get('/agents/off1/queue')).items.at(-1)).toMatchObject({ exec_id: body.exec_id, state: 'queued' });
    expect((await kanade.backend.get('/executions?limit=1')).items[0].exec_id).toBe(body.exec_id);
  }
});

test('the same key is the same execution at any backend, also when the target means others by now', async () => {
  const second = await kanade.startBackend('two');
  const key = { 'idempotency-key': randomUUID() };
  const file = join(kanade.dir, 'idempotent');
  const body = { shell: 'sh', script: `mkdir '${file}'`, target: { groups: ['keyed'] }, timeout: '30s' };
  expect((await kanade.backend.call('PUT', '/agents/pc1/groups', { groups: ['keyed'] })).status).toBe(200);
  const first = await post(body, key);
  expect(first.status).toBe(202);
  await kanade.backend.call('PUT', '/agents/pc1/groups', { groups: [] });
  const reordered = { timeout: '30s', target: { groups: ['keyed'] }, script: `mkdir '${file}'`, shell: 'sh' };
  for (const answer of [await post(body, key), await second.call('POST', '/executions', reordered, key)]) {
    expect(answer).toMatchObject({ status: 202, body: first.body });
  }
  expect(await second.call('POST', '/executions', { ...body, timeout: '31s' }, key)).toMatchObject({
    status: 422,
    body: { code: 'idempotency_key_reused' },
  });
  expect(await kanade.backend.inState(first.body.exec_id, 'pc1', 'succeeded')).toMatchObject({ exit_code: 0 });
  await second.process.stop();
});

test('a job that is revoked while it waits is skipped, and runs again once that is taken back', async () => {
  await kanade.offAgent('off2');
  await putJob('job2', {}, { script: `echo ran >> '${join(kanade.dir, 'job2')}'` });
  const submit = () => post({ job_id: 'job2', target: { pcs: ['OFF2'] } });
  const queued = (await submit()).body.exec_id;
  expect((await kanade.backend.call('POST', '/jobs/job2/revoke')).body).toEqual({ id: 'job2', status: 'REVOKED' });
  const revoked = await submit();
  expect(revoked).toMatchObject({ status: 409, body: { code: 'job_revoked' } });
  expect(revoked.body.detail).toContain('Grant-KanadeJob -JobId job2 allows it again, or POST /jobs/job2/unrevoke');
  const agent = await kanade.readyAgent('off2');
  expect(await kanade.backend.inState(queued, 'off2', 'skipped')).toMatchObject({ reason: 'revoked', exit_code: null });
  expect(existsSync(join(kanade.dir, 'job2'))).toBe(false);
  expect((await kanade.backend.call('POST', '/jobs/job2/unrevoke')).body).toEqual({ id: 'job2', status: 'ACTIVE' });
  const again = (await submit()).body.exec_id;
  expect(await kanade.backend.inState(again, 'off2', 'succeeded')).toMatchObject({ exit_code: 0 });
  await agent.stop();
});

test('a job whose version changed, or that was deleted, while it waits is skipped', async () => {
  await kanade.offAgent('off3');
  await putJob('job3');
  await putJob('job4');
  await putJob('job5', { staleness: { mode: 'unchecked' } });
  const waiting: Record<string, string> = {};
  for (const id of ['job3', 'job4', 'job5']) waiting[id] = (await post({ job_id: id, target: { pcs: ['OFF3'] } })).body.exec_id;
  await putJob('job3', { version: '2' });
  await kanade.backend.call('DELETE', '/jobs/job4');
  await putJob('job5', { version: '2', staleness: { mode: 'unchecked' } });
  const agent = await kanade.readyAgent('off3');
  expect(await kanade.backend.inState(waiting.job3!, 'off3', 'skipped')).toMatchObject({ reason: 'version_changed' });
  expect(await kanade.backend.inState(waiting.job4!, 'off3', 'skipped')).toMatchObject({ reason: 'revoked' });
  expect(await kanade.backend.inState(waiting.job5!, 'off3', 'succeeded')).toMatchObject({ reason: null });
  const fresh = (await post({ job_id: 'job3', target: { pcs: ['OFF3'] } })).body.exec_id;
  const row = await kanade.backend.inState(fresh, 'off3', 'succeeded');
  expect(await kanade.backend.get(`/results/${row.result_id}`)).toMatchObject({ manifest_id: 'job3', version: '2' });
  // A PC that remembers which version may run does not skip the next one for it.
  await putJob('job3', { version: '3' });
  const newest = (await post({ job_id: 'job3', target: { pcs: ['OFF3'] } })).body.exec_id;
  await kanade.backend.inState(newest, 'off3', 'succeeded');
  await agent.stop();
});

test("a job brings what it says, and takes from the request what is the request's", async () => {
  await putJob('job6', {}, { script: 'echo "$1 $GREETING"; exit 7', timeout: '30s', success_exit_codes: [7] });
  const { body } = await post({ job_id: 'job6', target: PC1, args: ['hi'], env: { GREETING: 'there' }, expires_in: '1h', timeout: '45s' });
  const row = await kanade.backend.inState(body.exec_id, 'pc1', 'succeeded');
  expect(await kanade.backend.get(`/results/${row.result_id}`)).toMatchObject({ stdout: 'hi there\n', exit_code: 7 });
  expect((await kanade.backend.get(`/executions/${body.exec_id}`)).command).toMatchObject({ id: 'job6', timeout_secs: 45 });
  for (const field of [{ run_as: 'system' }, { cwd: '/' }, { success_exit_codes: [1] }]) {
    expect(await post({ job_id: 'job6', target: PC1, ...field })).toMatchObject({ status: 422, body: { code: 'invalid_body' } });
  }
  expect(await post({ job_id: 'job6', target: PC1, params: { a: 1 } })).toMatchObject({ body: { code: 'params_unsupported' } });
});

test('executions are found by job, who sent them, state and time, newest first, page by page', async () => {
  await kanade.offAgent('off4');
  await putJob('listed');
  const since = new Date().toISOString();
  const execs: string[] = [];
  for (let i = 0; i < 5; i++) execs.unshift((await post({ job_id: 'listed', target: { pcs: i === 2 ? ['OFF4'] : ['PC1'] } })).body.exec_id);
  for (const exec of execs.filter((_, i) => i !== 2)) await kanade.backend.inState(exec, 'pc1', 'succeeded');
  const ids = async (query: string) => (await kanade.backend.get(`/executions?${query}`)).items.map((item: Json) => item.exec_id);
  expect(await ids('job_id=listed')).toEqual(execs);
  expect(await ids('job_id=listed&state=queued')).toEqual([execs[2]]);
  expect(await ids('job_id=listed&state=succeeded')).toEqual(execs.toSpliced(2, 1));
  expect(await ids(`job_id=listed&since=${since}&actor=admin`)).toEqual(execs);
  expect(await ids('job_id=listed&actor=somebody')).toEqual([]);
  expect(await ids(`since=${new Date(Date.now() + 3_600_000).toISOString()}`)).toEqual([]);
  const paged: string[] = [];
  let cursor = '';
  do {
    const page = await kanade.backend.get(`/executions?job_id=listed&limit=2${cursor && `&cursor=${cursor}`}`);
    checkShape('GET', '/api/v1/executions', page);
    paged.push(...page.items.map((item: Json) => item.exec_id));
    cursor = page.next ?? '';
  } while (cursor !== '');
  expect(paged).toEqual(execs);
  expect(await kanade.backend.call('GET', '/executions?state=finished')).toMatchObject({ status: 422, body: { code: 'invalid_query' } });
});

test('targets are listed page by page and by state', async () => {
  const execId = (await post(sh({ target: { pcs: ['off1', 'off2', 'off3', 'off4', 'pc1'] } }))).body.exec_id;
  await kanade.backend.inState(execId, 'pc1', 'succeeded');
  const first = await kanade.backend.get(`/executions/${execId}/targets?limit=3`);
  const rest = await kanade.backend.get(`/executions/${execId}/targets?limit=3&cursor=${first.next}`);
  expect([...first.items, ...rest.items].map((row: Json) => row.pc_id)).toEqual(['OFF1', 'OFF2', 'OFF3', 'OFF4', 'PC1']);
  expect(rest.next).toBeNull();
  const queued = await kanade.backend.get(`/executions/${execId}/targets?state=queued,running`);
  expect(queued.items.map((row: Json) => row.pc_id)).toEqual(['OFF1', 'OFF2', 'OFF3', 'OFF4']);
  const two = await kanade.backend.get(`/executions/${execId}/targets?pc=off2,Off4,pc1&state=queued`);
  expect(two).toMatchObject({ items: [{ pc_id: 'OFF2' }, { pc_id: 'OFF4' }], next: null });
  const many = Array.from({ length: 101 }, (_, i) => `pc${i}`).join();
  for (const pc of ['', 'a b', many]) expect((await kanade.backend.call('GET', `/executions/${execId}/targets?pc=${pc}`)).status).toBe(422);
  expect(await kanade.backend.get(`/executions/${execId}/targets?pc=other`)).toEqual({ items: [], next: null });
});

test('targets are listed with what they wrote, where that is short', async () => {
  const outputs = async (script: string) => {
    const execId = (await post(sh({ script, target: { pcs: ['off1', 'pc1'] } }))).body.exec_id;
    await kanade.backend.inState(execId, 'pc1', 'succeeded');
    const { items } = await kanade.backend.get(`/executions/${execId}/targets?output=true`);
    checkShape('GET', `/api/v1/executions/${execId}/targets`, { items, next: null });
    return items.map((row: Json) => [row.pc_id, row.stdout, row.stderr]);
  };
  const off = ['OFF1', null, null];
  expect(await outputs('echo hello; echo oh >&2')).toEqual([off, ['PC1', 'hello\n', 'oh\n']]);
  expect(await outputs('true')).toEqual([off, ['PC1', '', '']]);
  expect(await outputs('head -c 20000 /dev/zero | tr "\\0" x')).toEqual([off, ['PC1', null, null]]);
  expect(await outputs('head -c 900000 /dev/zero | tr "\\0" x')).toEqual([off, ['PC1', null, null]]);
  const { items } = await kanade.backend.get(`/executions/${(await post(sh({ target: { pcs: ['off1'] } }))).body.exec_id}/targets`);
  expect(items[0]).not.toHaveProperty('stdout');
});

test('cancelling takes the PCs that are named, or all that is left, and names who is none', async () => {
  const execId = (await post(sh({ target: { pcs: ['off1', 'off2', 'off3'] } }))).body.exec_id;
  const cancel = (body?: unknown) => kanade.backend.call('POST', `/executions/${execId}/cancel`, body);
  expect(await cancel({ pcs: ['off1', 'PC1'] })).toMatchObject({ status: 422, body: { code: 'unknown_pc' } });
  expect(await cancel({ pc: ['off1'] })).toMatchObject({ status: 422, body: { errors: [{ pointer: '/pc' }] } });
  expect(await cancel({ pcs: ['Off1'] })).toMatchObject({ status: 200, body: { cancelled: 1 } });
  expect((await kanade.backend.targets(execId)).map((row) => row.state)).toEqual(['cancelled', 'queued', 'queued']);
  expect(await cancel()).toMatchObject({ status: 200, body: { cancelled: 2 } });
  expect(await kanade.backend.get(`/executions/${execId}`)).toMatchObject({
    status: 'done',
    counts: { cancelled: 3 },
    cancelled: { actor: 'admin' },
  });
  expect(await cancel()).toMatchObject({ status: 200, body: { cancelled: 0 } });
  expect(await kanade.backend.call('POST', '/executions/none/cancel')).toMatchObject({ status: 404 });
});

test('a rerun goes to the PCs in those states, and is one execution under one key', async () => {
  const execId = (await post(sh({ script: 'exit 4', args: ['x'], timeout: '20s', expires_in: '2h', target: { pcs: ['off1', 'pc1'] } })))
    .body.exec_id;
  await kanade.backend.inState(execId, 'pc1', 'failed');
  const rerun = (states: unknown, headers?: Record<string, string>) =>
    kanade.backend.call('POST', `/executions/${execId}/rerun`, { states }, headers);
  for (const states of [[], ['done'], undefined])
    expect(await rerun(states)).toMatchObject({ status: 422, body: { code: 'invalid_body' } });
  expect(await rerun(['succeeded', 'lost'])).toMatchObject({ status: 422, body: { code: 'target_empty' } });
  const key = { 'idempotency-key': randomUUID() };
  const first = await rerun(['failed', 'queued'], key);
  expect(first).toMatchObject({ status: 202 });
  expect(await rerun(['queued', 'failed'], key)).toMatchObject({ status: 202, body: first.body });
  expect(await rerun(['failed'], key)).toMatchObject({ status: 422, body: { code: 'idempotency_key_reused' } });
  const again = await kanade.backend.get(`/executions/${first.body.exec_id}`);
  expect(again).toMatchObject({ rerun_of: execId, target_count: 2, command: { script: 'exit 4', args: ['x'], timeout_secs: 20 } });
  expect(Date.parse(again.expires_at) - Date.parse(again.submitted_at)).toBe(2 * 3_600_000);
  await kanade.backend.inState(first.body.exec_id, 'pc1', 'failed');
  expect(await kanade.backend.call('POST', '/executions/none/rerun', { states: ['failed'] })).toMatchObject({ status: 404 });
});

test('a job that is revoked is not run again by a rerun of what ran before', async () => {
  await putJob('job7', {}, { script: 'exit 1' });
  const execId = (await post({ job_id: 'job7', target: PC1 })).body.exec_id;
  await kanade.backend.inState(execId, 'pc1', 'failed');
  await kanade.backend.call('POST', '/jobs/job7/revoke');
  expect(await kanade.backend.call('POST', `/executions/${execId}/rerun`, { states: ['failed'] })).toMatchObject({
    status: 409,
    body: { code: 'job_revoked' },
  });
});
