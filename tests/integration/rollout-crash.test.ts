import { once } from 'node:events';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { rolloutIdOf } from '#backend/exec/submit.ts';
import { abort, advance, resume } from '#backend/rollouts/change-rollout.ts';
import { changeRollout, readRollout } from '#backend/rollouts/rollout-store.ts';
import { startChild } from '#tests/support/child.ts';
import type { HolderOptions } from '#tests/support/children/rollout-holder.ts';
import { settled } from '#tests/support/evidence.ts';
import { kanadeOfFile } from '#tests/support/kanade-of-file.ts';
import { hasStatus, perPc, rolloutIs, started, startRollout, steps } from '#tests/support/rollout-api.ts';

const { kanade, nats } = await kanadeOfFile();
const PCS = ['a', 'b', 'c'];

beforeAll(async () => {
  await Promise.all(PCS.map((pc) => kanade.readyAgent(pc)));
  await kanade.backend.call('PUT', '/agents/a/groups', { groups: ['edge'] });
});

/** Lets a process of its own do this to a rollout until it dies of it. */
async function dying(options: Omit<HolderOptions, 'url' | 'backendDir'>): Promise<void> {
  const all: HolderOptions = { url: kanade.broker.url, backendDir: kanade.backend.dataDir, ...options };
  await using child = startChild('rollout-holder.ts', JSON.stringify(all));
  const [, signal] = await once(child.process, 'exit');
  expect(signal).toBe('SIGKILL');
}

async function killBackend(): Promise<void> {
  await kanade.backend.process.kill();
}

async function startBackend(): Promise<void> {
  kanade.backend = await kanade.startBackend('one');
}

/** A rollout whose first wave is through, paused before its second. */
async function pausedAfterItsFirstWave(script: string): Promise<string> {
  const { backend } = kanade;
  const id = await startRollout(backend, { script, target: { pcs: PCS }, rollout: { waves: [1, '100%'], soak: '3s' } });
  expect((await backend.call('POST', `/rollouts/${id}/pause`)).status).toBe(200);
  await rolloutIs(backend, id, 'through its first wave', (one) => one.waves[0].succeeded === 1);
  return id;
}

test.each([
  'before',
  'after',
] as const)('killed right %s the first wave was submitted: the holder of the lease sees to it', async (dies) => {
  const ran = perPc(kanade, `first-${dies}`);
  const request = { script: ran.script(), shell: 'sh' as const, target: { pcs: PCS }, rollout: { waves: [1, '100%'] } };
  await dying({ dies, on: 'executions.submitted.', start: { actor: 'somebody', idempotencyKey: dies, request } });
  const done = await hasStatus(kanade.backend, rolloutIdOf('somebody', dies), 'completed');
  expect(started(done)).toBe(2);
  for (const pc of PCS) await settled(kanade, pc);
  expect(await ran.runs()).toEqual(PCS);
});

test.each(['before', 'after'] as const)('killed right %s a wave that is written down was submitted: it is sent once', async (dies) => {
  const ran = perPc(kanade, `next-${dies}`);
  const id = await pausedAfterItsFirstWave(ran.script());
  await killBackend();
  await dying({ dies, on: 'executions.submitted.', resume: id });
  const { rollout } = (await readRollout(nats, id))!;
  expect(rollout).toMatchObject({ wave: 1, status: 'running' });
  expect(rollout.waves[1]).toMatchObject({ seq: null, started_at: expect.any(String) });

  await startBackend();
  const done = await hasStatus(kanade.backend, id, 'completed');
  expect(steps(done)).toEqual(['started', 'wave_started', 'paused', 'resumed', 'wave_started', 'completed']);
  for (const pc of PCS) await settled(kanade, pc);
  expect(await ran.runs()).toEqual(PCS);
});

