import { expect, test, vi } from 'vitest';
import { Stopped } from '#core/agent/run/stopped.ts';
import { Turns } from '#core/agent/run/turns.ts';
import type { HostState } from '#core/agent/update/host-state.ts';
import { NOTHING_TRIED } from '#core/agent/update/update-state.ts';
import { type UnderHost, type UpdateRun, Updates, type UpdatesParts } from '#core/agent/update/updates.ts';
import { KanadeError } from '#core/contract/errors.ts';
import { keptInMemory } from '#core/files/state-file.ts';
import { quietLog } from '#tests/support/quiet-log.ts';
import { manifestOf } from '#tests/support/release.ts';
import { until } from '#tests/support/until.ts';

const update = { version: '1.1.0', envelope_sha256: 'a'.repeat(64) };
const manifest = manifestOf({}, { serial: 7 });

/** An agent 1.0.0 under a host, and what it did, in order. */
function world({ barred = [], timings, ...change }: Partial<UnderHost> & Pick<UpdatesParts, 'timings'> & { barred?: string[] } = {}) {
  const did: string[] = [];
  const state: HostState = { current: '1.0.0', previous: '', trial: false, barred };
  const kept = keptInMemory(NOTHING_TRIED);
  const turns = new Turns(() => 2);
  const under: UnderHost = {
    host: { state: async () => state, handOver: (version) => did.push(`handed over ${version}`) },
    release: async () => manifest,
    stage: async () => void did.push('laid down'),
    costs: async () => false,
    remove: async (version) => void did.push(`removed ${version}`),
    ...change,
  };
  const updates = new Updates({ own: '1.0.0', under, state: kept, turns, log: quietLog, timings: { cost: 1, firstPause: 1, ...timings } });
  const stop = new AbortController();
  const run: UpdateRun = {
    update,
    timeoutMs: 3600_000,
    known: async () => 'go',
    expired: () => false,
    begins: async () => void did.push('began'),
    launching: async () => void did.push('written down'),
    signal: stop.signal,
  };
  return { updates, run, did, kept, turns, stop, state };
}

test('a release is laid down, written down and handed over, in that order, and no script begins after it', async () => {
  const { updates, run, did, kept, turns } = world();
  expect(await updates.carry(run)).toBe('handed_over');
  expect(did).toEqual(['began', 'laid down', 'written down', 'handed over 1.1.0']);
  expect(kept.value).toEqual({ serial: 7, tried: [{ version: '1.1.0', serial: 7 }] });
  void turns.acquire();
  expect(turns.waiting).toBe(1);
});

/** It lies there and waits for scripts. */
const waiting = (updates: Updates) => until('it waits', () => updates.problems().some(({ detail }) => detail.includes('script')));

test('it waits for the scripts that run, says so, and no other begins meanwhile', async () => {
  const { updates, run, did, turns } = world();
  const script = await turns.acquire();
  const carried = updates.carry(run);
  await waiting(updates);
  expect(did).toEqual(['began', 'laid down']);
  expect(updates.problems()).toMatchObject([{ code: 'update_waiting' }]);
  const late = vi.fn();
  void turns.acquire().then(late);
  script();
  expect(await carried).toBe('handed_over');
  expect(late).not.toHaveBeenCalled();
  expect(updates.problems()).toEqual([]);
});

test('a long script does not keep the others away for good: they go first, and it gives up in the end', async () => {
  const { updates, run, did, turns } = world({ timings: { scriptsHeld: 20 } });
  const long = await turns.acquire();
  const carried = updates.carry({ ...run, timeoutMs: 500 });
  await waiting(updates);
  // It gets its turn although the long one still has his.
  (await turns.acquire())();
  expect(await carried).toMatchObject({ outcome: 'timed_out', reason: 'update_waiting' });
  expect(did).not.toContain('handed over 1.1.0');
  long();
  (await turns.acquireAll(run.signal))();
});

test('where the network costs nothing is fetched before it does not', async () => {
  const did: string[] = [];
  const answers = [true, true, false];
  const costs = async () => {
    // It is asked again only after it has waited for the answer before.
    if (answers.length < 3) expect(updates.problems()).toMatchObject([{ code: 'update_waiting' }]);
    did.push('asked');
    return answers.shift()!;
  };
  const stage = async () => void did.push('laid down');
  const { updates, run } = world({ costs, stage });
  expect(await updates.carry(run)).toBe('handed_over');
  expect(did).toEqual(['asked', 'asked', 'asked', 'laid down']);
  expect(updates.problems()).toEqual([]);
});

test('what a server cannot give now is asked for again, what is wrong with a release ends it', async () => {
  const release = vi
    .fn()
    .mockRejectedValueOnce(new KanadeError('server_unreachable', 'away'))
    .mockRejectedValue(new KanadeError('release_expired', 'over'));
  const { updates, run, kept } = world({ release });
  expect(await updates.carry(run)).toEqual({ outcome: 'failed', reason: 'release_expired', detail: 'over' });
  expect(kept.value).toEqual(NOTHING_TRIED);
});

test('a release that cannot be had in time says why', async () => {
  const { updates, run } = world({ release: () => Promise.reject(new KanadeError('server_unreachable', 'nobody is there')) });
  const end = await updates.carry({ ...run, timeoutMs: 100 });
  expect(end).toMatchObject({ outcome: 'timed_out', detail: expect.stringContaining('nobody is there') });
});

test('a version that the host has barred is not laid down', async () => {
  const { updates, run, did } = world({ barred: ['1.1.0'] });
  expect(await updates.carry(run)).toMatchObject({ outcome: 'failed', reason: 'update_barred' });
  expect(did).toEqual(['began']);
});

test('cancelled while it waits it goes no further, and the scripts run', async () => {
  const { updates, run, did, turns, stop } = world();
  const script = await turns.acquire();
  const carried = updates.carry(run);
  const ended = expect(carried).rejects.toMatchObject({ why: 'cancelled' });
  await waiting(updates);
  stop.abort(new Stopped('cancelled'));
  await ended;
  expect(did).toEqual(['began', 'laid down']);
  script();
  (await turns.acquireAll(new AbortController().signal))();
});

test('what was forbidden meanwhile is not handed over', async () => {
  const { updates, run, did } = world();
  let asked = 0;
  const known = async () => (++asked < 3 ? ('go' as const) : { reason: 'expired' });
  expect(await updates.carry({ ...run, known })).toEqual({ reason: 'expired' });
  expect(did).toEqual(['began', 'laid down']);
});

test('without a host there is nobody to start another version; what runs already needs nobody', async () => {
  const updates = new Updates({ own: '1.1.0', state: keptInMemory(NOTHING_TRIED), turns: new Turns(() => 1), log: quietLog });
  const { run } = world();
  expect(await updates.carry(run)).toMatchObject({ outcome: 'succeeded' });
  const newer = { ...run, update: { ...update, version: '2.0.0' } };
  expect(await updates.carry(newer)).toMatchObject({ outcome: 'failed', reason: 'update_unsupported' });
});

test('what was laid down and has served goes once this version works', async () => {
  const { updates, kept, did } = world();
  await kept.set({
    tried: [
      { version: '0.9.0', serial: 1 },
      { version: '1.0.0', serial: 2 },
    ],
  });
  await updates.proven();
  expect(did).toEqual(['removed 0.9.0']);
});

test('the highest version that has been connected is remembered', async () => {
  const { updates, kept } = world();
  await updates.proven();
  expect(kept.value.proven).toBe('1.0.0');
  await kept.set({ ...kept.value, proven: '1.2.0' });
  await updates.proven();
  expect(kept.value.proven).toBe('1.2.0');
});
