import { expect, test } from 'vitest';
import { abort, advance, type Change, pause, resume } from '#backend/rollouts/change-rollout.ts';
import { type Decision, decide as decideHeld, type WaveCounts } from '#backend/rollouts/decide.ts';
import { heldBack } from '#backend/rollouts/held-back.ts';
import { completed, halted, waveStarted, waveSubmitted, waveWithheld } from '#backend/rollouts/steps.ts';
import type { KanadeError } from '#core/contract/errors.ts';
import type { Rollout, RolloutPlan } from '#core/contract/rollout.ts';
import { freshRollout, NOBODY, pcNames, startedRollout, T0 } from '#tests/support/rollouts.ts';

const MINUTE = 60_000;
const SOAK: RolloutPlan = { waves: [10, '100%'], soak: '30m' };
const seen = (counts: Partial<WaveCounts>): WaveCounts => ({ ...NOBODY, ...counts });
const decide = (rollout: Rollout, counts: readonly (WaveCounts | undefined)[], now: number) => decideHeld(rollout, counts, now, undefined);
const short = (d: Decision) => (d.do === 'halt' ? `halt ${d.wave} ${d.reason}` : 'wave' in d ? `${d.do} ${d.wave}` : d.do);

/** What is decided of a first wave of ten so long after its start. */
function firstWave(plan: Partial<RolloutPlan>, counts: Partial<WaveCounts>, after: number, change: Partial<Rollout> = {}): string {
  const rollout = { ...startedRollout({ ...SOAK, ...plan }, 100), ...change };
  return short(decide(rollout, [seen(counts)], T0 + after));
}

test.each<[string, Partial<RolloutPlan>, Partial<WaveCounts>, number, string]>([
  ['waits while it soaks', {}, { succeeded: 10 }, 30 * MINUTE - 1, 'wait 1'],
  ['goes on at the end of the soak', {}, { succeeded: 10 }, 30 * MINUTE, 'start 1'],
  ['waits for what is running', {}, { succeeded: 9, running: 1 }, 99 * MINUTE, 'wait 1'],
  ['waits for PCs that are online', {}, { succeeded: 9, waiting: 1 }, 99 * MINUTE, 'wait 1'],
  ['does not wait for PCs that are off', {}, { succeeded: 1, offline: 9 }, 30 * MINUTE, 'start 1'],
  ['does not wait for what expired, was skipped or cancelled', {}, { expired: 5, skipped: 5 }, 30 * MINUTE, 'start 1'],
  ['does not wait for what was put off', {}, { put_off: 10 }, 30 * MINUTE, 'start 1'],
  ['halts at the first failure unless more are allowed', {}, { failed: 1, running: 9 }, 1, 'halt 0 failures'],
  ['allows what is allowed', { max_failure_percent: 10 }, { failed: 1, running: 9 }, 1, 'wait 1'],
  ['halts at one more, at once', { max_failure_percent: 10 }, { failed: 2, running: 8 }, 1, 'halt 0 failures'],
  [
    'counts failures among those that answered after the soak',
    { max_failure_percent: 10 },
    { failed: 1, succeeded: 8, offline: 1 },
    30 * MINUTE,
    'halt 0 failures',
  ],
  ['and not before', { max_failure_percent: 10 }, { failed: 1, succeeded: 8, offline: 1 }, 29 * MINUTE, 'wait 1'],
  ['goes on with as many as are allowed', { max_failure_percent: 10 }, { failed: 1, succeeded: 9 }, 30 * MINUTE, 'start 1'],
  ['halts while others still run', { max_failure_percent: 40 }, { failed: 1, succeeded: 1, running: 8 }, 30 * MINUTE, 'halt 0 failures'],
  ['waits for min_success while PCs may come back', { min_success: 5 }, { succeeded: 4, offline: 6 }, 99 * MINUTE, 'wait 1'],
  ['goes on with min_success', { min_success: 5 }, { succeeded: 5, offline: 5 }, 30 * MINUTE, 'start 1'],
  ['min_success may be a share', { min_success: '45%' }, { succeeded: 4, offline: 6 }, 30 * MINUTE, 'wait 1'],
  ['and of a smaller wave it is all', { min_success: 50 }, { succeeded: 10 }, 30 * MINUTE, 'start 1'],
  ['halts as soon as min_success cannot be met', { min_success: 5 }, { succeeded: 2, running: 2, skipped: 6 }, 1, 'halt 0 min_success'],
  ['what expired cannot meet it', { min_success: '100%' }, { succeeded: 9, expired: 1 }, 1, 'halt 0 min_success'],
  ['nor can what was put off', { min_success: '100%' }, { succeeded: 9, put_off: 1 }, 1, 'halt 0 min_success'],
])('a wave %s', (_, plan, counts, after, expected) => {
  expect(firstWave(plan, counts, after)).toBe(expected);
});