test('a wave that was written down before the crash is not sent when somebody aborts first', async () => {
  const ran = perPc(kanade, 'aborted');
  const id = await pausedAfterItsFirstWave(ran.script());
  await killBackend();
  await dying({ dies: 'before', on: 'executions.submitted.', resume: id });
  // As another backend would that does not hold the lease.
  await changeRollout(nats, id, (rollout) => abort(undefined)(rollout, 'somebody', Date.now()));
  await startBackend();
  const over = await rolloutIs(kanade.backend, id, 'settled', (one) => steps(one).includes('wave_withheld'));
  expect(started(over)).toBe(1);
  for (const pc of PCS) await settled(kanade, pc);
  expect(await ran.runs()).toHaveLength(1);
});

test('a backend that has to read everything anew decides nothing before it has: the failure that was there holds', async () => {
  const ran = perPc(kanade, 'anew');
  const { backend } = kanade;
  const rollout = { waves: [{ group: 'edge' }, '100%'] };
  const id = await startRollout(backend, { script: `sleep 1\n${ran.script(['a'])}`, target: { pcs: PCS }, rollout });
  await backend.call('POST', `/rollouts/${id}/pause`);
  await rolloutIs(backend, id, 'failing', (one) => one.waves[0].failed === 1);
  await killBackend();
  for (const file of ['', '-wal', '-shm']) await rm(join(backend.dataDir, 'backend', `projection.db${file}`), { force: true });
  // Without the failure nothing would hold the next wave back.
  await changeRollout(nats, id, (found) => advance(resume(found, 'somebody', Date.now()), 'somebody', Date.now()));
  await startBackend();
  const halted = await hasStatus(kanade.backend, id, 'halted');
  expect(started(halted)).toBe(1);
  expect(await ran.runs()).toEqual(['a']);
});

test('killed between its waves, whenever: each PC runs it once', async () => {
  const ran = perPc(kanade, 'between');
  const id = await startRollout(kanade.backend, { script: ran.script(), target: { pcs: PCS }, rollout: { waves: [1, 2, 3], soak: '1s' } });
  for (const wave of [1, 2, 3]) {
    await rolloutIs(kanade.backend, id, `in wave ${wave}`, (one) => started(one) >= wave);
    await killBackend();
    await startBackend();
  }
  await hasStatus(kanade.backend, id, 'completed');
  for (const pc of PCS) await settled(kanade, pc);
  expect(await ran.runs()).toEqual(PCS);
});

test.each(['before', 'after'] as const)('killed right %s the queue of a halted rollout was cancelled: it is cancelled', async (dies) => {
  const [ran, go] = [perPc(kanade, `halted-${dies}`), join(kanade.dir, `go-${dies}`)];
  const pc = `gone-${dies}`;
  const gone = await kanade.readyAgent(pc);
  await kanade.backend.call('PUT', `/agents/${pc}/groups`, { groups: ['edge'] });
  await gone.stop();
  const { backend } = kanade;
  const script = `until [ -e ${go} ]; do sleep 0.1; done\n${ran.script(['a'])}`;
  const rollout = { waves: [{ group: 'edge' }, '100%'], on_halt: 'cancel_queued' };
  const id = await startRollout(backend, { script, target: { pcs: [...PCS, pc] }, rollout });
  await backend.call('POST', `/rollouts/${id}/pause`);
  await writeFile(go, '');
  const { waves } = await rolloutIs(backend, id, 'failing', (one) => one.waves[0].failed === 1);
  await killBackend();
  await dying({ dies, on: 'executions.cancelled.', resume: id });
  expect((await readRollout(nats, id))!.rollout).toMatchObject({ status: 'halted', cancel: { done: false } });

  await startBackend();
  const halted = await rolloutIs(kanade.backend, id, 'cancelled', (one) => steps(one).includes('queued_cancelled'));
  expect(halted.status).toBe('halted');
  await kanade.backend.inState(waves[0].exec_id, pc, 'cancelled');
  const back = await kanade.readyAgent(pc);
  await settled(kanade, pc);
  await settled(kanade, 'b');
  expect(await ran.runs()).toEqual(['a']);
  await back.stop();
  await kanade.backend.call('PUT', `/agents/${pc}/groups`, { groups: [] });
});
