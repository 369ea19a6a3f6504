import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { checkShape } from '#tests/support/api-shape.ts';
import type { Json, TestBackend } from '#tests/support/kanade.ts';
import { kanadeOfFile } from '#tests/support/kanade-of-file.ts';
import { cancelled, lost, result, started } from '#tests/support/projection.ts';
import { enrolOff } from '#tests/support/registry.ts';
import { eventsOf, type ReceivedEvent } from '#tests/support/sse.ts';
import { until } from '#tests/support/until.ts';

const { kanade, nats } = await kanadeOfFile();
let other: TestBackend;

beforeAll(async () => {
  other = await kanade.startBackend('two');
  await kanade.readyAgent('pc1');
});

function open(backend: TestBackend, path: string, lastEventId?: string): Promise<Response> {
  const headers = { authorization: `Bearer ${backend.token}`, ...(lastEventId === undefined ? {} : { 'last-event-id': lastEventId }) };
  return fetch(`${backend.url}/api/v1${path}`, { headers });
}

async function all(response: Response): Promise<ReceivedEvent[]> {
  expect(response.headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
  const events: ReceivedEvent[] = [];
  for await (const event of eventsOf(response)) events.push(event);
  return events;
}

/** What a client knows of each PC that has heard these events. */
function known(events: readonly ReceivedEvent[], before: Record<string, Json> = {}): Record<string, Json> {
  return Object.fromEntries([
    ...Object.entries(before),
    ...events.filter(({ event }) => event === 'target').map(({ data }) => [data.pc_id, data]),
  ]);
}

async function rowsOf(backend: TestBackend, exec: string): Promise<Record<string, Json>> {
  return Object.fromEntries((await backend.targets(exec)).map((row) => [row.pc_id, row]));
}

test('a client that is cut off again and again, and goes on at either backend, misses no row', async () => {
  const pcs = Array.from({ length: 60 }, (_, i) => `SIM${i}`);
  await enrolOff(nats, pcs, kanade.backend, other);
  const exec = await kanade.backend.submit({ script: 'true', target: { pcs } });
  const stories = pcs.flatMap((pc, i) => [
    () => started(nats, exec, pc),
    ...(i % 10 === 3 ? [() => lost(nats, exec, [pc])] : []),
    ...(i % 10 === 5 ? [() => cancelled(nats, exec, { list: { pcs: [pc] } })] : []),
    // A result that comes after it was lost or cancelled wins, and one may come before its start.
    () => result(nats, exec, pc, i % 3 === 0 ? { outcome: 'failed', exit_code: i } : {}),
  ]);
  const shuffled = stories.map((tell, i) => ({ tell, key: (i * 7919) % stories.length })).sort((a, b) => a.key - b.key);
  const telling = (async () => {
    for (const { tell } of shuffled) await tell();
  })();

  let id: string | undefined;
  let rows: Record<string, Json> = {};
  let connections = 0;
  for (let done = false; !done; connections++) {
    const response = await open(connections % 2 === 0 ? kanade.backend : other, `/executions/${exec}/events`, id);
    const heard: ReceivedEvent[] = [];
    for await (const event of eventsOf(response)) {
      heard.push(event);
      if (event.id !== undefined) id = event.id;
      done = event.event === 'done';
      // At first in the middle of a reading, where the client has no id for what it has heard; then behind one.
      if (heard.length > 3 + connections && (event.event === 'target' || connections > 3)) break;
    }
    rows = known(heard, rows);
  }
  await telling;
  expect(connections).toBeGreaterThan(3);
  for (const backend of [kanade.backend, other]) {
    await until('both have all of it', async () => (await backend.get(`/executions/${exec}`)).status === 'done');
    expect(rows).toEqual(await rowsOf(backend, exec));
  }
});

test('what is told live is what the lists say, and each change is told once', async () => {
  await enrolOff(nats, ['ONCE1', 'ONCE2'], kanade.backend);
  const exec = await kanade.backend.submit({ script: 'true', target: { pcs: ['ONCE1', 'ONCE2'] } });
  const events: ReceivedEvent[] = [];
  const next: Record<string, () => Promise<unknown>> = {
    'ONCE1 queued, ONCE2 queued': () => started(nats, exec, 'ONCE1'),
    'ONCE1 running': () => result(nats, exec, 'ONCE1', { exit_code: 3010, reboot_required: true }),
    'ONCE1 succeeded': () => started(nats, exec, 'ONCE2'),
    'ONCE2 running': () => lost(nats, exec, ['ONCE2']),
  };
  let told: string[] = [];
  const steps: string[] = [];
  for await (const event of eventsOf(await open(kanade.backend, `/executions/${exec}/events`))) {
    events.push(event);
    if (event.event === 'target') {
      checkShape('GET', `/api/v1/executions/${exec}/targets`, { items: [event.data], next: null });
      told.push(`${event.data.pc_id} ${event.data.state}`);
    } else if (event.event === 'execution') {
      const step = told.join(', ');
      steps.push(step);
      told = [];
      await next[step]?.();
    }
  }
  expect(steps).toEqual([...Object.keys(next), 'ONCE2 lost']);
  expect(events.at(-1)).toMatchObject({
    event: 'done',
    data: { exec_id: exec, status: 'done', target_count: 2, counts: { succeeded: 1, lost: 1 } },
  });
  expect(known(events)).toEqual(await rowsOf(kanade.backend, exec));
});

test('an id of other streams, or none at all, is answered with everything', async () => {
  const exec = await kanade.backend.submit({ script: 'true', target: { pcs: ['PC1'] } });
  await kanade.backend.inState(exec, 'pc1', 'succeeded');
  for (const id of ['abcdef.1.2.3', 'nonsense', '']) {
    const events = await all(await open(kanade.backend, `/executions/${exec}/events`, id));
    expect(events.map(({ event, data }) => [event, data.state])).toEqual([
      ['target', 'succeeded'],
      ['execution', undefined],
      ['done', undefined],
    ]);
  }
  expect((await open(kanade.backend, '/executions/none/events')).status).toBe(404);
  expect((await open(kanade.backend, '/results/none/tail')).status).toBe(404);
});

test('a backend that stops ends its streams, and the client goes on at another', async () => {
  const third = await kanade.startBackend('three');
  await enrolOff(nats, ['STAY'], kanade.backend, third);
  const exec = await kanade.backend.submit({ script: 'true', target: { pcs: ['STAY'] } });
  await until('the third knows of it', async () => (await third.call('GET', `/executions/${exec}`)).status === 200);
  let id: string | undefined;
  const heard: ReceivedEvent[] = [];
  for await (const event of eventsOf(await open(third, `/executions/${exec}/events`))) {
    heard.push(event);
    if (event.id === undefined) continue;
    id = event.id;
    void third.process.stop();
  }
  expect(heard.map(({ event, data }) => [event, data.state])).toEqual([
    ['target', 'queued'],
    ['execution', undefined],
  ]);
  await result(nats, exec, 'STAY');
  const rest = await all(await open(kanade.backend, `/executions/${exec}/events`, id));
  expect(
    rest
      .filter(({ event }) => event === 'target')
      .map(({ data }) => data.state)
      .at(-1),
  ).toBe('succeeded');
  expect(rest.at(-1)).toMatchObject({ event: 'done' });
});

/** A script that waits for the test at each line: `go` lets it write the next one. */
async function stepwise(name: string, steps: string[]): Promise<{ exec: string; id: string; go: () => Promise<void> }> {
  const file = join(kanade.dir, name);
  const script = steps.map((step, i) => `while ! [ -e '${file}.${i}' ]; do sleep 0.05; done\n${step}`).join('\n');
  const exec = await kanade.backend.submit({ script, target: { pcs: ['PC1'] } });
  const { result_id: id } = await kanade.backend.inState(exec, 'pc1', 'running');
  await until('the other backend knows it runs', async () => (await other.target(exec, 'pc1'))?.state === 'running');
  let at = 0;
  return { exec, id, go: () => writeFile(`${file}.${at++}`, '') };
}

test('output is told while it is written, goes on at another backend, and ends with the result', async () => {
  const { id, go } = await stepwise('tail', ["printf 'one\\ntw'", "printf 'o \\303'; echo err >&2", "printf '\\251\\n'"]);
  const out = { stdout: '', stderr: '' };
  let last: string | undefined;
  let ended: Json;
  /** Follows one stream until it has got `text`, and lets go of it. */
  const follow = async (backend: TestBackend, text: string) => {
    for await (const event of eventsOf(await open(backend, `/results/${id}/tail`, last))) {
      if (event.event === 'done') ended = event.data;
      if (event.event !== 'stdout' && event.event !== 'stderr') continue;
      expect(event.data.from).toBe(Buffer.byteLength(out[event.event]));
      out[event.event] += event.data.data;
      last = event.id;
      if (text !== '' && (out.stdout + out.stderr).endsWith(text)) return;
    }
  };
  for (const part of ['', '/stdout', '/stderr']) {
    const { status, headers, body } = await kanade.backend.call('GET', `/results/${id}${part}`);
    expect([status, body.code, headers.get('retry-after')]).toEqual([503, 'result_pending', '5']);
    expect(body.detail).toContain(`/api/v1/results/${id}/tail`);
  }
  await go();
  await follow(kanade.backend, 'tw');
  await go();
  await follow(other, 'err\n');
  expect(out).toEqual({ stdout: 'one\ntwo ', stderr: 'err\n' });
  await go();
  await follow(kanade.backend, '');
  expect(out).toEqual({ stdout: 'one\ntwo é\n', stderr: 'err\n' });
  expect(ended).toEqual({ result: `/api/v1/results/${id}`, stdout_from: 11, stderr_from: 4 });
  last = undefined;
  out.stdout = '';
  out.stderr = '';
  await follow(other, '');
  expect(out).toEqual({ stdout: 'one\ntwo é\n', stderr: 'err\n' });
});

test('more output than the PC keeps for those who watch is a gap that shows, and the whole is in the result', async () => {
  const { id, go } = await stepwise('gap', ['echo begin', 'head -c 300000 /dev/zero | tr "\\0" x; echo end', 'true']);
  const stream = eventsOf(await open(kanade.backend, `/results/${id}/tail`));
  await go();
  expect((await stream.next()).value).toMatchObject({ event: 'stdout', data: { from: 0, data: 'begin\n' } });
  await go();
  let at = 6;
  let gap = 0;
  let text = '';
  while (!text.endsWith('end\n')) {
    const { data } = (await stream.next()).value as ReceivedEvent;
    gap += data.from - at;
    at = data.from + data.data.length;
    text += data.data;
  }
  expect(at).toBe(300_010);
  expect(gap + text.length).toBe(300_004);
  await go();
  for await (const event of stream) if (event.event === 'done') expect(event.data).toMatchObject({ stdout_from: 300_010 });
  expect(await kanade.backend.get(`/results/${id}`)).toMatchObject({ stdout_bytes: 300_010 });
});

test('a PC that is cut off while its script is watched is waited for', async () => {
  const agent = await kanade.readyAgent('pc2');
  const exec = await kanade.backend.submit({ script: 'echo begun; sleep 300', target: { pcs: ['PC2'] } });
  const { result_id: id } = await kanade.backend.inState(exec, 'pc2', 'running');
  const seen: string[] = [];
  for await (const { event, data } of eventsOf(await open(kanade.backend, `/results/${id}/tail`))) {
    seen.push(event);
    if (event === 'stdout') await agent.kill();
    if (event === 'waiting') {
      expect(data).toEqual({ pc_id: 'PC2', code: 'agent_unreachable' });
      void kanade.startAgent('pc2');
    }
  }
  expect(seen.filter((event) => event !== 'stdout')).toEqual(['waiting', 'done']);
  expect(await kanade.backend.target(exec, 'pc2')).toMatchObject({ state: 'unknown' });
});

test('a client that goes away is forgotten', async () => {
  await enrolOff(nats, ['GONE'], kanade.backend);
  const exec = await kanade.backend.submit({ script: 'true', target: { pcs: ['GONE'] } });
  const open_ = async () => {
    const text = await (await fetch(`${kanade.backend.url}/metrics`)).text();
    return Number(/^kanade_http_event_streams (\d+)$/m.exec(text)?.[1]);
  };
  const before = await open_();
  const controllers = Array.from({ length: 5 }, () => new AbortController());
  const headers = { authorization: `Bearer ${kanade.backend.token}` };
  await Promise.all(controllers.map(({ signal }) => fetch(`${kanade.backend.url}/api/v1/executions/${exec}/events`, { headers, signal })));
  expect(await open_()).toBe(before + 5);
  for (const controller of controllers) controller.abort();
  await until('they are forgotten', async () => (await open_()) === before);
});
