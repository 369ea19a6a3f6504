import { parseDuration } from '#core/contract/duration.ts';
import { type Fault, KanadeError, messageOf } from '#core/contract/errors.ts';
import type { Mode, Schedule } from '#core/contract/schedule.ts';
import { EXPIRES_MAX } from '#core/contract/streams.ts';
import { rolloutFaults } from '../rollouts/plan.ts';
import { isDate, parseTimeOfDay, patternOnce } from './local-time.ts';
import { patternFault, zoneNamed } from './occurrences.ts';

/** What makes a schedule look at its PCs: the instants of a pattern, or the mere passing of minutes. */
export type Trigger = { kind: 'ticks'; pattern: string; once: boolean } | { kind: 'minutes' };

/** When a PC that succeeded is due again. */
export type Again = { kind: 'never' } | { kind: 'version' } | { kind: 'after'; ms: number };

/** A schedule as the scheduler works with it: everything parsed, every default filled in. Durations in milliseconds. */
export interface SchedulePlan {
  id: string;
  trigger: Trigger;
  mode: Mode;
  again: Again;
  /** An IANA name, or `local` = each PC's own. */
  zone: string;
  /** Whether what was missed for longer than a restart takes is made up for. */
  catchUp: boolean;
  /** How long after its nominal time a fire may still start on a PC. */
  deadline: number;
  active: { from?: string; until?: string };
  /** Minutes since midnight; over midnight when `from` > `to`. */
  window: { from: number; to: number } | undefined;
  skipDates: ReadonlySet<string>;
  maxConcurrent: number | undefined;
  /** Undefined: as seed 004 has it, a PC that failed is fired at again by the next tick. */
  retry: { max: number; backoff: number } | undefined;
  /** Fires at everybody go in waves. */
  waves: boolean;
  autoDisable: boolean;
}

/** What fails every minute for good would run every minute for good: the forms without ticks of their own retry with measure. */
const RETRY_DEFAULT = { max: 3, backoff: 15 * 60_000 };

