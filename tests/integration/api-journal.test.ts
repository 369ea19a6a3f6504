import { readFileSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import { beforeAll, expect, test } from 'vitest';
import { putBlob } from '#backend/blobs/blobs.ts';
import { encode } from '#core/contract/codec.ts';
import { sha256 } from '#core/contract/ids.ts';
import { subjects } from '#core/contract/subjects.ts';
import { checkShape } from '#tests/support/api-shape.ts';
import type { Answer, Json } from '#tests/support/kanade.ts';
import { kanadeOfFile } from '#tests/support/kanade-of-file.ts';
import { raw, result, resultOf, startedOf, submit } from '#tests/support/projection.ts';
import { enrolOff } from '#tests/support/registry.ts';
import { until } from '#tests/support/until.ts';

const { kanade, nats } = await kanadeOfFile();

beforeAll(async () => {
  await enrolOff(nats, ['OFF1', 'OFF2', 'OFF3'], kanade.backend);
});

function call(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Answer> {
  return kanade.backend.call(method, path, body, headers);
}

const openapi = JSON.parse(readFileSync(new URL('../../backend/http/openapi.json', import.meta.url), 'utf8')) as {
  paths: Record<string, Record<string, { 'x-scope'?: string }>>;
};
const ROUTES = Object.entries(openapi.paths).flatMap(([path, methods]) =>
  Object.entries(methods)
    .filter(([, operation]) => operation['x-scope'] !== undefined)
    .map(([method]) => [method.toUpperCase(), path.replaceAll(/\{[a-z]+\}/g, '1')] as const),
);

test.each(ROUTES)('%s %s takes a token that is known and no other', async (method, path) => {
  const { port } = new URL(kanade.backend.url);
  const secret = kanade.backend.token.slice(0, -1) + (kanade.backend.token.endsWith('A') ? 'B' : 'A');
  for (const authorization of [undefined, '', 'Bearer', `Bearer ${secret}`, `Basic ${btoa(`admin:${kanade.backend.token}`)}`]) {
    const status = await new Promise((resolve, reject) => {
      const headers = authorization === undefined ? {} : { authorization };
      request({ host: '127.0.0.1', port, method, path, headers }, (res) => resolve(res.resume().statusCode))
        .on('error', reject)
        .end();
    });
    expect(status).toBe(401);
  }
  const allowed = await call(method, path.slice('/api/v1'.length));
  expect(allowed.status).not.toBe(401);
});

test('every change is in the audit: who, what, before and after, how it ended', async () => {
  const at = async (id: string): Promise<Json> =>
    until(`${id} is in the audit`, async () => {
      const { items } = await kanade.backend.get('/audit?limit=100');
      return items.find((entry: Json) => entry.request_id === id);
    });
  const change = (id: string, method: string, path: string, body?: unknown) => call(method, path, body, { 'x-request-id': id });
  const job = (version: string) => ({ id: 'audited', version, execute: { shell: 'sh', script: 'echo secret-in-script', timeout: '1m' } });
  const exec = (
    await change('a-submit', 'POST', '/executions', { shell: 'sh', script: 'exit 1', target: { pcs: ['off1'] }, env: { TOKEN: 'hush' } })
  ).body.exec_id;
  await result(nats, exec, 'OFF1', { outcome: 'failed', exit_code: 1 });
  await kanade.backend.inState(exec, 'off1', 'failed');
  const rerun = (await change('a-rerun', 'POST', `/executions/${exec}/rerun`, { states: ['failed'] })).body.exec_id;
  await change('a-cancel', 'POST', `/executions/${rerun}/cancel`, { pcs: ['off1'] });
  await change('a-groups', 'PUT', '/agents/off1/groups', { groups: ['one'] });
  await change('a-groups2', 'PUT', '/agents/OFF1/groups', { groups: ['two'] });
  await change('a-job', 'PUT', '/jobs/audited', job('1'));
  await change('a-job2', 'PUT', '/jobs/audited', job('2'));
  await change('a-revoke', 'POST', '/jobs/audited/revoke');
  await change('a-unrevoke', 'POST', '/jobs/audited/unrevoke');
  await change('a-delete', 'DELETE', '/jobs/audited');
  await change('a-gone', 'DELETE', '/jobs/audited');
  await change('a-retire', 'DELETE', '/agents/off3');
  await change('a-refused', 'POST', '/executions', { shell: 'sh', script: 'true', target: { pcs: ['ghost'] } });
  await change('a-malformed', 'POST', '/executions', '{');

  const who = { actor: 'admin', actor_kind: 'token', source_ip: '127.0.0.1' };
  const expected: Record<string, object> = {
    'a-submit': {
      action: 'execution_submit',
      target: `executions/${exec}`,
      result: 'ok',
      after: { target: { pcs: ['off1'] }, script_bytes: 6, script_sha256: sha256('exit 1'), env: ['TOKEN'] },
    },
    'a-rerun': { action: 'execution_rerun', target: `executions/${rerun}`, result: 'ok', after: { rerun_of: exec, states: ['failed'] } },
    'a-cancel': { action: 'execution_cancel', target: `executions/${rerun}`, result: 'ok', before: { queued: 1 }, after: { cancelled: 1 } },
    'a-groups': { action: 'groups_put', target: 'agents/OFF1', result: 'ok', before: [], after: ['one'] },
    'a-groups2': { action: 'groups_put', target: 'agents/OFF1', result: 'ok', before: ['one'], after: ['two'] },
    'a-job': { action: 'job_put', target: 'jobs/audited', result: 'ok', after: { version: '1' } },
    'a-job2': { action: 'job_put', target: 'jobs/audited', result: 'ok', before: { version: '1' }, after: { version: '2' } },
    'a-revoke': { action: 'job_revoke', target: 'jobs/audited', before: { status: 'ACTIVE' }, after: { status: 'REVOKED' } },
    'a-unrevoke': { action: 'job_unrevoke', target: 'jobs/audited', before: { status: 'REVOKED' }, after: { status: 'ACTIVE' } },
    'a-delete': { action: 'job_delete', target: 'jobs/audited', result: 'ok', before: { version: '2' } },
    'a-gone': { action: 'job_delete', target: 'jobs/audited', result: 'not_found' },
    'a-retire': {
      action: 'agent_retire',
      target: 'agents/OFF3',
      result: 'ok',
      before: { groups: [], retired_at: null },
      after: { settled: 0 },
    },
    'a-refused': { action: 'execution_submit', target: 'executions', result: 'unknown_pc', after: { target: { pcs: ['ghost'] } } },
    'a-malformed': { action: 'execution_submit', target: 'executions', result: 'bad_request' },
  };
  for (const [id, entry] of Object.entries(expected)) expect(await at(id)).toMatchObject({ ...who, ...entry });
  const page = await kanade.backend.get('/audit?limit=500');
  checkShape('GET', '/api/v1/audit', page);
  expect(JSON.stringify(page)).not.toMatch(/hush|secret-in-script/);
  const mine = page.items.filter((entry: Json) => entry.request_id?.startsWith('a-')).map((entry: Json) => entry.request_id);
  expect(mine).toEqual(Object.keys(expected).reverse());
  const puts = await kanade.backend.get('/audit?action=groups_put&target=agents/off1&actor=admin');
  expect(puts.items.map((entry: Json) => entry.request_id)).toEqual(['a-groups2', 'a-groups']);
  expect((await kanade.backend.get('/audit?actor=nobody')).items).toEqual([]);
});

test('reading, and a ping, change nothing and are not in the audit', async () => {
  for (const [method, path] of ROUTES.filter(([method]) => method === 'GET').filter(([, path]) => path.startsWith('/api/'))) {
    await call(method, path.slice('/api/v1'.length), undefined, { 'x-request-id': 'reading', accept: 'application/json' });
  }
  await call('POST', '/agents/off1/ping', undefined, { 'x-request-id': 'reading' });
  await call('PUT', '/jobs/last', {}, { 'x-request-id': 'writing' });
  const entries = await until('the last one is there', async () => {
    const { items } = await kanade.backend.get('/audit?limit=500');
    return items.some((entry: Json) => entry.request_id === 'writing') && items;
  });
  expect(entries.filter((entry: Json) => entry.request_id === 'reading')).toEqual([]);
});

async function letters(stream: string, seqs: number[]): Promise<Json[]> {
  return until(`${seqs} of ${stream} are dead letters`, async () => {
    const page = await kanade.backend.get(`/dead-letters?stream=${stream}&limit=500`);
    checkShape('GET', '/api/v1/dead-letters', page);
    const found = seqs.map((seq) => page.items.find((letter: Json) => letter.seq === seq));
    return found.every((letter) => letter !== undefined) && found;
  });
}

test('what cannot be projected is a dead letter with its reason, counted, and disturbs nothing', async () => {
  const lies = await raw(nats, subjects.result('lies', 'OFF1'), resultOf('lies', 'OFF2'));
  const junk = await raw(nats, subjects.result('junk', 'OFF1'), Buffer.from([0x7b, 0xff]));
  const good = await raw(nats, subjects.result('good', 'OFF1'), resultOf('good', 'OFF1'));
  expect(await letters('RESULTS', [lies, junk])).toMatchObject([
    {
      code: 'subject_mismatch',
      subject: 'results.lies.OFF1',
      detail: expect.stringMatching(/OFF2.*OFF1/),
      preview: expect.stringContaining('OFF2'),
    },
    { code: 'bad_message', subject: 'results.junk.OFF1', size: 2 },
  ]);
  const event = await raw(nats, subjects.started('lies', 'OFF1'), startedOf('lies', 'OFF2'));
  const agentEvent = await raw(nats, 'events.agent.online.OFF1', { pc_id: 'OFF1' });
  expect(await letters('EVENTS', [event, agentEvent])).toMatchObject([{ code: 'subject_mismatch' }, { code: 'bad_message' }]);
  expect(await call('GET', '/executions/lies')).toMatchObject({ status: 404 });
  expect(await kanade.backend.inState('good', 'off1', 'succeeded')).toBeDefined();
  expect(good).toBe(junk + 1);
  const count = (await kanade.backend.get('/dead-letters?limit=500')).items.length;
  expect(await (await fetch(`${kanade.backend.url}/metrics`)).text()).toMatch(new RegExp(`^kanade_dead_letters ${count}$`, 'm'));
  const first = await kanade.backend.get('/dead-letters?stream=RESULTS&limit=1');
  const second = await kanade.backend.get(`/dead-letters?stream=RESULTS&limit=1&cursor=${first.next}`);
  expect([first.items[0].seq, second.items[0].seq]).toEqual([junk, lies]);
});

test('a dead letter is tried again: still bad, or projected once what was missing is there', async () => {
  const bad = await raw(nats, subjects.result('worse', 'OFF1'), 'no result');
  const [letter] = await letters('RESULTS', [bad]);
  expect(await call('POST', `/dead-letters/${letter.id}/retry`)).toMatchObject({ status: 200, body: { outcome: 'still_bad' } });
  await letters('RESULTS', [bad]);

  const list = encode(['OFF1', 'OFF2']);
  const seq = await submit(nats, 'listless', [], { submitted: { list: { pcs_sha256: sha256(list) }, target_count: 2 } });
  const [lost] = await letters('EXECUTIONS', [seq]);
  await putBlob(nats, list);
  expect(await call('POST', `/dead-letters/${lost.id}/retry`)).toMatchObject({ status: 200, body: { outcome: 'projected' } });
  expect((await kanade.backend.targets('listless')).map((row) => row.pc_id)).toEqual(['OFF1', 'OFF2']);
  expect((await kanade.backend.get('/dead-letters?stream=EXECUTIONS')).items.map(({ id }: Json) => id)).not.toContain(lost.id);
  expect(await call('POST', `/dead-letters/${lost.id}/retry`)).toMatchObject({ status: 404 });
  const retries = await until('the retries are in the audit', async () => {
    const { items } = await kanade.backend.get('/audit?action=dead_letter_retry');
    return items[0]?.result === 'not_found' && items[1]?.target === `dead-letters/${lost.id}` && items;
  });
  expect(retries.slice(0, 3)).toMatchObject([
    { result: 'not_found' },
    { result: 'ok', before: { stream: 'EXECUTIONS', seq }, after: { outcome: 'projected' } },
    { result: 'ok', before: { stream: 'RESULTS', seq: bad }, after: { outcome: 'still_bad' } },
  ]);
});

test('the events tell of PCs coming and going, by PC and by kind, newest first', async () => {
  await kanade.offAgent('comer');
  const events = await until('it has stopped', async () => {
    const page = await kanade.backend.get('/events?pc=comer');
    checkShape('GET', '/api/v1/events', page);
    return page.items.some((event: Json) => event.kind === 'stopping') && page.items;
  });
  expect(events.map((event: Json) => event.kind).sort()).toEqual(['enrolled', 'online', 'stopping']);
  const times = events.map((event: Json) => event.recorded_at);
  expect(times).toEqual([...times].sort().reverse());
  const online = await kanade.backend.get('/events?kind=online');
  expect(new Set(online.items.map((event: Json) => event.kind))).toEqual(new Set(['online']));
  const first = await kanade.backend.get('/events?pc=COMER&limit=2');
  const second = await kanade.backend.get(`/events?pc=COMER&limit=2&cursor=${first.next}`);
  expect([...first.items, ...second.items]).toEqual(events);
});

test('a backend is not ready before it has projected all there is, and says why', async () => {
  const two = await kanade.startBackend('two');
  await until('it has read all there is', async () => (await fetch(`${two.url}/readyz`)).status === 200);
  await two.process.stop();
  const execs = Array.from({ length: 5 }, (_, i) => `behind${i}`);
  for (const exec of execs) await result(nats, exec, 'OFF1');
  // Somebody holds the database: what was stored meanwhile cannot be projected.
  const lock = new Sqlite(join(two.dataDir, 'backend', 'projection.db'));
  lock.exec('BEGIN IMMEDIATE');
  const again = await kanade.startBackend('two');
  const ready = async () => {
    const response = await fetch(`${again.url}/readyz`);
    const body: Json = await response.json();
    checkShape('GET', '/readyz', body);
    return { status: response.status, body };
  };
  const behind = await until('it says why', async () => {
    const { status, body } = await ready();
    expect(status).toBe(503);
    return body.projectors.RESULTS.lag > 0 ? body : Promise.reject(new Error(JSON.stringify(body)));
  });
  expect(behind).toMatchObject({ ready: false, projectors: { RESULTS: { caught_up: false } } });
  expect(behind.reasons).toContainEqual(expect.stringMatching(/^RESULTS: \d+ messages are not projected yet/));
  expect(await (await fetch(`${again.url}/healthz`)).json()).toEqual({ ok: true, open: true });
  expect(await (await fetch(`${again.url}/metrics`)).text()).toMatch(/^kanade_projector_caught_up\{stream="RESULTS"\} 0$/m);
  await submit(nats, 'unread', ['OFF1']);
  for (const path of ['/executions/unread', '/executions/unread/targets', '/executions/unread/events']) {
    const answer = await again.call('GET', path);
    expect(answer).toMatchObject({ status: 503, body: { code: 'not_ready' } });
    expect(answer.headers.get('retry-after')).toBe('2');
  }
  expect(await again.call('POST', '/executions/unread/cancel')).toMatchObject({ status: 503, body: { code: 'not_ready' } });
  expect(await again.call('GET', '/executions/unheard')).toMatchObject({ status: 404, body: { code: 'not_found' } });
  lock.exec('ROLLBACK');
  lock.close();
  const after = await until('it has caught up', async () => {
    const { status, body } = await ready();
    return status === 200 && body;
  });
  expect(after).toMatchObject({ ready: true, reasons: [], disk: { free_bytes: expect.any(Number) } });
  expect(after.streams.map((stream: Json) => stream.name)).toEqual([
    'EXEC',
    'EXECUTIONS',
    'EVENTS',
    'RESULTS',
    'OUTPUT',
    'INVENTORY',
    'RELEASES',
    'AUDIT',
  ]);
  for (const exec of execs) expect(await again.target(exec, 'off1')).toMatchObject({ state: 'succeeded' });
  expect(await again.get('/executions/unread')).toMatchObject({ exec_id: 'unread', target_count: 1 });
  await again.process.stop();
});

test('the metrics tell of requests, projectors, PCs, streams and the disk', async () => {
  const text = await (await fetch(`${kanade.backend.url}/metrics`)).text();
  for (const stream of ['EXECUTIONS', 'EVENTS', 'RESULTS', 'AUDIT', 'INVENTORY']) {
    for (const name of ['lag', 'sequence', 'rows_total', 'caught_up'])
      expect(text).toMatch(new RegExp(`^kanade_projector_${name}\\{stream="${stream}"\\} \\d+$`, 'm'));
  }
  for (const state of ['succeeded', 'queued', 'lost']) expect(text).toMatch(new RegExp(`^kanade_targets\\{state="${state}"\\} \\d+$`, 'm'));
  for (const [, name] of text.matchAll(/^# TYPE (\S+) counter$/gm)) expect(name).toMatch(/_total$/);
  for (const what of ['enrolled', 'online', 'stuck', 'problems', 'conflict'])
    expect(text).toMatch(new RegExp(`^kanade_agents\\{what="${what}"\\} \\d+$`, 'm'));
  for (const name of ['EXEC', 'OUTPUT']) expect(text).toMatch(new RegExp(`^kanade_stream_(max_)?bytes\\{stream="${name}"\\} \\d+$`, 'm'));
  for (const name of ['disk_free_bytes', 'process_resident_bytes', 'audit_lost_total', 'http_event_streams', 'dead_letters']) {
    expect(text).toMatch(new RegExp(`^kanade_${name} \\d+$`, 'm'));
  }
  expect(text).toMatch(/^kanade_http_request_seconds_count\{method="PUT",route="\/api\/v1\/jobs\/:id",status="201"\} [1-9]/m);
});
