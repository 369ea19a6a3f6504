import { setTimeout as sleep } from 'node:timers/promises';
import { KanadeError, messageOf } from '#core/contract/errors.ts';
import { sha256 } from '#core/contract/ids.ts';
import type { ScheduleState } from '#core/contract/schedule.ts';
import { caughtUp } from '../lease/caught-up.ts';
import { type Armed, armedOf } from './armed.ts';
import { completeSchedule } from './complete.ts';
import type { SchedulerContext } from './context.ts';
import { evaluate } from './evaluate.ts';
import { fire, submitPending, zonesOf } from './fire.ts';
import { heldBy } from './held.ts';
import { type Occurrences, occurrencesOf } from './occurrences.ts';
import type { SchedulePlan } from './plan.ts';
import { Roster } from './roster.ts';
import type { KnownSchedule } from './schedules.ts';
import { successesBy, worldOf } from './world.ts';

/** Milliseconds. Seeds' patterns begin with seconds. */
const TICK = 1000;
const MINUTE = 60_000;
/** While part of a fire waits for its turn, or for its retry. */
const LOOK_ON = 2000;
/** After something that may pass: a full stream, a job that is not there. */
const LOOK_AGAIN = 15_000;
/** Between two ticks the clock does not go back by more than this unless somebody has set it. */
const CLOCK_SET = 5000;

/** What is remembered of one schedule between two looks at it. */
interface Watched {
  /** When to look next, milliseconds since 1970. */
  due: number;
  seen: Map<string, number>;
  armed?: Armed & { roster: Roster; version: string };
  /** The zones its PCs are in, of `tz: local`. */
  zones?: { roster: Roster; names: readonly string[] };
  said?: string;
}

/** Lease holder only: fires the schedules until `signal` aborts. */
export async function runScheduler(ctx: SchedulerContext, signal: AbortSignal): Promise<void> {
  const end = await caughtUp(ctx, signal).catch((error) => {
    if (!signal.aborted) throw error;
  });
  if (end === undefined) return;
  const scheduler = new Scheduler(ctx, end.executions);
  scheduler.follow(signal);
  while (!signal.aborted) {
    await scheduler.tick(signal);
    // On the second, so that what is due at 03:00:00 is fired then and not up to a second later.
    await sleep(TICK - (ctx.clock() % TICK), undefined, { signal }).catch(() => {});
  }
}

/**
 * Looks at each schedule when something may be due, and only then: at the next instant of its pattern, once a minute
 * without one, and when something it rests on has changed.
 */
export class Scheduler {
  readonly #ctx: SchedulerContext;
  readonly #watched = new Map<string, Watched>();
  /** The end of EXECUTIONS that is projected, or was purged, since before the first look. */
  readonly #begun: number;
  #roster: Roster;
  #rosterIsOld = false;
  #lastTick = 0;

  constructor(ctx: SchedulerContext, begun: number) {
    this.#ctx = ctx;
    this.#begun = begun;
    this.#roster = new Roster(ctx.agents);
    for (const id of ctx.schedules.all.keys()) this.#lookSoon(id);
  }