/** Parses a schedule; `invalid_body` with every fault at once, each with its path. Pure. */
export function planOf(schedule: Schedule): SchedulePlan {
  const faults: Fault[] = [];
  const fault = (pointer: string, message: string, code?: Fault['code']) =>
    void faults.push({ pointer, message, ...(code === undefined ? {} : { code }) });
  const duration = (pointer: string, text: string | undefined, least: number, most: number): number | undefined => {
    if (text === undefined) return undefined;
    try {
      const seconds = parseDuration(pointer.slice(1), text);
      if (seconds >= least && seconds <= most) return seconds * 1000;
      fault(pointer, `must be from ${least} s to ${most} s`, 'invalid_duration');
    } catch (error) {
      fault(pointer, messageOf(error), 'invalid_duration');
    }
    return undefined;
  };

  const window = windowOf(schedule.window, fault);
  const { trigger, mode, again } = triggerOf(schedule, window, fault, duration);
  const { tz = 'UTC', target, active = {}, skip_dates = [], retry } = schedule;
  const zone = tz === 'local' ? tz : zoneNamed(tz);
  if (zone === undefined) fault('/tz', `${JSON.stringify(tz)} is no zone: an IANA name such as Europe/Berlin, or local`);
  if (target.all !== true && !target.groups?.length && !target.pcs?.length) fault('/target', 'names nobody: all, groups or pcs');
  checkActive(active, fault);
  skip_dates.forEach((date, n) => {
    if (!isDate(date)) fault(`/skip_dates/${n}`, `${JSON.stringify(date)} is no date such as 2026-12-24`);
  });
  if (schedule.max_concurrent !== undefined && schedule.max_concurrent < 1) fault('/max_concurrent', 'must be at least 1');
  if (schedule.max_concurrent !== undefined && schedule.rollout !== undefined)
    fault('/max_concurrent', 'and rollout are given: one of the two');
  if (schedule.catch_up !== undefined && trigger.kind === 'minutes')
    fault('/catch_up', 'belongs to cron, calendar and at: this form misses nothing');
  if (retry !== undefined && schedule.rollout !== undefined) fault('/retry', 'and rollout are given: a rollout halts where it fails');
  if (retry !== undefined && (retry.max < 0 || retry.max > 10)) fault('/retry/max', 'must be from 0 to 10');
  const backoff = duration('/retry/backoff', retry?.backoff, 1, EXPIRES_MAX);
  const jitter = duration('/jitter', schedule.jitter, 0, EXPIRES_MAX) ?? 0;
  const deadline = duration('/starting_deadline', schedule.starting_deadline, 1, EXPIRES_MAX) ?? EXPIRES_MAX * 1000;
  if (jitter >= deadline) fault('/jitter', 'is as long as starting_deadline: PCs would wait until it is over');
  if (schedule.rollout !== undefined && schedule.when?.per_pc !== undefined)
    fault('/rollout', 'and when.per_pc are given: it fires at chosen PCs, and waves are for all');
  if (schedule.rollout !== undefined && tz === 'local') fault('/rollout', 'and tz: local are given: waves go by one time for all');
  if (schedule.rollout !== undefined) faults.push(...rolloutFaults(schedule.rollout, '/rollout'));
  if (faults.length > 0) throw new KanadeError('invalid_body', faults.map((f) => `${f.pointer}: ${f.message}`).join('; '), { faults });

  const fallback = trigger.kind === 'minutes' ? RETRY_DEFAULT : undefined;
  return {
    id: schedule.id,
    trigger,
    mode,
    again,
    zone: zone!,
    catchUp: schedule.catch_up === 'once',
    deadline,
    active,
    window,
    skipDates: new Set(skip_dates),
    maxConcurrent: schedule.max_concurrent,
    retry: retry === undefined ? fallback : { max: retry.max, backoff: backoff! },
    waves: schedule.rollout !== undefined,
    autoDisable: schedule.auto_disable_when_done ?? false,
  };
}

type Say = (pointer: string, message: string, code?: Fault['code']) => void;
type Duration = (pointer: string, text: string | undefined, least: number, most: number) => number | undefined;
type Window = SchedulePlan['window'];

const NEVER: Again = { kind: 'never' };
const MINUTES: Trigger = { kind: 'minutes' };
/** Seconds: ten years. */
const AGAIN_MAX = 3650 * 86_400;

function triggerOf(schedule: Schedule, window: Window, fault: Say, duration: Duration): Pick<SchedulePlan, 'trigger' | 'mode' | 'again'> {
  const { cron, when } = schedule;
  const broken = { trigger: MINUTES, mode: 'once_per_pc' as const, again: NEVER };
  if ((cron === undefined) === (when === undefined)) {
    fault(cron === undefined ? '/when' : '/cron', cron === undefined ? 'is missing: when, or cron' : 'and when are given: one of the two');
    return broken;
  }
  if (cron !== undefined) return ofCron(schedule, cron, fault, duration);
  for (const field of ['mode', 'cooldown', 'auto_disable_when_done'] as const)
    if (schedule[field] !== undefined) fault(`/${field}`, 'belongs to cron: when says it itself');
  const given = (['per_pc', 'per_target', 'calendar', 'at'] as const).filter((form) => when![form] !== undefined);
  if (given.length !== 1) {
    fault('/when', `needs exactly one of per_pc, per_target, calendar and at${given.length === 0 ? '' : `, not ${given.join(' and ')}`}`);
    return broken;
  }
  const { per_pc, per_target, calendar, at } = when!;
  if (per_pc !== undefined) return { trigger: MINUTES, mode: 'once_per_pc', again: againOf('/when/per_pc', per_pc, duration) };
  if (per_target !== undefined)
    return { trigger: MINUTES, mode: 'once_per_target', again: againOf('/when/per_target', per_target, duration) };
  if (calendar !== undefined) return { trigger: ofCalendar(calendar, window, fault), mode: 'every_tick', again: NEVER };
  return { trigger: ofInstant(at!, fault), mode: 'every_tick', again: NEVER };
}

