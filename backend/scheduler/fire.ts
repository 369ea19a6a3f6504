import { encode } from '#core/contract/codec.ts';
import { KanadeError } from '#core/contract/errors.ts';
import { deriveId } from '#core/contract/ids.ts';
import type { Manifest } from '#core/contract/job.ts';
import type { Schedule, ScheduleState } from '#core/contract/schedule.ts';
import { EXPIRES_MAX } from '#core/contract/streams.ts';
import type { Fired, Submitted } from '#core/contract/submission.ts';
import { instant } from '#core/contract/time.ts';
import { kvCompareAndSet } from '#core/nats/kv.ts';
import { readPcList, storePcList } from '../blobs/pc-list.ts';
import { supersede } from '../exec/cancel.ts';
import { hashOf } from '../exec/canonical.ts';
import { type Plan, planCommand } from '../exec/plan.ts';
import { namesOf, type ResolvedTarget } from '../exec/resolve-target.ts';
import { publishSubmission, runnableJob, submissionOf } from '../exec/submit.ts';
import { openRowsOf } from '../projectors/read/schedules.ts';
import { noteOf } from '../rollouts/rollout-note.ts';
import { startRollout } from '../rollouts/start-rollout.ts';
import type { SchedulerContext } from './context.ts';
import type { Fire, ZoneState } from './facts.ts';
import type { Roster } from './roster.ts';

/** Who fires, as executions and the audit name it (seed 004). */
export const SCHEDULER = 'scheduler';

/** The records of a state as the policy works with them. Lists of PCs that lie in `blobs` are fetched. */
export async function zonesOf(ctx: SchedulerContext, state: ScheduleState | undefined): Promise<Map<string, ZoneState>> {
  const zones = new Map<string, ZoneState>();
  for (const [zone, { decided, parts, waiting }] of Object.entries(state?.zones ?? {})) {
    zones.set(zone, { decided: Date.parse(decided), parts, waiting: waiting === undefined ? [] : await readPcList(ctx.nats, waiting) });
  }
  return zones;
}

/**
 * Writes down what was decided, then submits it: whoever dies in between leaves the exact messages behind, and whoever
 * finds them publishes them under the same ids. Of two that decide at once one loses the compare-and-set and has fired
 * nothing: false.
 */
export async function fire(
  ctx: SchedulerContext,
  schedule: Schedule,
  decided: { fires: readonly Fire[]; zones: ReadonlyMap<string, ZoneState>; roster: Roster },
): Promise<boolean> {
  const { nats, schedules } = ctx;
  const known = schedules.all.get(schedule.id);
  // Changed or deleted while this was decided: it is decided anew.
  if (known === undefined || 'error' in known || known.value.stored.schedule !== schedule) return false;
  const { changed_at: changedAt } = known.value.stored;
  const before = schedules.states.get(schedule.id);
  const old: ScheduleState = before !== undefined && 'value' in before ? before.value : { zones: {} };
  const pending: Submitted[] = [];
  let rollout: ScheduleState['pending_rollout'];
  for (const one of decided.fires) {
    if (schedule.rollout !== undefined && one.whole) rollout = await rolloutOf(ctx, schedule, one, changedAt);
    else pending.push(await messageOf(ctx, schedule, one, decided.roster));
  }
  const zones = recentOf(old.zones, ctx.clock());
  for (const [zone, { decided: at, parts, waiting }] of decided.zones) {
    const list = waiting.length === 0 ? {} : { waiting: await storePcList(nats, waiting) };
    zones[zone] = { decided: instant(at), parts, ...list };
  }
  const state: ScheduleState = {
    ...old,
    zones,
    ...(pending.length === 0 ? {} : { pending }),
    ...(rollout === undefined ? {} : { pending_rollout: rollout }),
  };
  if (!(await change(ctx, schedule.id, state, before?.revision ?? 0))) return false;
  await submitPending(ctx, schedule.id);
  return true;
}

/** Submits what was decided and perhaps not submitted, and writes down that it is. */
export async function submitPending(ctx: SchedulerContext, id: string): Promise<void> {
  const entry = ctx.schedules.states.get(id);
  if (entry === undefined || !('value' in entry)) return;
  const { pending = [], pending_rollout: rollout, ...rest } = entry.value;
  if (pending.length === 0 && rollout === undefined) return;
  const { epoch = '' } = ctx.projection.status().streams.EXECUTIONS;
  let seq = rollout === undefined ? 0 : await startPending(ctx, id, rollout);
  for (const message of pending) {
    await supersedeEarlier(ctx, message);
    seq = Math.max(seq, (await publishSubmission(ctx, message)).seq);
  }
  await change(ctx, id, { ...rest, last: { seq, epoch } }, entry.revision);
}

/**
 * Starts the rollout, or finds it started; the sequence of its first wave. What can never be started is let go, and said:
 * that of a schedule that was changed or disabled since too, for it would roll out what nobody decided on.
 */
