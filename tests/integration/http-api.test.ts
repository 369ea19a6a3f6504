import { readFile, stat } from 'node:fs/promises';
import { request } from 'node:http';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { kvGet } from '#core/nats/direct-get.ts';
import { checkShape } from '#tests/support/api-shape.ts';
import type { Answer, Json } from '#tests/support/kanade.ts';
import { kanadeOfFile } from '#tests/support/kanade-of-file.ts';
import { until } from '#tests/support/until.ts';

const { kanade, nats } = await kanadeOfFile();

function call(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Answer> {
  return kanade.backend.call(method, path, body, headers);
}

/** The raw response, for what `call` does not show. */
function raw(path: string, init: RequestInit = {}): Promise<Response> {
  const headers = { authorization: `Bearer ${kanade.backend.token}`, ...init.headers };
  return fetch(`${kanade.backend.url}${path}`, { ...init, headers });
}

const script = 'echo hello';
const job = (id: string, more: object = {}) => ({ id, version: '1', execute: { shell: 'sh', script, timeout: '30s' }, ...more });

test('without a token that is known nothing is told but that one is needed', async () => {
  for (const authorization of ['', 'Bearer', 'Bearer kan_admin_x', `Bearer kan_admin_${'A'.repeat(43)}`, `Basic ${kanade.backend.token}`]) {
    const { status, body, headers } = await call('GET', '/agents', undefined, { authorization });
    expect(status).toBe(401);
    expect(body).toMatchObject({ code: 'unauthenticated', type: 'urn:kanade:error:unauthenticated', instance: '/api/v1/agents' });
    expect(headers.get('www-authenticate')).toMatch(/^Bearer/);
  }
});

test('the admin token is on disk once, for its owner only, and the broker knows only its hash', async () => {
  const file = join(kanade.backend.dataDir, 'admin.token');
  expect(await readFile(file, 'utf8')).toMatch(/^kan_admin_[A-Za-z0-9_-]{43}\n$/);
  if (process.platform !== 'win32') expect((await stat(file)).mode & 0o777).toBe(0o600);
});

test('health, readiness and metrics answer without a token', async () => {
  const health = await fetch(`${kanade.backend.url}/healthz`);
  expect(await health.json()).toEqual({ ok: true, open: true });
  const ready = await fetch(`${kanade.backend.url}/readyz`);
  const body: Json = await ready.json();
  expect(ready.status).toBe(200);
  checkShape('GET', '/readyz', body);
  expect(Object.keys(body.projectors).sort()).toEqual(['AUDIT', 'EVENTS', 'EXECUTIONS', 'INVENTORY', 'KV_completions', 'RESULTS']);
  expect(body.streams.find((stream: { name: string }) => stream.name === 'EXEC').max_bytes).toBeGreaterThan(0);
  const metrics = await (await fetch(`${kanade.backend.url}/metrics`)).text();
  for (const name of ['kanade_projector_lag{stream="RESULTS"}', 'kanade_agents{what="online"}', 'kanade_stream_bytes{stream="EXEC"}']) {
    expect(metrics).toContain(name);
  }
  expect(metrics).toContain('kanade_http_request_seconds_count{method="GET",route="/readyz",status="200"}');
});

test('every answer names its charset: Windows PowerShell 5.1 would read it as Latin-1 otherwise', async () => {
  const typeOf = async (path: string, headers?: Record<string, string>) => (await raw(path, { headers })).headers.get('content-type');
  expect(await typeOf('/api/v1/jobs')).toBe('application/json; charset=utf-8');
  expect(await typeOf('/nowhere')).toBe('application/problem+json; charset=utf-8');
  expect(await typeOf('/api/v1/jobs', { authorization: '' })).toBe('application/problem+json; charset=utf-8');
});

test('an address that is not there is 404, a method it does not take is 405 with those it takes', async () => {
  expect(await call('GET', '/nowhere')).toMatchObject({ status: 404, body: { code: 'not_found' } });
  const wrong = await call('PUT', '/jobs/x/revoke', {});
  expect(wrong).toMatchObject({ status: 405, body: { code: 'method_not_allowed' } });
  expect(wrong.headers.get('allow')).toBe('POST');
});

test('a request keeps the id it came with, and gets one when it came with none', async () => {
  const given = await call('GET', '/nowhere', undefined, { 'x-request-id': 'mine-1' });
  expect(given.headers.get('x-request-id')).toBe('mine-1');
  expect(given.body.request_id).toBe('mine-1');
  const made = await call('GET', '/nowhere', undefined, { 'x-request-id': 'not an id' });
  expect(made.headers.get('x-request-id')).toBe(made.body.request_id);
  expect(made.body.request_id).toMatch(/^[A-Za-z0-9_-]{8,}$/);
});

test('another Host than a loopback name is refused, which is what a rebound DNS name would send', async () => {
  const status = await new Promise<number | undefined>((resolve, reject) => {
    const url = new URL(`${kanade.backend.url}/healthz`);
    request(url, { headers: { host: 'evil.example' } }, (res) => resolve(res.resume().statusCode))
      .on('error', reject)
      .end();
  });
  expect(status).toBe(421);
});

test('what is not JSON, not UTF-8 or of another type is refused as what it is', async () => {
  const post = (body: string | Uint8Array<ArrayBuffer>, type: string) =>
    raw('/api/v1/executions', { method: 'POST', body, headers: { 'content-type': type } });
  expect((await post('{', 'application/json')).status).toBe(400);
  expect((await post(new Uint8Array([0x22, 0xff, 0x22]), 'application/json')).status).toBe(400);
  const form = await post('a=1', 'application/x-www-form-urlencoded');
  expect(form.status).toBe(415);
  expect(await form.json()).toMatchObject({ code: 'unsupported_media_type' });
  expect((await post('', 'application/json')).status).toBe(400);
});

test('unknown fields and parameters are refused by name, all faults at once', async () => {
  const body = { shell: 'bash', scirpt: 'x', target: { all: true, pc: 'A' }, args: ['\ud800'] };
  const surrogate = await call('POST', '/executions', body);
  expect(surrogate).toMatchObject({ status: 422, body: { errors: [{ pointer: '/args/0' }] } });
  const refused = await call('POST', '/executions', { ...body, args: [] });
  expect(refused).toMatchObject({ status: 422, body: { code: 'invalid_body' } });
  expect(refused.body.errors.map((fault: { pointer: string }) => fault.pointer).sort()).toEqual(['/scirpt', '/shell', '/target/pc']);
  const query = await call('GET', '/agents?limit=501&sort=colour&colour=red');
  expect(query).toMatchObject({ status: 422, body: { code: 'invalid_query' } });
  expect(query.body.errors.map((fault: { pointer: string }) => fault.pointer).sort()).toEqual(['/colour', '/limit', '/sort']);
  for (const [path, known] of [
    ['/events?kind=onlin', 'online, stopping'],
    ['/audit?action=job', 'job_put, job_delete'],
  ] as const) {
    const unknown = await call('GET', path);
    expect(unknown).toMatchObject({ status: 422, body: { code: 'invalid_query' } });
    expect(unknown.body.errors[0].message).toContain(known);
  }
  expect(await call('GET', '/agents?limit=1&limit=2')).toMatchObject({ status: 422 });
  for (const path of ['/agents/a%20b', '/executions/a.b', '/jobs/a%20b', '/results/a.b/stdout', '/dead-letters/x/retry']) {
    const method = path.endsWith('retry') ? 'POST' : 'GET';
    expect(await call(method, path)).toMatchObject({ status: 422, body: { code: 'invalid_id', errors: [{ code: 'invalid_id' }] } });
  }
  expect(await call('GET', '/agents?cursor=nonsense')).toMatchObject({ status: 422, body: { code: 'invalid_cursor' } });
});

test('a target that is nobody is refused, and so is an unknown PC by name', async () => {
  expect(await call('POST', '/executions', { shell: 'sh', script, target: { groups: ['none'] } })).toMatchObject({
    status: 422,
    body: { code: 'target_empty' },
  });
  const unknown = await call('POST', '/executions', { shell: 'sh', script, target: { pcs: ['ghost'] } });
  expect(unknown).toMatchObject({ status: 422, body: { code: 'unknown_pc' } });
  expect(unknown.body.detail).toContain('GHOST');
});

test('a body of 7 MB is read to its end and a longer one is 413', async () => {
  const long = (bytes: number) => call('POST', '/executions', `{"script":"${'x'.repeat(bytes)}"}`);
  expect((await long(6_900_000)).status).toBe(422);
  expect(await long(7_000_001)).toMatchObject({ status: 413, body: { code: 'body_too_large' } });
});

test('a job lives as JSON with an ETag that tells changes apart', async () => {
  const put = await call('PUT', '/jobs/tidy', job('tidy', { tags: ['disk'] }));
  expect(put.status).toBe(201);
  checkShape('PUT', '/api/v1/jobs/tidy', put.body);
  const etag = put.headers.get('etag')!;
  const got = await call('GET', '/jobs/tidy');
  expect(got.headers.get('etag')).toBe(etag);
  expect(got.body).toEqual(job('tidy', { tags: ['disk'] }));
  expect((await call('GET', '/jobs/tidy', undefined, { 'if-none-match': etag })).status).toBe(304);

  const second = await call('PUT', '/jobs/tidy', job('tidy', { version: '2' }), { 'if-match': etag });
  expect(second.status).toBe(200);
  expect(await call('PUT', '/jobs/tidy', job('tidy', { version: '3' }), { 'if-match': etag })).toMatchObject({
    status: 412,
    body: { code: 'precondition_failed' },
  });
  expect((await call('PUT', '/jobs/tidy', job('tidy'), { 'if-none-match': '*' })).status).toBe(412);
  expect((await call('GET', '/jobs/tidy')).body.version).toBe('2');
});

test('a job in YAML comes back as it was written, comments included, and as JSON', async () => {
  const yaml =
    '# nightly\nid: clean\nversion: 1.0.0\nexecute:\n  shell: sh\n  timeout: 5m # enough\n  script: |\n    echo "a"\n    echo b\n';
  const put = await call('PUT', '/jobs/clean', yaml, { 'content-type': 'application/yaml' });
  expect(put.status).toBe(201);
  const back = await raw('/api/v1/jobs/clean', { headers: { accept: 'application/yaml' } });
  expect(back.headers.get('content-type')).toBe('application/yaml; charset=utf-8');
  expect(await back.text()).toBe(yaml);
  expect((await call('GET', '/jobs/clean')).body.execute.script).toBe('echo "a"\necho b\n');
  const broken = await call('PUT', '/jobs/clean', 'id: clean\nid: twice\n', { 'content-type': 'application/yaml' });
  expect(broken).toMatchObject({ status: 400, body: { code: 'bad_request' } });
  expect(broken.body.detail).toContain('line 2');
});

test('the jobs are listed by id, page by page, without those that were deleted', async () => {
  for (const id of ['list-c', 'list-a', 'list-b', 'list-gone']) await call('PUT', `/jobs/${id}`, job(id, { description: `about ${id}` }));
  await call('POST', '/jobs/list-b/revoke', {});
  expect((await call('DELETE', '/jobs/list-gone')).status).toBeLessThan(300);
  const found: { id: string; status: string; description: string }[] = [];
  for (let cursor: string | null = ''; cursor !== null; ) {
    const { status, body } = await call('GET', `/jobs?limit=2${cursor && `&cursor=${cursor}`}`);
    expect(status).toBe(200);
    expect(body.items.length).toBeLessThanOrEqual(2);
    checkShape('GET', '/api/v1/jobs', body);
    found.push(...body.items);
    cursor = body.next;
  }
  const listed = found.filter((one) => one.id.startsWith('list-'));
  expect(listed.map((one) => one.id)).toEqual(['list-a', 'list-b', 'list-c']);
  expect(listed[1]).toMatchObject({ status: 'REVOKED', description: 'about list-b' });
});

test('a script is kept byte for byte, inline and in blobs, also as YAML made here', async () => {
  for (const [id, text] of [
    ['short', '\ufeffWrite-Host "ä"\r\n  trailing  \r\n# SIG # Begin\r\n\tend without newline'],
    ['long', `${'x'.repeat(5000)}\r\n\u0001 ${'é😀'.repeat(3000)}   \n\n`],
  ] as const) {
    expect((await call('PUT', `/jobs/${id}`, { ...job(id), execute: { shell: 'powershell', script: text, timeout: '1h' } })).status).toBe(
      201,
    );
    expect((await call('GET', `/jobs/${id}`)).body.execute.script).toBe(text);
    const yaml = await (await raw(`/api/v1/jobs/${id}`, { headers: { accept: 'application/yaml' } })).text();
    expect((await call('PUT', `/jobs/${id}`, yaml, { 'content-type': 'application/yaml' })).status).toBe(200);
    expect((await call('GET', `/jobs/${id}`)).body.execute.script).toBe(text);
  }
});

test('a script may be 1,000,000 bytes long and no longer, however JSON spells them', async () => {
  const put = (text: string) => call('PUT', '/jobs/huge', { ...job('huge'), execute: { shell: 'sh', script: text, timeout: '1h' } });
  const controls = '\u0001'.repeat(999_999);
  expect((await put(`x${controls}`)).status).toBe(201);
  expect((await call('GET', '/jobs/huge')).body.execute.script).toBe(`x${controls}`);
  expect(await put(`é${controls}`)).toMatchObject({ status: 413, body: { code: 'script_too_large' } });
});

test.each([
  ['an id that is not the address', job('other'), ['/id']],
  ['no script', { ...job('bad'), execute: { shell: 'sh', timeout: '1m' } }, ['/execute/script']],
  [
    'a time-out that is none, an unknown field, an unknown shell',
    { ...job('bad'), execute: { shell: 'bash', script, timeout: 'soon', retries: 3 } },
    ['/execute/retries', '/execute/shell', '/execute/timeout'],
  ],
  ['strict without an age', job('bad', { staleness: { mode: 'strict' } }), ['/staleness/max_cache_age']],
  [
    'sessions of no user',
    { ...job('bad'), execute: { shell: 'sh', script, timeout: '1m', run_as: 'system', sessions: 'all' } },
    ['/execute/sessions'],
  ],
  ['a version that is a number', job('bad', { version: 1 }), ['/version']],
  ['a NUL in its script', { ...job('bad'), execute: { shell: 'sh', script: 'a\0b', timeout: '1m' } }, ['/execute/script']],
])('a job with %s is refused with the place', async (_, body, pointers) => {
  const { status, body: problem } = await call('PUT', '/jobs/bad', body);
  expect(status).toBe(422);
  expect(problem.errors.map((fault: { pointer: string }) => fault.pointer).sort()).toEqual(pointers);
  for (const fault of problem.errors) expect(fault.code).toMatch(/^invalid_/);
});

test('a job that leaves out what it needs, or writes its version as YAML reads a number, is told so', async () => {
  const { body } = await call('PUT', '/jobs/bad', { version: '1', execute: { shell: 'sh', script } });
  expect(body).toMatchObject({
    code: 'invalid_body',
    errors: [
      { pointer: '/id', message: 'is missing', code: 'invalid_body' },
      { pointer: '/execute/timeout', message: 'is missing', code: 'invalid_body' },
    ],
  });
  const yaml = 'id: bad\nversion: 1.0\nexecute: { shell: sh, script: "true", timeout: 8d }\n';
  const answer = await call('PUT', '/jobs/bad', yaml, { 'content-type': 'application/yaml' });
  expect(answer.body.errors.map((fault: { message: string }) => fault.message)).toEqual([
    'expected a string, not the number 1: put it in quotes',
    'timeout "8d" is not within 1s to 7d',
  ]);
});

test('script_file is left to those who have the file, and ad-hoc is no job', async () => {
  const file = { ...job('filed'), execute: { shell: 'sh', script_file: './x.sh', timeout: '1m' } };
  expect(await call('PUT', '/jobs/filed', file)).toMatchObject({ status: 422, body: { code: 'script_file_not_inlined' } });
  expect(await call('PUT', '/jobs/ad-hoc', job('ad-hoc'))).toMatchObject({ status: 422, body: { errors: [{ pointer: '/id' }] } });
});

test('revoking holds over a new version and over deletion, until it is taken back', async () => {
  expect((await call('POST', '/jobs/gone/revoke')).status).toBe(404);
  await call('PUT', '/jobs/gone', job('gone'));
  expect((await call('POST', '/jobs/gone/revoke')).body).toEqual({ id: 'gone', status: 'REVOKED' });
  const again = await call('PUT', '/jobs/gone', job('gone', { version: '2' }));
  expect(again.headers.get('x-kanade-status')).toBe('REVOKED');
  expect((await call('POST', '/jobs/gone/unrevoke')).body).toEqual({ id: 'gone', status: 'ACTIVE' });
  expect((await call('DELETE', '/jobs/gone', undefined, { 'if-match': '"1"' })).status).toBe(412);
  expect((await call('GET', '/jobs/gone')).headers.get('x-kanade-status')).toBe('ACTIVE');
  expect((await call('DELETE', '/jobs/gone')).status).toBe(204);
  expect((await call('GET', '/jobs/gone')).status).toBe(404);
  expect((await call('PUT', '/jobs/gone', job('gone'))).headers.get('x-kanade-status')).toBe('REVOKED');
});

test('two who write a job at once leave the pin at the version that was stored', async () => {
  const put = (version: string) => call('PUT', '/jobs/raced', job('raced', { version }));
  const answers = await Promise.all(['a', 'b', 'c', 'd', 'e', 'f'].map(put));
  expect(answers.map((answer) => answer.status).filter((status) => status !== 412)).not.toEqual([]);
  const pin = await kvGet(nats, 'script_current', 'raced');
  expect(new TextDecoder().decode(pin?.value)).toBe((await call('GET', '/jobs/raced')).body.version);
});

test('every change is in the audit with who, what, before and after, and so is every change that was refused', async () => {
  await call('PUT', '/jobs/audited', job('audited'), { 'x-request-id': 'audit-1' });
  await call('PUT', '/jobs/audited', job('audited', { version: '2' }), { 'x-request-id': 'audit-2' });
  await call('PUT', '/jobs/audited', job('audited', { version: 3 }), { 'x-request-id': 'audit-3' });
  await call(
    'POST',
    '/executions',
    { shell: 'sh', script, target: { pcs: ['ghost'] }, env: { SECRET: 'hush' } },
    { 'x-request-id': 'audit-4' },
  );
  const entries = await until('the audit is projected', async () => {
    const page = await call('GET', '/audit?limit=4');
    checkShape('GET', '/api/v1/audit', page.body);
    return page.body.items[0]?.request_id === 'audit-4' && page.body.items;
  });
  expect(entries).toMatchObject([
    { action: 'execution_submit', result: 'unknown_pc', after: { env: ['SECRET'], script_bytes: 10 }, actor: 'admin', actor_kind: 'token' },
    { action: 'job_put', target: 'jobs/audited', result: 'invalid_body' },
    { action: 'job_put', target: 'jobs/audited', result: 'ok', before: { version: '1' }, after: { version: '2' }, source_ip: '127.0.0.1' },
    { action: 'job_put', target: 'jobs/audited', result: 'ok', after: { version: '1' } },
  ]);
  expect(JSON.stringify(entries)).not.toContain('hush');
  const mine = await call('GET', '/audit?target=jobs/audited&action=job_put&limit=2');
  expect(mine.body.items.map((entry: { request_id: string }) => entry.request_id)).toEqual(['audit-3', 'audit-2']);
  const rest = await call('GET', `/audit?target=jobs/audited&action=job_put&limit=2&cursor=${mine.body.next}`);
  expect(rest.body.items.map((entry: { request_id: string }) => entry.request_id)).toEqual(['audit-1']);
  expect(await call('GET', `/audit?limit=2&cursor=${mine.body.next}`)).toMatchObject({ status: 422, body: { code: 'invalid_cursor' } });
});
