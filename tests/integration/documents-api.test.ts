import { expect, test } from 'vitest';
import { kvPut } from '#core/nats/kv.ts';
import { checkShape } from '#tests/support/api-shape.ts';
import type { Answer, Json } from '#tests/support/kanade.ts';
import { kanadeOfFile } from '#tests/support/kanade-of-file.ts';
import { putJob } from '#tests/support/schedules.ts';
import { until } from '#tests/support/until.ts';

const { kanade, nats } = await kanadeOfFile();

const AS_YAML = { 'content-type': 'application/yaml' };

function call(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Answer> {
  return kanade.backend.call(method, path, body, headers);
}

async function check(kind: 'jobs' | 'schedules', body: unknown, headers?: Record<string, string>): Promise<Json> {
  const answer = await call('POST', `/${kind}/check`, body, headers);
  expect(answer.status).toBe(200);
  checkShape('POST', `/api/v1/${kind}/check`, answer.body);
  return answer.body;
}

const JOB = { id: 'tidy', version: '1', execute: { shell: 'sh', script: 'echo 1', timeout: '30s' } };
const NIGHTLY = { id: 'nightly', job_id: 'job', target: { all: true }, when: { calendar: { at: '03:00' } } };

test('a job is checked before it is there, and nothing is made of it', async () => {
  expect(await check('jobs', JOB)).toEqual({
    ...{ id: 'tidy', exists: false, etag: null, changed: true },
    differences: [
      { pointer: '/id', before: null, after: 'tidy' },
      { pointer: '/version', before: null, after: '1' },
      { pointer: '/execute/shell', before: null, after: 'sh' },
      { pointer: '/execute/script', before: null, after: 'echo 1' },
      { pointer: '/execute/timeout', before: null, after: '30s' },
    ],
  });
  expect((await call('GET', '/jobs/tidy')).status).toBe(404);
});

test('a check says what a PUT would change, and gives the ETag to change it by', async () => {
  const put = await call('PUT', '/jobs/tidy', JOB);
  expect(await check('jobs', JOB)).toEqual({ id: 'tidy', exists: true, etag: put.headers.get('etag'), changed: false, differences: [] });
  const next = { ...JOB, version: '2', tags: ['disk'] };
  const { etag, changed, differences } = await check('jobs', next);
  expect(changed).toBe(true);
  expect(differences).toEqual([
    { pointer: '/version', before: '1', after: '2' },
    { pointer: '/tags', before: null, after: ['disk'] },
  ]);
  expect((await call('PUT', '/jobs/tidy', next, { 'if-match': etag })).status).toBe(200);
  expect((await call('PUT', '/jobs/tidy', JOB, { 'if-match': etag })).status).toBe(412);
  await call('DELETE', '/jobs/tidy');
  expect(await check('jobs', JOB)).toMatchObject({ exists: false, etag: null });
});

test('another comment is a change of YAML, and none for who sends JSON', async () => {
  const yaml = '# one\nid: noted\nversion: "1"\nexecute: {shell: sh, script: echo 1, timeout: 30s}\n';
  await call('PUT', '/jobs/noted', yaml, AS_YAML);
  expect(await check('jobs', yaml, AS_YAML)).toMatchObject({ changed: false, differences: [] });
  expect(await check('jobs', `${yaml}\n \r\n`, AS_YAML)).toMatchObject({ changed: false, differences: [] });
  expect(await check('jobs', yaml.replace('one', 'two'), AS_YAML)).toMatchObject({ changed: true, differences: [] });
  expect(await check('jobs', { ...JOB, id: 'noted' })).toMatchObject({ changed: false, differences: [] });
  const long = `${yaml}#${'x'.repeat(70_000)}\n`;
  expect(await check('jobs', long, AS_YAML)).toMatchObject({ changed: false, differences: [] });
});

test('a check is refused as the PUT would be', async () => {
  const bad: [kind: string, body: unknown, headers?: Record<string, string>][] = [
    ['jobs', { ...JOB, id: 'bad', version: 1, execute: { shell: 'bash', script: 'x' } }],
    ['jobs', { ...JOB, id: 'bad', staleness: { mode: 'strict' } }],
    ['jobs', { ...JOB, id: 'bad', execute: { shell: 'sh', script: 'x'.repeat(1_000_001), timeout: '1m' } }],
    ['jobs', 'id: bad\nid: bad\n', AS_YAML],
    ['schedules', { ...NIGHTLY, id: 'bad', job_id: 'nojob', target: { groups: ['nobody'] }, when: { calendar: { at: '25:00' } } }],
    ['schedules', { ...NIGHTLY, id: 'bad', startingDeadline: '1h' }],
  ];
  for (const [kind, body, headers] of bad) {
    const put = await call('PUT', `/${kind}/bad`, body, headers);
    const checked = await call('POST', `/${kind}/check`, body, headers);
    expect(checked.status).toBeGreaterThanOrEqual(400);
    const told = ({ request_id: _, instance: _at, ...problem }: Json) => problem;
    expect(told(checked.body)).toEqual(told(put.body));
  }
});

test('a script that is in a file is named by its fault, and put in its place by who has it', async () => {
  const yaml = '# filed\nid: filed\nversion: "1"\nexecute:\n  shell: sh\n  script_file: sub/x.sh\n  timeout: 1m\n';
  const refused = await call('POST', '/jobs/check', yaml, AS_YAML);
  expect(refused).toMatchObject({ status: 422, body: { code: 'script_file_not_inlined' } });
  expect(refused.body.errors).toEqual([
    expect.objectContaining({ pointer: '/execute/script_file', code: 'script_file_not_inlined', value: 'sub/x.sh' }),
  ]);
  const inlined = await call('POST', '/jobs/inline', { document: yaml, type: 'application/yaml', script: 'echo 1\n' });
  expect(inlined.status).toBe(200);
  expect((await call('PUT', '/jobs/filed', inlined.body.document, AS_YAML)).status).toBe(201);
  expect((await call('GET', '/jobs/filed')).body.execute).toEqual({ shell: 'sh', script: 'echo 1\n', timeout: '1m' });
  expect((await call('GET', '/jobs/filed', undefined, { accept: 'application/yaml' })).body).toContain('# filed');
  const json = {
    document: JSON.stringify({ ...JOB, execute: { shell: 'sh', script_file: 'x', timeout: '1m' } }),
    type: 'application/json',
  };
  expect(JSON.parse((await call('POST', '/jobs/inline', { ...json, script: 'a' })).body.document).execute.script).toBe('a');
});

test('a schedule is checked against its job, what is stored, and what can be read of that', async () => {
  await putJob(kanade, 'job', 'true');
  // At once: the answer to the job has waited until the schedules know it.
  expect(await check('schedules', NIGHTLY)).toMatchObject({ exists: false, changed: true });
  const put = await call('PUT', '/schedules/nightly', NIGHTLY);
  expect(await check('schedules', { ...NIGHTLY, enabled: true })).toEqual({
    ...{ id: 'nightly', exists: true, etag: put.headers.get('etag'), changed: false },
    differences: [],
  });
  await call('POST', '/schedules/nightly/disable');
  expect((await check('schedules', { ...NIGHTLY, tz: 'Asia/Tokyo' })).differences).toEqual([
    { pointer: '/tz', before: null, after: 'Asia/Tokyo' },
    { pointer: '/enabled', before: false, after: null },
  ]);
  const revision = await kvPut(nats, 'schedules', 'nightly', new TextEncoder().encode('{'));
  expect(await check('schedules', NIGHTLY)).toMatchObject({ exists: true, etag: `"${revision}"`, changed: true });
  await call('DELETE', '/schedules/nightly');
});

test('a list shows what was put, changed and deleted the moment before', async () => {
  const ids = async (path: string) => (await kanade.backend.get(path)).items.map((one: Json) => one.id);
  for (let round = 0; round < 5; round++) {
    await call('PUT', '/schedules/quick', { ...NIGHTLY, id: 'quick' });
    expect(await ids('/schedules?id=quick')).toEqual(['quick']);
    await call('POST', '/schedules/quick/disable');
    expect((await kanade.backend.get('/schedules?id=quick')).items).toMatchObject([{ enabled: false }]);
    await call('DELETE', '/schedules/quick');
    expect(await ids('/schedules?id=quick')).toEqual([]);
    await call('PUT', '/freeze', { reason: `round ${round}` });
    expect(await kanade.backend.get('/freeze')).toMatchObject({ frozen: true, reason: `round ${round}` });
    await call('DELETE', '/freeze');
    expect(await kanade.backend.get('/freeze')).toMatchObject({ frozen: false });
  }
});

test('a list has the documents when they are asked for, each as it is alone', async () => {
  for (const id of ['list-a', 'list-b', 'list-c']) await call('PUT', `/jobs/${id}`, { ...JOB, id });
  await call('PUT', '/jobs/list-b', { ...JOB, id: 'list-b', execute: { ...JOB.execute, script: 'x'.repeat(5000) } });
  const found: Json[] = [];
  for (let cursor = ''; ; ) {
    const page = await kanade.backend.get(`/jobs?documents=true&limit=2${cursor}`);
    checkShape('GET', '/api/v1/jobs', page);
    found.push(...page.items);
    if (page.next === null) break;
    cursor = `&cursor=${page.next}`;
  }
  expect(found.map(({ id }) => id)).toEqual(expect.arrayContaining(['list-a', 'list-b', 'list-c']));
  for (const { id, etag, document, status } of found) {
    const alone = await call('GET', `/jobs/${id}`);
    expect({ etag, document, status }).toEqual({
      etag: alone.headers.get('etag'),
      document: alone.body,
      status: alone.headers.get('x-kanade-status'),
    });
  }
  expect((await kanade.backend.get('/jobs?id=list-b&documents=true')).items).toMatchObject([{ id: 'list-b', document: { id: 'list-b' } }]);
  expect((await kanade.backend.get('/jobs?id=list-b')).items[0]).not.toHaveProperty('document');
  expect((await kanade.backend.get('/jobs?id=no-such')).items).toEqual([]);

  await call('PUT', '/schedules/whole', { ...NIGHTLY, id: 'whole' });
  await kvPut(nats, 'schedules', 'torn', new TextEncoder().encode('{'));
  await until('it is noticed', async () => (await kanade.backend.get('/schedules?id=torn')).items.length === 1);
  const schedules = await kanade.backend.get('/schedules?documents=true');
  checkShape('GET', '/api/v1/schedules', schedules);
  const whole = schedules.items.find((one: Json) => one.id === 'whole');
  expect(whole).toMatchObject({ document: { ...NIGHTLY, id: 'whole' }, etag: expect.stringMatching(/^"\d+"$/), enabled: true });
  expect(schedules.items.find((one: Json) => one.id === 'torn')).not.toHaveProperty('document');
});

test('scripts end a page of documents before it becomes too long', async () => {
  const script = 'x'.repeat(999_999);
  for (let n = 0; n < 6; n++) {
    const { status } = await call('PUT', `/jobs/zz-${n}`, { ...JOB, id: `zz-${n}`, execute: { ...JOB.execute, script } });
    expect(status).toBe(201);
  }
  const ids: string[] = [];
  let pages = 0;
  for (let cursor = ''; ; ) {
    const page = await kanade.backend.get(`/jobs?documents=true&limit=500${cursor}`);
    pages++;
    ids.push(...page.items.map((one: Json) => one.id));
    if (page.next === null) break;
    cursor = `&cursor=${page.next}`;
  }
  expect(ids.filter((id) => id.startsWith('zz-'))).toHaveLength(6);
  expect(new Set(ids).size).toBe(ids.length);
  expect(pages).toBeGreaterThan(1);
});

test('YAML names its charset, of a schedule as of a job', async () => {
  await call(
    'PUT',
    '/schedules/umlaut',
    'id: umlaut # Müller\njob_id: job\ntarget: {all: true}\nwhen: {calendar: {at: "03:00"}}\n',
    AS_YAML,
  );
  for (const path of ['/schedules/umlaut', '/jobs/job']) {
    const { headers } = await call('GET', path, undefined, { accept: 'application/yaml' });
    expect(headers.get('content-type')).toBe('application/yaml; charset=utf-8');
    const etag = headers.get('etag')!;
    expect((await call('GET', path, undefined, { accept: 'application/yaml', 'if-none-match': etag })).status).toBe(304);
  }
});

test('events and the audit can be asked for since a time', async () => {
  await call('PUT', '/jobs/since', JOB, { 'x-request-id': 'since-1' });
  const first = await until('the first is there', async () => {
    const { items } = await kanade.backend.get('/audit?target=jobs/since');
    return items[0];
  });
  const later = new Date(Date.parse(first.recorded_at) + 1).toISOString();
  await until('another is later', async () => {
    await call('DELETE', '/jobs/since');
    return (await kanade.backend.get(`/audit?target=jobs/since&since=${later}`)).items.length > 0;
  });
  const since = (await kanade.backend.get(`/audit?target=jobs/since&since=${later}`)).items;
  expect(since.every((one: Json) => one.action === 'job_delete')).toBe(true);
  const all = (await kanade.backend.get(`/audit?target=jobs/since&since=${first.recorded_at}`)).items;
  expect(all.at(-1).request_id).toBe('since-1');
  expect((await kanade.backend.get(`/events?since=${new Date(Date.now() + 3_600_000).toISOString()}`)).items).toEqual([]);
  expect((await call('GET', '/events?since=yesterday')).body).toMatchObject({ code: 'invalid_query', errors: [{ pointer: '/since' }] });
});
