import { beforeAll, expect, test } from 'vitest';
import { kvPut } from '#core/nats/kv.ts';
import { settled } from '#tests/support/evidence.ts';
import type { Json } from '#tests/support/kanade.ts';
import { kanadeOfFile } from '#tests/support/kanade-of-file.ts';
import type { TestProcess } from '#tests/support/processes.ts';
import { hasStatus, perPc, rolloutIs, started, startRollout, steps } from '#tests/support/rollout-api.ts';
import { until } from '#tests/support/until.ts';

const { kanade, nats } = await kanadeOfFile();
let off: TestProcess;

beforeAll(async () => {
  await Promise.all(['a', 'b', 'c'].map((pc) => kanade.readyAgent(pc)));
  off = await kanade.readyAgent('off');
  for (const [pc, groups] of [
    ['a', ['canary', 'edge']],
    ['b', ['rest']],
    ['c', ['rest']],
    ['off', ['edge']],
  ] as const)
    await kanade.backend.call('PUT', `/agents/${pc}/groups`, { groups });
});

const THREE = { target: { pcs: ['a', 'b', 'c'] } };
const post = (id: string, verb: string, body?: unknown) => kanade.backend.call('POST', `/rollouts/${id}/${verb}`, body);

async function turnOff(): Promise<void> {
  await off.stop();
  await until('it is off', async () => !(await kanade.backend.get('/agents/off')).online);
}

async function turnOn(): Promise<void> {
  off = await kanade.readyAgent('off');
}

test('one PC first, then the rest, each wave an execution of its own', async () => {
  const { backend } = kanade;
  const ran = perPc(kanade, 'waves');
  const answer = await backend.call('POST', '/executions', {
    ...THREE,
    shell: 'sh',
    script: ran.script(),
    expires_in: '1h',
    rollout: { waves: [1, '100%'] },
  });
  expect(answer.status).toBe(202);
  const id = answer.body.rollout_id;
  expect(answer.headers.get('location')).toBe(`/api/v1/rollouts/${id}`);
  const done = await hasStatus(backend, id, 'completed');
  expect(done.waves.map((wave: Json) => [wave.n, wave.count, wave.succeeded, wave.failed])).toEqual([
    [0, 1, 1, 0],
    [1, 2, 2, 0],
  ]);
  expect(done.waves[0].exec_id).toBe(answer.body.exec_id);
  expect(steps(done)).toEqual(['started', 'wave_started', 'wave_started', 'completed']);
  expect(done).toMatchObject({ target_count: 3, halted: null, plan: { waves: [1, '100%'] }, next: { wave: null } });
  expect(await ran.runs()).toEqual(['a', 'b', 'c']);

  const { items } = await backend.get(`/executions?rollout_id=${id}`);
  expect(items.map((one: Json) => [one.rollout_id, one.wave])).toEqual([
    [id, 1],
    [id, 0],
  ]);
  // An hour from its own start, not from the rollout's.
  const later = await backend.get(`/executions/${done.waves[1].exec_id}`);
  expect(Date.parse(later.expires_at) - Date.parse(done.waves[1].started_at)).toBe(3600_000);
  const said = async () => (await backend.get(`/audit?target=rollouts/${id}`)).items.map((one: Json) => one.action);
  await until('all is audited', async () => (await said()).length === 4);
  expect((await said()).sort()).toEqual(['execution_submit', 'rollout_complete', 'rollout_wave_start', 'rollout_wave_start']);
});

test('a canary that fails halts it: nothing else is sent until a person resumes, and then only what is left', async () => {
  const { backend } = kanade;
  const ran = perPc(kanade, 'canary');
  const rollout = { waves: [{ group: 'canary' }, '100%'] };
  const id = await startRollout(backend, { ...THREE, script: ran.script(['a']), rollout });
  const halted = await hasStatus(backend, id, 'halted');
  expect(halted.halted).toMatchObject({ wave: 0, reason: 'failures', offline_queued: 0 });
  expect(halted.waves[0]).toMatchObject({ count: 1, failed: 1, counts: { failed: 1 } });
  expect(halted.waves[1]).toMatchObject({ count: 2, started_at: null, exec_id: null });
  for (const pc of ['a', 'b', 'c']) await settled(kanade, pc);
  expect(await ran.runs()).toEqual(['a']);
  expect((await post(id, 'pause')).body.code).toBe('rollout_state');

  expect((await post(id, 'resume')).status).toBe(200);
  await hasStatus(backend, id, 'completed');
  expect(await ran.runs()).toEqual(['a', 'b', 'c']);
});

