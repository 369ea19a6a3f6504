import { encode } from '#core/contract/codec.ts';
import { KanadeError } from '#core/contract/errors.ts';
import type { Schedule, ScheduleState } from '#core/contract/schedule.ts';
import { EXPIRES_MAX } from '#core/contract/streams.ts';
import type { Submitted } from '#core/contract/submission.ts';
import { instant } from '#core/contract/time.ts';
import { kvCompareAndSet } from '#core/nats/kv.ts';
import { SCHEDULER } from '../audit/write-audit.ts';
import { readPcList, storePcList } from '../blobs/pc-list.ts';
import { supersede } from '../exec/cancel.ts';
import { publishSubmission } from '../exec/submit.ts';
import { openRowsOf } from '../projectors/read/schedules.ts';
import type { SchedulerContext } from './context.ts';
import type { Fire, ZoneState } from './facts.ts';
import { submissionFor } from './fire-message.ts';
import { rolloutFor, startPending } from './fire-rollout.ts';
import type { Roster } from './roster.ts';

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
  // It became unreadable meanwhile: nothing is written over it, and nothing fired.
  if (before !== undefined && 'error' in before) return false;
  const old: ScheduleState = before?.value ?? { zones: {} };
  const pending: Submitted[] = [];
  let rollout: ScheduleState['pending_rollout'];
  for (const one of decided.fires) {
    if (schedule.rollout !== undefined && one.whole) rollout = await rolloutFor(ctx, schedule, one, changedAt);
    else pending.push(await submissionFor(ctx, schedule, one, decided.roster));
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