function ofCron(schedule: Schedule, cron: string, fault: Say, duration: Duration): Pick<SchedulePlan, 'trigger' | 'mode' | 'again'> {
  const wrong = patternFault(cron);
  if (wrong !== undefined) fault('/cron', wrong);
  const { mode = 'every_tick', cooldown } = schedule;
  if (mode === 'every_tick' && cooldown !== undefined) fault('/cooldown', 'belongs to the once modes: every_tick fires at each tick');
  const ms = duration('/cooldown', cooldown, 1, AGAIN_MAX);
  return { trigger: { kind: 'ticks', pattern: cron, once: false }, mode, again: ms === undefined ? NEVER : { kind: 'after', ms } };
}

function againOf(pointer: string, often: 'once' | 'once_per_version' | { every: string }, duration: Duration): Again {
  if (often === 'once') return NEVER;
  if (often === 'once_per_version') return { kind: 'version' };
  return { kind: 'after', ms: duration(`${pointer}/every`, often.every, 60, AGAIN_MAX) ?? 0 };
}

function ofCalendar({ at, days }: { at: string; days?: string[] }, window: Window, fault: Say): Trigger {
  const time = parseTimeOfDay(at);
  if (time === undefined) fault('/when/calendar/at', `${JSON.stringify(at)} is no time of day such as 03:00`);
  if (time !== undefined && window !== undefined && !isWithin(window, time))
    fault('/when/calendar/at', 'is outside the window: it would never fire');
  days?.forEach((day, n) => {
    const wrong = patternFault(`0 0 0 * * ${day}`);
    if (/\s/.test(day) || wrong !== undefined)
      fault(`/when/calendar/days/${n}`, `${JSON.stringify(day)} is no day such as mon, mon-fri or tue#2`);
  });
  if (days?.length === 0) fault('/when/calendar/days', 'is empty: leave it out for every day');
  return { kind: 'ticks', pattern: `0 ${(time ?? 0) % 60} ${Math.floor((time ?? 0) / 60)} * * ${days?.join(',') ?? '*'}`, once: false };
}

function ofInstant(at: string, fault: Say): Trigger {
  const [date = '', clock = '', ...more] = at.split(' ');
  const time = parseTimeOfDay(clock);
  if (!isDate(date) || time === undefined || more.length > 0) {
    fault('/when/at', `${JSON.stringify(at)} is no time such as 2026-12-01 03:00`);
    return MINUTES;
  }
  return { kind: 'ticks', pattern: patternOnce(date, time), once: true };
}

function windowOf(text: string | undefined, fault: Say): Window {
  if (text === undefined) return undefined;
  const [from, to, ...more] = text.split('-').map(parseTimeOfDay);
  if (from !== undefined && to !== undefined && more.length === 0 && from !== to) return { from, to };
  fault('/window', `${JSON.stringify(text)} is no window such as 22:00-05:00`);
  return undefined;
}

/** From the first minute up to, not including, the last one. */
export function isWithin({ from, to }: { from: number; to: number }, minutes: number): boolean {
  return from < to ? minutes >= from && minutes < to : minutes >= from || minutes < to;
}

function checkActive(active: { from?: string; until?: string }, fault: Say): void {
  for (const end of ['from', 'until'] as const) {
    const text = active[end];
    if (text !== undefined && !isDate(text) && !(RFC3339.test(text) && Date.parse(text) >= 0))
      fault(`/active/${end}`, `${JSON.stringify(text)} is no date and no RFC 3339 time`);
  }
  const { from, until } = active;
  if (from !== undefined && until !== undefined && Date.parse(from) >= Date.parse(until)) fault('/active/until', 'is not after from');
}

const RFC3339 = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)$/;