test('a PC that is off holds nothing up and is caught up when it is back; a halt says that it holds a command', async () => {
  const { backend } = kanade;
  const [ran, failing] = [perPc(kanade, 'off'), perPc(kanade, 'off-failing')];
  await turnOff();
  const rollout = { waves: [{ group: 'edge' }, '100%'] };
  const id = await startRollout(backend, { script: ran.script(), rollout });
  const halting = await startRollout(backend, { script: failing.script(['a']), rollout });
  const done = await hasStatus(backend, id, 'completed');
  expect(done.waves[0]).toMatchObject({ count: 2, succeeded: 1, unreachable: 1, failed: 0, waiting: 0 });
  expect(await ran.runs()).toEqual(['a', 'b', 'c']);
  const halted = await hasStatus(backend, halting, 'halted');
  expect(halted.halted).toMatchObject({ offline_queued: 1 });
  expect(halted.history.at(-1).detail).toContain('1 PCs that are off hold a queued command');

  await turnOn();
  await backend.inState(done.waves[0].exec_id, 'off', 'succeeded');
  // Halting stops further waves, not what was sent.
  await backend.inState(halted.waves[0].exec_id, 'off', 'succeeded');
  expect(await ran.runs()).toEqual(['a', 'b', 'c', 'off']);
});

test('on_halt cancel_queued: what PCs have not taken when it halts they never run', async () => {
  const { backend } = kanade;
  const ran = perPc(kanade, 'cancel');
  await turnOff();
  const rollout = { waves: [{ group: 'edge' }, '100%'], on_halt: 'cancel_queued' };
  const id = await startRollout(backend, { script: ran.script(['a']), rollout });
  const halted = await rolloutIs(backend, id, 'cancelled', (one) => steps(one).includes('queued_cancelled'));
  await backend.inState(halted.waves[0].exec_id, 'off', 'cancelled');
  await turnOn();
  await settled(kanade, 'off');
  expect(await ran.runs()).toEqual(['a']);
  expect((await hasStatus(backend, id, 'halted')).halted.offline_queued).toBe(0);
});

test('paused it waits, resumed it goes on, advanced it does not wait for the soak, aborted it is over', async () => {
  const { backend } = kanade;
  const ran = perPc(kanade, 'people');
  const id = await startRollout(backend, { ...THREE, script: ran.script(), rollout: { waves: [1, 2, '100%'], soak: '1h' } });
  const soaking = await rolloutIs(
    backend,
    id,
    'soaking',
    (one) => one.waves[0].succeeded === 1 && one.next.why.includes('looked at until'),
  );
  expect(soaking.next.wave).toBe(1);
  expect((await post(id, 'pause')).body.status).toBe('paused');
  expect((await post(id, 'pause')).status).toBe(200);
  expect((await post(id, 'advance')).body.code).toBe('rollout_state');
  expect((await post(id, 'resume')).body.status).toBe('running');
  expect((await post(id, 'advance')).status).toBe(200);
  await rolloutIs(backend, id, 'in its second wave', (one) => one.waves[1].succeeded === 1);
  expect((await post(id, 'abort', { cancel_queued: true })).body.status).toBe('aborted');
  expect((await post(id, 'abort')).status).toBe(200);
  expect((await post(id, 'resume')).body.code).toBe('rollout_state');
  const over = await rolloutIs(backend, id, 'over', (one) => steps(one).includes('queued_cancelled'));
  expect(steps(over)).toEqual(['started', 'wave_started', 'paused', 'resumed', 'advanced', 'wave_started', 'aborted', 'queued_cancelled']);
  for (const pc of ['a', 'b', 'c']) await settled(kanade, pc);
  expect(await ran.runs()).toHaveLength(2);
  const actions = async () => (await backend.get(`/audit?target=rollouts/${id}`)).items.map((one: Json) => one.action);
  await until('people are audited', async () => {
    const said = await actions();
    return ['pause', 'resume', 'advance', 'abort'].every((verb) => said.includes(`rollout_${verb}`));
  });
});