async function startPending(ctx: SchedulerContext, id: string, pending: NonNullable<ScheduleState['pending_rollout']>): Promise<number> {
  const known = ctx.schedules.all.get(id);
  const { rollout_id, fired, list, changed_at } = pending;
  if (
    known === undefined ||
    'error' in known ||
    known.value.stored.changed_at !== changed_at ||
    known.value.stored.schedule.enabled === false
  ) {
    ctx.log.warn(
      { schedule: id, rollout: rollout_id },
      'a schedule was changed or disabled before its rollout was started: that is dropped',
    );
    return 0;
  }
  const { stored, plan } = known.value;
  const { schedule } = stored;
  const pcs = await readPcList(ctx.nats, list);
  try {
    const job = await runnableJob(ctx, schedule.job_id);
    const { dynamic: _, ...target } = schedule.target;
    const started = await startRollout(ctx, {
      id: rollout_id,
      actor: SCHEDULER,
      requestHash: hashOf(fired),
      plan: schedule.rollout!,
      command: planned(schedule, job, rollout_id, fired),
      expiresIn: plan.deadline / 1000,
      target: { target, broadcast: false, pcs },
      fired,
      ...(plan.window === undefined ? {} : { window: { ...plan.window, zone: plan.zone } }),
      frozen: ctx.schedules.freeze !== undefined,
    });
    // Of one that this process has not heard of yet the next tick would start another one beside it.
    if (ctx.rollouts.get(rollout_id) === undefined) {
      ctx.rollouts.accept(rollout_id, noteOf(started.kept.rollout), started.kept.revision);
    }
    return started.seq;
  } catch (error) {
    if (!(error instanceof KanadeError) || !HOPELESS.includes(error.code)) throw error;
    ctx.log.error({ schedule: id, error: error.message }, 'the rollout of a schedule cannot be started: its fire is dropped');
    return 0;
  }
}

const HOPELESS: readonly string[] = ['target_empty', 'command_too_large', 'job_revoked', 'unknown_job'];

/** What was decided longer ago than any fire can be started is not needed to know that it was. */
function recentOf(zones: ScheduleState['zones'], now: number): ScheduleState['zones'] {
  return Object.fromEntries(Object.entries(zones).filter(([, { decided }]) => Date.parse(decided) > now - FORGOTTEN));
}

/** Milliseconds: a day longer than the longest starting deadline. */
const FORGOTTEN = (EXPIRES_MAX + 86_400) * 1000;

/** False when somebody else changed it meanwhile. */
async function change(ctx: SchedulerContext, id: string, state: ScheduleState, revision: number): Promise<boolean> {
  try {
    ctx.schedules.states.accept(id, state, await kvCompareAndSet(ctx.nats, 'schedule_state', id, encode(state), revision));
    return true;
  } catch (error) {
    if (error instanceof KanadeError && error.code === 'precondition_failed') return false;
    throw error;
  }
}

async function messageOf(ctx: SchedulerContext, schedule: Schedule, one: Fire, roster: Roster): Promise<Submitted> {
  const { zone, part } = one;
  const execId = fireId(schedule, one);
  const fired = firedOf(schedule, one);
  const job = await runnableJob(ctx, schedule.job_id);
  const { command, ...rest } = planned(schedule, job, execId, fired);
  return submissionOf(ctx, {
    actor: SCHEDULER,
    execId,
    requestHash: hashOf({ ...fired, zone, part }),
    now: ctx.clock(),
    plan: {
      ...rest,
      command: { ...command, issued_at: fired.nominal_at, expires_at: instant(one.expiresAt) },
    },
    target: targetOf(schedule, one, roster),
    fired,
  });
}

async function rolloutOf(
  ctx: SchedulerContext,
  schedule: Schedule,
  one: Fire,
  changedAt: string,
): Promise<ScheduleState['pending_rollout']> {
  const list = await storePcList(ctx.nats, one.pcs);
  return { rollout_id: fireId(schedule, one), fired: firedOf(schedule, one), list, changed_at: changedAt };
}

/** The same for the same fire, whoever decides it and however often. */
function fireId({ id }: Schedule, { zone, nominal, attempt, part }: Fire): string {
  return deriveId('fire', id, zone, instant(nominal), String(attempt), String(part));
}

function firedOf({ id }: Schedule, { nominal, attempt }: Fire): Fired {
  return { schedule_id: id, nominal_at: instant(nominal), attempt };
}

/** The command but for its times. */
function planned({ job_id, jitter }: Schedule, job: Manifest, execId: string, { schedule_id, nominal_at }: Fired): Plan {
  const request = { job_id, target: {}, ...(jitter === undefined ? {} : { jitter }) };
  const { command, ...rest } = planCommand(request, job, execId, Date.parse(nominal_at));
  return { ...rest, command: { ...command, schedule_id, nominal_at } };
}

/** Everybody by one message to all; otherwise each by name. */
function targetOf({ target }: Schedule, { pcs, whole }: Fire, roster: Roster): ResolvedTarget {
  const { dynamic: _, ...asked } = target;
  return {
    target: whole ? asked : namesOf(pcs),
    broadcast: whole && target.all === true && roster.isEverybody(pcs),
    pcs: [...pcs],
  };
}

/**
 * A PC that is off gets the newest fire only. What earlier fires of this schedule left queued for these PCs is cancelled
 * before the new command is sent, so that nobody can be handed both.
 */
async function supersedeEarlier(ctx: SchedulerContext, { fired, list }: Submitted): Promise<void> {
  const { schedule_id: id, nominal_at } = fired!;
  const meant = new Set(await readPcList(ctx.nats, list));
  const earlier = new Map<string, string[]>();
  for (const row of openRowsOf(ctx.db, id, ctx.clock())) {
    if (row.state !== 'queued' || row.run_now || row.nominal_at >= Date.parse(nominal_at) || !meant.has(row.pc_id)) continue;
    const pcs = earlier.get(row.exec_id);
    if (pcs) pcs.push(row.pc_id);
    else earlier.set(row.exec_id, [row.pc_id]);
  }
  for (const [execId, pcs] of earlier) await supersede(ctx, { actor: SCHEDULER, execId, pcs });
}