test.each<[string, Partial<RolloutPlan>, Partial<WaveCounts>, string]>([
  ['skips the soak and the waiting', {}, { running: 5, waiting: 5 }, 'start 1'],
  ['skips min_success', { min_success: 5 }, { offline: 10 }, 'start 1'],
  ['does not skip the limit', {}, { failed: 1, running: 9 }, 'halt 0 failures'],
  ['takes the limit as it is after the soak', { max_failure_percent: 10 }, { failed: 1, succeeded: 1, running: 8 }, 'halt 0 failures'],
])('advance %s', (_, plan, counts, expected) => {
  expect(firstWave(plan, counts, 1, { advance: 'now' })).toBe(expected);
});

test('a wave that is written down is submitted before anything else, and waited for until it is projected', () => {
  const rollout = freshRollout(SOAK, pcNames(100));
  expect(decide(rollout, [undefined], T0)).toEqual({ do: 'submit', wave: 0 });
  expect(short(decide(waveSubmitted(rollout, 0, 1, T0), [undefined], T0 + 99 * MINUTE))).toBe('wait 1');
});

test('a wave that is written down is not sent any more when an earlier one has failed since', () => {
  const rollout = waveStarted(startedRollout(SOAK, 100), 1, T0);
  expect(short(decide(rollout, [seen({ succeeded: 10 })], T0))).toBe('submit 1');
  expect(short(decide(rollout, [undefined], T0))).toBe('wait null');
  expect(short(decide(rollout, [seen({ failed: 1, succeeded: 9 })], T0))).toBe('halt 0 failures');
  const halt = halted(rollout, { wave: 0, reason: 'failures', detail: '', offline_queued: 0 }, T0);
  expect(short(decide(halt, [seen({ failed: 1 })], T0))).toBe('find 1');
  expect(resume(halt, 'me', T0).accepted).toBe(0);
  expect(resume(waveWithheld(halt, 1, T0), 'me', T0)).toMatchObject({ accepted: 0, wave: 0 });
});

test('a wave that was withheld by a pause starts when it is resumed, the first one too', () => {
  const paused = pause(freshRollout(SOAK, pcNames(100)), 'me', T0);
  expect(short(decide(paused, [], T0))).toBe('find 0');
  expect(short(decide(resume(waveWithheld(paused, 0, T0), 'me', T0), [], T0))).toBe('start 0');
});

test('an earlier wave is looked at as well, unless it was accepted', () => {
  const rollout = startedRollout({ waves: [1, 2, '100%'], soak: '30m' }, 10, 2);
  const counts = [seen({ failed: 1 }), seen({ succeeded: 1 })];
  expect(short(decide(rollout, counts, T0))).toBe('halt 0 failures');
  expect(short(decide({ ...rollout, accepted: 0 }, counts, T0))).toBe('wait 2');
  expect(short(decide({ ...rollout, accepted: 0 }, counts, T0 + 30 * MINUTE))).toBe('start 2');
});