  follow(signal: AbortSignal): void {
    const { schedules, agents, projection, db } = this.#ctx;
    schedules.onChange((id) => this.#forget(id), signal);
    const renew = () => {
      this.#rosterIsOld = true;
    };
    agents.onEntry(renew, signal);
    agents.onDynamic(renew, signal);
    const scheduleOf = db.prepare<[string], string | null>('SELECT schedule_id FROM executions WHERE exec_id = ?').pluck();
    const stop = projection.onCommit(({ execIds }) => {
      for (const execId of execIds) {
        const id = scheduleOf.get(execId);
        if (id) this.#changed(id);
      }
    });
    signal.addEventListener('abort', stop, { once: true });
  }

  /** Looks at all that are due. One that fails harms no other. */
  async tick(signal: AbortSignal): Promise<void> {
    const now = this.#ctx.clock();
    if (this.#rosterIsOld) {
      this.#rosterIsOld = false;
      this.#roster = new Roster(this.#ctx.agents);
      // A PC may have come in a zone where nothing was due before.
      for (const [id, watched] of this.#watched) if (this.#planOf(id)?.zone === 'local') watched.due = 0;
    }
    // The clock was set back: what was to be looked at in the future of before is looked at now.
    if (now < this.#lastTick - CLOCK_SET) for (const watched of this.#watched.values()) watched.due = 0;
    this.#lastTick = now;
    for (const [id, watched] of this.#watched) {
      if (watched.due > now) continue;
      if (signal.aborted) return;
      try {
        watched.due = await this.#look(id, watched, now);
        watched.said = undefined;
      } catch (error) {
        watched.seen.clear();
        watched.due = now + LOOK_AGAIN;
        this.#say(id, watched, messageOf(error));
      }
    }
  }

  /** Fires what is due, and says when to look again. */
  async #look(id: string, watched: Watched, now: number): Promise<number> {
    const { schedules } = this.#ctx;
    const entry = schedules.all.get(id);
    const state = schedules.states.get(id);
    // Nothing is done about what cannot be read, and nothing without being enabled, until it changes.
    if (entry === undefined || 'error' in entry || (state !== undefined && 'error' in state)) return Number.POSITIVE_INFINITY;
    if (state?.value.pending !== undefined || state?.value.pending_rollout !== undefined) {
      await submitPending(this.#ctx, id);
      return now;
    }
    const { schedule } = entry.value.stored;
    if (schedule.enabled === false) return Number.POSITIVE_INFINITY;
    if (!this.#hasSeen(state?.value.last)) return now + TICK;
    const job = schedules.jobs.get(schedule.job_id);
    if (job === undefined || 'error' in job) throw new KanadeError('unknown_job', `there is no job ${schedule.job_id} that can be read`);
    return this.#decide(id, watched, {
      known: entry.value,
      revision: entry.revision,
      state: state?.value,
      version: job.value.manifest.version,
      now,
    });
  }

  /** Whether what was submitted last is projected: no fire is repeated before its rows are seen. */
  #hasSeen(last: ScheduleState['last']): boolean {
    const { epoch, seq } = this.#ctx.projection.status().streams.EXECUTIONS;
    return last === undefined || last.epoch !== epoch || last.seq <= Math.max(seq, this.#begun);
  }

  async #decide(
    id: string,
    watched: Watched,
    o: { known: KnownSchedule; revision: number; state: ScheduleState | undefined; version: string; now: number },
  ): Promise<number> {
    const { db } = this.#ctx;
    const { known, revision, state, version, now } = o;
    const { plan, stored } = known;
    const { schedule } = stored;
    const roster = this.#roster;
    const changedAt = Date.parse(stored.changed_at);
    const members = roster.members(schedule.target);
    const pcs = plan.mode === 'every_tick' ? members : this.#armed(watched, known, members, version, now);
    const zones = await zonesOf(this.#ctx, state);
    const held = heldBy(this.#ctx, known) !== undefined;
    const world = worldOf({ db, roster, schedule, members: members.length, pcs, version, held, now, changedAt });
    const occurrences = (zone: string) => occurrencesOf(patternOf(plan), zone);
    const verdict = evaluate({ plan, world, zones, changedAt, seen: watched.seen, occurrences });
    if (verdict.fires.length > 0 || verdict.zones.size > 0) {
      if (!(await fire(this.#ctx, schedule, { fires: verdict.fires, zones: verdict.zones, roster }))) {
        watched.seen.clear();
        return now + TICK;
      }
      return now + TICK;
    }
    if (verdict.done) await completeSchedule(this.#ctx, id, revision);
    return nextLook(known, { zones: this.#zonesIn(watched, plan, members), records: zones, occurrences, now });
  }

  #armed(watched: Watched, { plan, stored }: KnownSchedule, members: readonly string[], version: string, now: number): readonly string[] {
    const roster = this.#roster;
    const { armed } = watched;
    if (armed !== undefined && armed.roster === roster && armed.version === version && now < armed.until) return armed.pcs;
    const success = successesBy(this.#ctx.db, roster, stored.schedule.id);
    watched.armed = { ...armedOf(plan, { members, success, now, version }), roster, version };
    return watched.armed.pcs;
  }

  #zonesIn(watched: Watched, plan: SchedulePlan, members: readonly string[]): readonly string[] {
    if (plan.zone !== 'local') return [plan.zone];
    const roster = this.#roster;
    if (watched.zones?.roster !== roster) watched.zones = { roster, names: roster.zonesOf(members) };
    return watched.zones.names;
  }

  /** Its text or its state is another one. */
  #forget(id: string): void {
    if (this.#ctx.schedules.all.get(id) === undefined) this.#watched.delete(id);
    else this.#lookSoon(id);
  }

  #lookSoon(id: string): void {
    const seen = this.#watched.get(id)?.seen ?? new Map();
    this.#watched.set(id, { due: 0, seen });
  }

  /** Something was projected that one of its executions did. */
  #changed(id: string): void {
    const watched = this.#watched.get(id);
    if (watched === undefined) return;
    delete watched.armed;
    const { maxConcurrent, retry, autoDisable } = this.#planOf(id) ?? {};
    // Only these wait for what comes back; the others go by their time.
    if (maxConcurrent !== undefined || retry !== undefined || autoDisable) watched.due = Math.min(watched.due, this.#lastTick + LOOK_ON);
  }

  #planOf(id: string) {
    const entry = this.#ctx.schedules.all.get(id);
    return entry !== undefined && 'value' in entry ? entry.value.plan : undefined;
  }

  /** Once for each different trouble. */
  #say(id: string, watched: Watched, words: string): void {
    if (watched.said !== words) this.#ctx.log.warn({ schedule: id, error: words }, 'a schedule could not be fired: trying again');
    watched.said = words;
  }
}

function patternOf({ trigger }: SchedulePlan): string {
  if (trigger.kind !== 'ticks') throw new Error('it has no pattern');
  return trigger.pattern;
}

function nextLook(
  { plan, stored }: KnownSchedule,
  o: {
    zones: readonly string[];
    records: ReadonlyMap<string, { decided: number; waiting: readonly string[] }>;
    occurrences: (zone: string) => Occurrences;
    now: number;
  },
): number {
  const { zones, records, occurrences, now } = o;
  if (plan.trigger.kind === 'minutes') {
    // Each at a second of its own, so that 1,000 schedules do not all look at the same moment.
    const second = (Number.parseInt(sha256(stored.schedule.id).slice(0, 4), 16) % 60) * 1000;
    return Math.floor((now - second) / MINUTE) * MINUTE + MINUTE + second;
  }
  let due = Number.POSITIVE_INFINITY;
  for (const zone of zones) due = Math.min(due, occurrences(zone).after(now) ?? Number.POSITIVE_INFINITY);
  for (const { decided, waiting } of records.values()) {
    const open = now < decided + plan.deadline;
    if (open && waiting.length > 0) due = Math.min(due, now + LOOK_ON);
    if (open && plan.retry !== undefined && plan.mode === 'every_tick') due = Math.min(due, now + LOOK_AGAIN);
  }
  // What was missed waits for its window to open, and what is frozen for the thaw.
  if (plan.catchUp && plan.window !== undefined) due = Math.min(due, now + MINUTE);
  return due;
}