test('everything that is wrong with a request is told at once, and a key starts one rollout only', async () => {
  const { backend } = kanade;
  const submit = (body: unknown, key?: string) =>
    backend.call('POST', '/executions', body, key === undefined ? {} : { 'idempotency-key': key });
  const wrong = await submit({
    script: 'true',
    shell: 'sh',
    timeout: 'long',
    target: { pcs: ['nobody'] },
    rollout: { waves: ['200%'], soak: '?', max_failure_percent: -1 },
  });
  expect(wrong.status).toBe(422);
  expect(wrong.body.errors.map((fault: Json) => fault.pointer)).toEqual([
    '/timeout',
    '/target/pcs/0',
    '/rollout/waves/0',
    '/rollout/max_failure_percent',
    '/rollout/soak',
  ]);
  const shape = await submit({ script: 'true', shell: 'sh', target: { all: true }, rollout: { waves: [true], wavs: 1 } });
  expect(shape.body.errors.map((fault: Json) => fault.pointer).sort()).toEqual(['/rollout/waves/0', '/rollout/wavs']);

  const misspelt = await submit({ ...THREE, script: 'true', shell: 'sh', rollout: { waves: [{ group: 'canry' }, '100%'] } });
  expect(misspelt.body).toMatchObject({ code: 'target_empty', errors: [{ pointer: '/rollout/waves/0' }] });

  const body = { ...THREE, script: 'true', shell: 'sh', rollout: { waves: [1, '100%'] } };
  const [first, second] = await Promise.all([submit(body, 'once'), submit(body, 'once')]);
  expect(second.body).toEqual(first.body);
  expect((await submit({ ...body, script: 'false' }, 'once')).body.code).toBe('idempotency_key_reused');
  const { rollout: _, ...plain } = body;
  expect((await submit(plain, 'once')).body.code).toBe('idempotency_key_reused');
  await submit(plain, 'plain');
  expect((await submit(body, 'plain')).body.code).toBe('idempotency_key_reused');
  const done = await hasStatus(backend, first.body.rollout_id, 'completed');
  expect(started(done)).toBe(2);
});

test('an entry that cannot be read is one rollout that is not run, for all to see; other backends answer and change as well', async () => {
  const two = await kanade.startBackend('two');
  try {
    await kvPut(nats, 'rollouts', 'broken', new TextEncoder().encode('{"id":"broken"}'));
    const ran = perPc(kanade, 'two');
    const id = await startRollout(two, { ...THREE, script: ran.script(), rollout: { waves: [1, '100%'], soak: '1h' } });
    await rolloutIs(two, id, 'soaking', (one) => one.waves[0].succeeded === 1);
    expect((await two.call('POST', `/rollouts/${id}/advance`)).status).toBe(200);
    await rolloutIs(two, id, 'in its last wave', (one) => one.waves[1].succeeded === 2);
    for (const backend of [kanade.backend, two]) {
      const list = await until('it is listed', async () => {
        const { items } = await backend.get('/rollouts');
        return items[0].rollout_id === 'broken' && items[1].rollout_id === id && items;
      });
      expect(list[0]).toMatchObject({ status: 'unreadable', error: expect.stringContaining('/actor') });
      expect(list[1]).toMatchObject({ status: 'running', waves: 2, waves_started: 2 });
      const { body } = await backend.call('GET', '/rollouts/broken');
      expect(body).toMatchObject({ code: 'rollout_corrupt', status: 409 });
    }
    const paged: string[] = [];
    for (let cursor = ''; ; ) {
      const page = await two.get(`/rollouts?limit=2${cursor}`);
      paged.push(...page.items.map((one: Json) => one.rollout_id));
      if (page.next === null) break;
      cursor = `&cursor=${encodeURIComponent(page.next)}`;
    }
    expect(paged).toEqual((await two.get('/rollouts')).items.map((one: Json) => one.rollout_id));
    const running = await two.get('/rollouts?status=running');
    expect(running.items.map((one: Json) => one.rollout_id)).toEqual([id]);
    expect(await ran.runs()).toEqual(['a', 'b', 'c']);
    expect((await two.call('GET', '/rollouts/nothing')).status).toBe(404);
  } finally {
    await two.process.stop();
  }
});