test('the last wave soaks too; then everything that runs is waited for, in whichever wave', () => {
  const rollout = startedRollout({ waves: [1, '100%'], soak: '30m', min_success: '100%' }, 3, 2);
  const done = [seen({ succeeded: 1 }), seen({ succeeded: 1, offline: 1 })];
  expect(short(decide(rollout, done, T0))).toBe('wait null');
  expect(short(decide(rollout, done, T0 + 30 * MINUTE))).toBe('complete');
  expect(short(decide(rollout, [seen({ running: 1 }), done[1]], T0 + 30 * MINUTE))).toBe('wait null');
  expect(short(decide(rollout, [done[0], seen({ failed: 1, succeeded: 1 })], T0))).toBe('halt 1 failures');
});

test.each(['paused', 'halted', 'aborted', 'completed'] as const)('of one that is %s nothing is decided', (status) => {
  const rollout: Rollout = { ...startedRollout(SOAK, 100), status };
  expect(short(decide(rollout, [seen({ failed: 10 })], T0 + 99 * MINUTE))).toBe('wait null');
});

test('what is queued is cancelled after a halt or an abort that says so, once all of it can be seen', () => {
  const plan = { ...SOAK, on_halt: 'cancel_queued' } as const;
  const halt = halted(startedRollout(plan, 100), { wave: 0, reason: 'failures', detail: '', offline_queued: 0 }, T0);
  expect(short(decide(halt, [undefined], T0))).toBe('wait 1');
  expect(short(decide(halt, [NOBODY], T0))).toBe('cancel');
  expect(short(decide(resume(halt, 'me', T0), [NOBODY], T0))).toBe('cancel');
  const aborted = (cancelQueued?: boolean, on = plan as RolloutPlan) =>
    short(decide(abort(cancelQueued)(startedRollout(on, 100), 'me', T0), [NOBODY], T0));
  expect(aborted()).toBe('cancel');
  expect(aborted(false)).toBe('wait null');
  expect(aborted(undefined, SOAK)).toBe('wait null');
  expect(aborted(true, SOAK)).toBe('cancel');
});

test('a wave that was not submitted when its rollout was aborted is looked for, not sent; if it was sent its queue is cancelled as well', () => {
  const rollout = abort(true)(freshRollout(SOAK, pcNames(100)), 'me', T0);
  expect(decide(rollout, [undefined], T0)).toEqual({ do: 'find', wave: 0 });
  const withheld = waveWithheld(rollout, 0, T0);
  expect(short(decide(withheld, [], T0))).toBe('cancel');
  const late = waveSubmitted({ ...withheld, cancel: { by: 'me', done: true } }, 0, 7, T0);
  expect(late).toMatchObject({ wave: 0, cancel: { done: false } });
  expect(waveWithheld(late, 0, T0)).toBe(late);
});

test('resumed from a halt, what has failed is accepted; the soak goes on and min_success is not asked for', () => {
  const plan: RolloutPlan = { ...SOAK, min_success: 5 };
  const counts = [seen({ failed: 10 })];
  const halt = halted(startedRollout(plan, 100), { wave: 0, reason: 'failures', detail: '', offline_queued: 0 }, T0);
  const resumed = resume(halt, 'me', T0);
  expect(resumed).toMatchObject({ status: 'running', accepted: 0 });
  expect(short(decide(resumed, counts, T0))).toBe('wait 1');
  expect(short(decide(resumed, counts, T0 + 30 * MINUTE))).toBe('start 1');
  expect(resume(pause(startedRollout(plan, 100), 'me', T0), 'me', T0).accepted).toBe(-1);
});

const running = startedRollout(SOAK, 100);
const AT: Record<Rollout['status'], Rollout> = {
  running,
  paused: pause(running, 'me', T0),
  halted: halted(running, { wave: 0, reason: 'failures', detail: '', offline_queued: 0 }, T0),
  aborted: abort(undefined)(running, 'me', T0),
  completed: completed(running, T0),
};

