import { randomUUID } from 'node:crypto';
import { beforeAll, expect, test } from 'vitest';
import { encode } from '#core/contract/codec.ts';
import { resultId } from '#core/contract/ids.ts';
import { OUTPUT_CHUNK } from '#core/contract/streams.ts';
import { subjects } from '#core/contract/subjects.ts';
import { checkShape } from '#tests/support/api-shape.ts';
import type { Answer, Json } from '#tests/support/kanade.ts';
import { kanadeOfFile } from '#tests/support/kanade-of-file.ts';
import { result } from '#tests/support/projection.ts';
import { eventsOf, type ReceivedEvent } from '#tests/support/sse.ts';
import { until } from '#tests/support/until.ts';

const { kanade, nats } = await kanadeOfFile();

beforeAll(async () => {
  await kanade.readyAgent('pc1');
});

const PC1 = { pcs: ['PC1'] };

function call(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Answer> {
  return kanade.backend.call(method, path, body, headers);
}

async function got(path: string): Promise<Json> {
  const body = await kanade.backend.get(path);
  checkShape('GET', `/api/v1${path}`, body);
  return body;
}

function raw(path: string, headers: Record<string, string> = {}): Promise<Response> {
  return fetch(`${kanade.backend.url}/api/v1${path}`, { headers: { authorization: `Bearer ${kanade.backend.token}`, ...headers } });
}

async function run(script: string): Promise<{ exec: string; row: Json }> {
  const exec = await kanade.backend.submit({ script, target: PC1 });
  return { exec, row: await kanade.backend.inState(exec, 'pc1', 'succeeded', 'failed', 'timed_out', 'killed') };
}

test('a script is accepted with its address, which answers at once, and its result is there to read', async () => {
  const accepted = await call('POST', '/executions', {
    shell: 'sh',
    script: 'echo out; echo err >&2; exit 3',
    target: PC1,
    timeout: '30s',
  });
  expect(accepted.status).toBe(202);
  const location = accepted.headers.get('location')!;
  expect(location).toBe(`/api/v1/executions/${accepted.body.exec_id}`);
  const execution = await got(location.slice('/api/v1'.length));
  expect(execution).toMatchObject({
    exec_id: accepted.body.exec_id,
    target_count: 1,
    actor: 'admin',
    target: PC1,
    command: { shell: 'sh' },
  });
  const row = await kanade.backend.inState(accepted.body.exec_id, 'pc1', 'failed');
  expect(row).toMatchObject({ exit_code: 3, reboot_required: false, reason: null });
  await got(`/executions/${accepted.body.exec_id}/targets?state=failed,lost`);
  const view = await got(`/results/${row.result_id}`);
  expect(view).toMatchObject({
    stdout: 'out\n',
    stderr: 'err\n',
    stdout_bytes: 4,
    exit_code: 3,
    outcome: 'failed',
    pc_id: 'PC1',
    error_record: null,
  });
  const bytes = await raw(`/results/${row.result_id}/stderr`);
  expect(bytes.headers.get('content-type')).toBe('text/plain; charset=utf-8');
  expect(bytes.headers.get('content-length')).toBe('4');
  expect(bytes.headers.get('x-kanade-total-bytes')).toBe('4');
  expect(bytes.headers.get('x-kanade-truncated')).toBe('false');
  expect(await bytes.text()).toBe('err\n');
});

test('the same Idempotency-Key starts one execution, and another body under it is refused', async () => {
  const body = { shell: 'sh', script: 'true', target: PC1 };
  const headers = { 'idempotency-key': randomUUID() };
  const first = await call('POST', '/executions', body, headers);
  const second = await call('POST', '/executions', body, headers);
  expect([first.status, second.status]).toEqual([202, 202]);
  expect(second.body).toEqual(first.body);
  expect(await call('POST', '/executions', { ...body, script: 'false' }, headers)).toMatchObject({
    status: 422,
    body: { code: 'idempotency_key_reused' },
  });
  expect(await call('POST', '/executions', body, { 'idempotency-key': 'two words' })).toMatchObject({ status: 400 });
});

test('a script of 1,000,000 bytes runs and one byte more is 413', async () => {
  const script = (bytes: number) => `printf %s "$(wc -c <"$0")" # ${'\u0001'.repeat(bytes)}`.slice(0, bytes);
  const { row } = await run(script(1_000_000));
  expect(row.state).toBe('succeeded');
  const refused = await call('POST', '/executions', { shell: 'sh', script: script(1_000_001), target: PC1 });
  expect(refused).toMatchObject({ status: 413, body: { code: 'script_too_large' } });
});

test('executions are listed newest first, page by page and filtered', async () => {
  const ids = [];
  for (const script of ['true', 'false', 'true']) ids.unshift((await run(script)).exec);
  const first = await got('/executions?limit=2');
  expect(first.items.map((item: Json) => item.exec_id)).toEqual(ids.slice(0, 2));
  const second = await got(`/executions?limit=2&cursor=${first.next}`);
  expect(second.items[0].exec_id).toBe(ids[2]);
  expect((await got('/executions?state=failed&limit=1')).items[0].exec_id).toBe(ids[1]);
  expect((await got('/executions?actor=nobody')).items).toEqual([]);
  expect((await got(`/executions?since=${encodeURIComponent(new Date(Date.now() + 60_000).toISOString())}`)).items).toEqual([]);
  expect(await call('GET', '/executions?since=yesterday')).toMatchObject({ status: 422 });
});

test('the events of an execution tell each change until nothing is open, and go on behind the last one that was seen', async () => {
  const exec = await kanade.backend.submit({ script: 'sleep 1; echo done', target: PC1 });
  const response = await raw(`/executions/${exec}/events`);
  expect(response.headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
  expect(response.headers.get('cache-control')).toBe('no-store');
  const events: ReceivedEvent[] = [];
  for await (const event of eventsOf(response)) events.push(event);
  const states = events.filter(({ event }) => event === 'target').map(({ data }) => data.state);
  expect(states.at(-1)).toBe('succeeded');
  expect(states).toContain('running');
  expect(events.at(-1)).toMatchObject({ event: 'done', data: { status: 'done', counts: { succeeded: 1 } } });

  const running = events.find(({ event, data }) => event === 'execution' && data.counts.running === 1)!;
  const resumed: ReceivedEvent[] = [];
  for await (const event of eventsOf(await raw(`/executions/${exec}/events`, { 'last-event-id': running.id! }))) resumed.push(event);
  expect(resumed.map(({ event, data }) => [event, data.state])).toEqual([
    ['target', 'succeeded'],
    ['execution', undefined],
    ['done', undefined],
  ]);
  const upToDate: ReceivedEvent[] = [];
  for await (const event of eventsOf(await raw(`/executions/${exec}/events`, { 'last-event-id': events.at(-1)!.id! })))
    upToDate.push(event);
  expect(upToDate.map(({ event }) => event)).toEqual(['execution', 'done']);
});

test('a row that expires is an event although no message says so', async () => {
  await nats.publishStored('$KV.agents.OFF1', encode(entry('OFF1')));
  await until('OFF1 is known', async () => (await call('GET', '/agents/OFF1')).status === 200);
  const exec = await kanade.backend.submit({ script: 'true', target: { pcs: ['off1'] }, expires_in: '3s' });
  const events: ReceivedEvent[] = [];
  for await (const event of eventsOf(await raw(`/executions/${exec}/events`))) events.push(event);
  const targets = events.filter(({ event }) => event === 'target');
  expect(targets.map(({ data }) => data.state)).toEqual(['queued', 'expired']);
  expect(events.at(-1)).toMatchObject({ event: 'done', data: { counts: { expired: 1 } } });
});

test('what a script writes can be followed while it runs, in whole characters, to its end', async () => {
  const exec = await kanade.backend.submit({
    script: "printf 'a\\303'; sleep 2; printf '\\251b'; sleep 1; echo end; echo oops >&2",
    target: PC1,
  });
  const { result_id } = await kanade.backend.inState(exec, 'pc1', 'running');
  const out = { stdout: '', stderr: '' };
  const events: ReceivedEvent[] = [];
  for await (const event of eventsOf(await raw(`/results/${result_id}/tail`))) {
    events.push(event);
    if (event.event === 'stdout' || event.event === 'stderr') {
      expect(event.data.from).toBe(Buffer.byteLength(out[event.event]));
      out[event.event] += event.data.data;
    }
  }
  expect(out).toEqual({ stdout: 'aébend\n', stderr: 'oops\n' });
  expect(events.filter(({ event }) => event === 'stdout').length).toBeGreaterThan(1);
  expect(events.at(-1)).toEqual({ event: 'done', data: { result: `/api/v1/results/${result_id}`, stdout_from: 8, stderr_from: 5 } });
  expect((await raw(`/results/${'0'.repeat(32)}/tail`)).status).toBe(404);
});

test('output that came in chunks is whole, is waited for while it may come, and is gone when it does not', async () => {
  const exec = randomUUID();
  const id = resultId(exec, 'PC1');
  const bytes = Buffer.alloc(OUTPUT_CHUNK + 10, 0xe9);
  const preview = { stdout: 'preview', stdout_bytes: bytes.length + 5, stdout_chunks: 2, stdout_truncated: true };
  await result(nats, exec, 'PC1', preview);
  await nats.publishStored(subjects.output('PC1', id, 'stdout', 0), bytes.subarray(0, OUTPUT_CHUNK));
  await until('the result is projected', async () => (await call('GET', `/results/${id}`)).status === 200);
  const pending = await call('GET', `/results/${id}/stdout`);
  expect(pending).toMatchObject({ status: 503, body: { code: 'output_pending' } });
  expect(pending.headers.get('retry-after')).toBe('5');
  await nats.publishStored(subjects.output('PC1', id, 'stdout', 1), bytes.subarray(OUTPUT_CHUNK));
  const whole = await raw(`/results/${id}/stdout`);
  expect(whole.headers.get('content-type')).toBe('application/octet-stream');
  expect(whole.headers.get('x-kanade-total-bytes')).toBe(String(bytes.length + 5));
  expect(whole.headers.get('x-kanade-truncated')).toBe('true');
  expect(Buffer.from(await whole.arrayBuffer()).equals(bytes)).toBe(true);
});

test('what is queued can be cancelled for one PC alone, and the failed ones run again', async () => {
  await nats.publishStored('$KV.agents.OFF2', encode(entry('OFF2')));
  await until('OFF2 is known', async () => (await call('GET', '/agents/OFF2')).status === 200);
  const exec = await kanade.backend.submit({ script: 'exit 5', target: { pcs: ['OFF2', 'PC1'] } });
  await kanade.backend.inState(exec, 'pc1', 'failed');
  const queue = await got('/agents/off2/queue');
  expect(queue.items).toMatchObject([{ exec_id: exec, state: 'queued' }]);
  expect(await call('POST', `/executions/${exec}/cancel`, { pcs: ['elsewhere'] })).toMatchObject({
    status: 422,
    body: { code: 'unknown_pc' },
  });
  const cancelled = await call('POST', `/executions/${exec}/cancel`, { pcs: ['off2'] });
  expect(cancelled).toMatchObject({ status: 200, body: { cancelled: 1 } });
  expect((await got(`/executions/${exec}`)).counts).toMatchObject({ cancelled: 1, failed: 1 });
  expect(await call('POST', `/executions/${exec}/cancel`)).toMatchObject({ status: 200, body: { cancelled: 0 } });
  const rerun = await call('POST', `/executions/${exec}/rerun`, { states: ['failed'] });
  expect(rerun.status).toBe(202);
  expect(await got(`/executions/${rerun.body.exec_id}`)).toMatchObject({ rerun_of: exec, target: PC1 });
  await kanade.backend.inState(rerun.body.exec_id, 'pc1', 'failed');
  expect(await call('POST', `/executions/${exec}/rerun`, { states: ['lost'] })).toMatchObject({
    status: 422,
    body: { code: 'target_empty' },
  });
});

test('agents are listed, pinged and asked for their logs; one that is off does not answer', async () => {
  const list = await got('/agents?online=true&sort=last_heartbeat&order=desc');
  expect(list.items.map((agent: Json) => agent.pc_id)).toEqual(['PC1']);
  expect(await got('/agents/pc1')).toMatchObject({
    pc_id: 'PC1',
    online: true,
    outbox_depth: expect.any(Number),
    clock_offset_ms: expect.any(Number),
  });
  expect(await call('GET', '/agents/ghost')).toMatchObject({ status: 404 });
  const ping = await call('POST', '/agents/pc1/ping');
  expect(ping.status).toBe(200);
  checkShape('POST', '/api/v1/agents/pc1/ping', ping.body);
  await got('/agents/pc1/logs?max_bytes=1000');
  await nats.publishStored('$KV.agents.OFF3', encode(entry('OFF3')));
  await until('OFF3 is known', async () => (await call('GET', '/agents/OFF3')).status === 200);
  expect(await call('POST', '/agents/off3/ping')).toMatchObject({ status: 504, body: { code: 'agent_unreachable' } });
  const events = await got('/events?pc=pc1&kind=online');
  expect(events.items[0]).toMatchObject({ pc_id: 'PC1', kind: 'online' });
});

test('groups have an ETag, and a target may be a group', async () => {
  const before = await raw('/agents/pc1/groups');
  const etag = before.headers.get('etag')!;
  expect(await before.json()).toEqual({ pc_id: 'PC1', groups: [], etag });
  const put = await call('PUT', '/agents/pc1/groups', { groups: ['lab', 'alpha', 'lab'] }, { 'if-match': etag });
  expect(put).toMatchObject({ status: 200, body: { pc_id: 'PC1', groups: ['alpha', 'lab'] } });
  expect(await call('PUT', '/agents/pc1/groups', { groups: [] }, { 'if-match': etag })).toMatchObject({ status: 412 });
  expect((await raw('/agents/pc1/groups', { 'if-none-match': put.headers.get('etag')! })).status).toBe(304);
  await until('the groups are known', async () => (await got('/groups')).items.length === 2);
  expect((await got('/groups')).items).toMatchObject([
    { group: 'alpha', kind: 'static', members: 1 },
    { group: 'lab', kind: 'static', members: 1 },
  ]);
  expect((await got('/agents?group=lab')).items).toHaveLength(1);
  const exec = await kanade.backend.submit({ script: 'true', target: { groups: ['lab'] } });
  await kanade.backend.inState(exec, 'pc1', 'succeeded');
  expect(await call('PUT', '/agents/ghost/groups', { groups: [] })).toMatchObject({ status: 404 });
});

test('a job runs by its name, and not when it is revoked', async () => {
  const job = { id: 'greet', version: '1', execute: { shell: 'sh', script: 'echo "hi $1"', timeout: '30s' } };
  expect((await call('PUT', '/jobs/greet', job)).status).toBe(201);
  const exec = await kanade.backend.submit({ shell: undefined, job_id: 'greet', target: PC1, args: ['you'] });
  const row = await kanade.backend.inState(exec, 'pc1', 'succeeded');
  expect(await got(`/results/${row.result_id}`)).toMatchObject({ stdout: 'hi you\n', manifest_id: 'greet' });
  expect((await got('/executions?job_id=greet')).items.map((item: Json) => item.exec_id)).toEqual([exec]);
  await call('POST', '/jobs/greet/revoke');
  expect(await call('POST', '/executions', { job_id: 'greet', target: PC1 })).toMatchObject({ status: 409, body: { code: 'job_revoked' } });
  expect(await call('POST', '/executions', { job_id: 'nothing', target: PC1 })).toMatchObject({
    status: 422,
    body: { code: 'unknown_job' },
  });
});

test('a dead letter is listed with its reason and can be tried again', async () => {
  await nats.publishStored('results.exec-x.PC1', new TextEncoder().encode('not json'));
  const letter = await until('the dead letter is there', async () => (await got('/dead-letters?stream=RESULTS')).items[0]);
  expect(letter).toMatchObject({ subject: 'results.exec-x.PC1', code: 'bad_message', preview: 'not json' });
  const retried = await call('POST', `/dead-letters/${letter.id}/retry`);
  expect(retried).toMatchObject({ status: 200, body: { outcome: 'still_bad' } });
  expect(await call('POST', '/dead-letters/4711/retry')).toMatchObject({ status: 404 });
});

test('a retired PC is settled, out of the list, and refused as a target', async () => {
  await nats.publishStored('$KV.agents.OFF4', encode(entry('OFF4')));
  await until('OFF4 is known', async () => (await call('GET', '/agents/OFF4')).status === 200);
  const exec = await kanade.backend.submit({ script: 'true', target: { pcs: ['OFF4'] } });
  const retired = await call('DELETE', '/agents/off4');
  expect(retired).toMatchObject({ status: 200, body: { pc_id: 'OFF4', settled: 1 } });
  expect((await kanade.backend.target(exec, 'OFF4')).state).toBe('cancelled');
  await until('OFF4 is out of the list', async () => !(await got('/agents?limit=500')).items.some((agent: Json) => agent.pc_id === 'OFF4'));
  expect((await got('/agents?retired=true')).items).toMatchObject([{ pc_id: 'OFF4', retired_at: expect.any(String) }]);
  expect(await call('POST', '/executions', { shell: 'sh', script: 'true', target: { pcs: ['OFF4'] } })).toMatchObject({
    status: 422,
    body: { code: 'unknown_pc' },
  });
});

/** The registry entry of a PC that is off. */
function entry(pc_id: string) {
  const at = new Date().toISOString();
  return { pc_id, enrolled_at: at, first_seen: at, last_seen: at };
}
