import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ExecContext } from '#backend/exec/context.ts';
import { UNKNOWN } from '#backend/projectors/status.ts';
import { readNote } from '#backend/rollouts/rollout-note.ts';
import { readRollout } from '#backend/rollouts/rollout-store.ts';
import { waveExecId } from '#backend/rollouts/submit-wave.ts';
import type { SchedulerContext } from '#backend/scheduler/context.ts';
import { submitPending } from '#backend/scheduler/fire.ts';
import { planOf } from '#backend/scheduler/plan.ts';
import { Schedules } from '#backend/scheduler/schedules.ts';
import type { Schedule, ScheduleState } from '#core/contract/schedule.ts';
import { subjects } from '#core/contract/subjects.ts';
import type { Submitted } from '#core/contract/submission.ts';
import { instant } from '#core/contract/time.ts';
import { lastMessage } from '#core/nats/jetstream.ts';
import { Mirror } from '#core/nats/mirror.ts';
import { execContext } from '#tests/support/exec-context.ts';
import { kanadeOfFile } from '#tests/support/kanade-of-file.ts';
import { rolloutIs } from '#tests/support/rollout-api.ts';
import { putJob } from '#tests/support/schedules.ts';

/** What a holder that died left behind: a rollout that was decided and perhaps not started. */

const HOUR = 3600_000;
const { kanade } = await kanadeOfFile();
let ctx: ExecContext & AsyncDisposable;

beforeAll(async () => {
  await putJob(kanade, 'tidy', 'true');
  ctx = await execContext(kanade.broker.url, kanade.backend.dataDir);
});
afterAll(async () => {
  await ctx?.[Symbol.asyncDispose]();
});

/** A holder that knows the schedule and what was decided when it said what it said at `changedAt`, and nothing that it did not write itself. */
function holder(id: string, fields: Partial<Schedule>, changedAt?: string, now = instant(ctx.clock())): SchedulerContext {
  const schedule: Schedule = {
    ...{ id, job_id: 'tidy', target: { all: true }, when: { calendar: { at: '03:00' } } },
    ...{ rollout: { waves: [1, '100%'] }, ...fields },
  };
  const schedules = new Schedules();
  const stored = { schedule, source: null, changed_at: now, updated_at: now, updated_by: 'admin' };
  schedules.all.accept(id, { stored, plan: planOf(schedule) }, 1);
  const fired = { schedule_id: id, nominal_at: now, attempt: 0 };
  const pending = { rollout_id: `${id}-rollout`, fired, list: { pcs: ['GONE1', 'GONE2'] }, changed_at: changedAt ?? now };
  const state: ScheduleState = { zones: {}, pending_rollout: pending };
  schedules.states.accept(id, state, 0);
  const status = { ...UNKNOWN, caughtUp: true };
  const streams = { EXECUTIONS: status, EVENTS: status, RESULTS: status, AUDIT: status, INVENTORY: status, KV_completions: status };
  const projection = { passed: async () => {}, onCommit: () => () => {}, status: () => ({ streams }) };
  return { ...ctx, schedules, rollouts: new Mirror(readNote), projection };
}

const timeOfDay = (at: number) => new Date(at).toISOString().slice(11, 16);

/** A window in UTC from so many hours from now until so many. */
const windowFrom = (from: number, to: number) => `${timeOfDay(ctx.clock() + from * HOUR)}-${timeOfDay(ctx.clock() + to * HOUR)}`;

/** The command of its first wave, once that was sent. */
async function firstCommand(rolloutId: string): Promise<{ expires_at: string } | undefined> {
  const found = await lastMessage(ctx.nats, 'EXECUTIONS', subjects.submitted(waveExecId(rolloutId, 0)));
  return found && JSON.parse((JSON.parse(new TextDecoder().decode(found.data)) as Submitted).command);
}

test('the commands of a wave end with the window that is open', async () => {
  const window = windowFrom(-1, 2);
  await submitPending(holder('open', { when: { calendar: { at: timeOfDay(ctx.clock()) } }, window }), 'open');
  const { expires_at: expires } = (await firstCommand('open-rollout'))!;
  expect(expires.slice(11, 16)).toBe(window.slice(6));
  expect(Date.parse(expires) - ctx.clock()).toBeLessThan(2 * HOUR);
});

test('a wave whose window is closed waits for it, and says so', async () => {
  const window = windowFrom(2, 3);
  await submitPending(holder('closed', { when: { calendar: { at: window.slice(0, 5) } }, window }), 'closed');
  expect((await readRollout(ctx.nats, 'closed-rollout'))!.rollout).toMatchObject({ status: 'running', window: { zone: 'UTC' } });
  const view = await rolloutIs(kanade.backend, 'closed-rollout', 'held back', (one) => /outside the window/.test(one.next.why));
  expect(view.next).toEqual({ wave: 0, why: `it is outside the window, which opens at ${window.slice(0, 5)} (UTC)` });
  expect(await firstCommand('closed-rollout')).toBeUndefined();
});

test('whoever starts a rollout, or finds it started, knows of it before the bucket tells him', async () => {
  // Both have read the same decision.
  const decided = instant(ctx.clock());
  for (const one of [holder('known', {}, decided, decided), holder('known', {}, decided, decided)]) {
    await submitPending(one, 'known');
    expect(one.rollouts.get('known-rollout')).toMatchObject({ value: { summary: { schedule_id: 'known', status: 'running' } } });
  }
});

test.each<[string, Partial<Schedule>, string | undefined]>([
  ['deleted and made again', {}, '2026-01-01T00:00:00.000Z'],
  ['disabled', { enabled: false }, undefined],
])('a rollout that was decided before its schedule was %s is not started any more, and does not come back', async (how, fields, changedAt) => {
  const id = how.split(' ')[0]!;
  const one = holder(id, fields, changedAt);
  await submitPending(one, id);
  expect(await readRollout(ctx.nats, `${id}-rollout`)).toBeUndefined();
  expect(one.schedules.states.get(id)).toMatchObject({ value: { zones: {} } });
  expect(one.schedules.states.get(id)).not.toHaveProperty('value.pending_rollout');
});