test.each<[string, Change, Partial<Record<Rollout['status'], Rollout['status']>>]>([
  ['pause', pause, { running: 'paused', paused: 'paused' }],
  ['resume', resume, { paused: 'running', halted: 'running', running: 'running' }],
  ['abort', abort(undefined), { running: 'aborted', paused: 'aborted', halted: 'aborted', aborted: 'aborted' }],
  ['advance', advance, { running: 'running' }],
])('%s is possible from some states, does nothing the second time, and is refused otherwise', (_, change, allowed) => {
  for (const [status, rollout] of Object.entries(AT)) {
    const to = allowed[status as Rollout['status']];
    if (to === undefined) {
      expect(() => change(rollout, 'me', T0)).toThrow(expect.objectContaining({ code: 'rollout_state' } satisfies Partial<KanadeError>));
      continue;
    }
    const after = change(rollout, 'me', T0);
    expect(after.status).toBe(to);
    expect(change(after, 'me', T0)).toBe(after);
  }
});

test('there is nothing to advance to behind the last wave, and what was advanced is so once', () => {
  expect(() => advance(startedRollout(SOAK, 100, 2), 'me', T0)).toThrow('the last wave');
  expect(waveStarted(advance(running, 'me', T0), 1, T0).advance).toBeUndefined();
  expect(pause(advance(running, 'me', T0), 'me', T0).advance).toBeUndefined();
});

const FIRED = { schedule_id: 's', nominal_at: '2026-11-21T11:59:00Z', attempt: 0 };

test('a freeze holds back what schedules fired, and neither what a person asked for nor a run-now', () => {
  expect(heldBack({ fired: FIRED }, true, T0)).toContain('frozen');
  expect(heldBack({ fired: FIRED }, false, T0)).toBeUndefined();
  expect(heldBack({ fired: { ...FIRED, run_now: true } }, true, T0)).toBeUndefined();
  expect(heldBack({}, true, T0)).toBeUndefined();
});

test('one that is held back starts and submits no wave, says why, and still halts, completes and finds what was sent', () => {
  const held = (rollout: Rollout, counts: readonly (WaveCounts | undefined)[], now: number) => decideHeld(rollout, counts, now, 'frozen');
  const soaked = T0 + 30 * MINUTE;
  const rollout = startedRollout(SOAK, 100);
  expect(held(rollout, [seen({ succeeded: 10 })], soaked)).toEqual({ do: 'wait', wave: 1, why: 'frozen' });
  expect(held({ ...rollout, advance: 'now' }, [seen({ succeeded: 10 })], T0)).toEqual({ do: 'wait', wave: 1, why: 'frozen' });
  expect(held(freshRollout(SOAK, pcNames(100)), [undefined], T0)).toEqual({ do: 'wait', wave: 0, why: 'frozen' });
  expect(short(held(freshRollout(SOAK, pcNames(100)), [seen({ running: 10 })], T0))).toBe('submit 0');
  expect(short(held(rollout, [seen({ failed: 10 })], T0))).toBe('halt 0 failures');
  expect(short(held(startedRollout(SOAK, 100, 2), [NOBODY, NOBODY], soaked))).toBe('complete');
});

test.each([
  ['2026-11-21T12:00:00+01:00', false],
  ['2026-11-21T21:59:00+01:00', false],
  ['2026-11-21T22:00:00+01:00', true],
  ['2026-11-22T04:59:00+01:00', true],
  ['2026-11-22T05:00:00+01:00', false],
  ['2026-07-21T04:59:00+02:00', true],
  ['2026-07-21T05:00:00+02:00', false],
])('a window from 22:00 to 05:00 in Berlin is what its clocks show: at %s open %s', (at, open) => {
  const window = { from: 22 * 60, to: 5 * 60, zone: 'Europe/Berlin' };
  const why = heldBack({ window }, false, Date.parse(at));
  expect(why).toEqual(open ? undefined : 'it is outside the window, which opens at 22:00 (Europe/Berlin)');
});
