import type { Schedule } from '#core/contract/schedule.ts';
import { instant } from '#core/contract/time.ts';
import type { Database } from '../projectors/read/open-reader.ts';
import { openRowsOf, successesOf, triesOf } from '../projectors/read/schedules.ts';
import { isSatisfied } from './decide-fire.ts';
import { attemptOf } from './evaluate.ts';
import { NO_TRIES, type Tries } from './facts.ts';
import type { SchedulePlan } from './plan.ts';
import type { Roster } from './roster.ts';

export const COVERAGE_STATES = ['satisfied', 'due', 'running', 'failing', 'unreachable', 'excluded'] as const;
export type CoverageState = (typeof COVERAGE_STATES)[number];

export interface PcCoverage {
  pc_id: string;
  state: CoverageState;
  /** Why it is in that state, where that is not plain; null otherwise. */
  reason: string | null;
  last_success: string | null;
  last_exec_id: string | null;
  /** Runs that came to nothing since then. */
  failures: number;
}

/**
 * Which of a schedule's PCs have it: every PC it means, and the PCs it names that are not enrolled. A success counts for
 * `satisfied` as long as the schedule counts it; of schedules that fire at each tick the latest success does.
 */
export function coverage(
  db: Database,
  o: {
    schedule: Schedule;
    plan: SchedulePlan;
    roster: Roster;
    version: string | undefined;
    changedAt: number;
    now: number;
    /** Why nothing is fired now. */
    blocked: string | undefined;
  },
): PcCoverage[] {
  const { schedule, plan, roster, now, changedAt, version = '' } = o;
  const { id, target } = schedule;
  const successes = new Map(successesOf(db, id).map((row) => [row.pc_id, row]));
  const open = new Map(openRowsOf(db, id, now).map((row) => [row.pc_id, row.state]));
  const tries = new Map(
    triesOf(db, id, { version, since: changedAt }).map(({ pc_id, n, ended }) => [pc_id, { n, lastAt: ended } satisfies Tries]),
  );
  const named = new Set((target.pcs ?? []).map((pc) => pc.toUpperCase()));
  const members = roster.members(target);
  const rows = members.map((pc): PcCoverage => {
    const success = successes.get(pc);
    const counts = success !== undefined && success.finished_recorded >= roster.enrolledAt(pc);
    const facts = { now, tries: (name: string) => tries.get(name) ?? NO_TRIES };
    const state = stateOf(plan, {
      satisfied: counts && isSatisfied({ again: plan.again, now, version }, { at: success.finished_recorded, version: success.version }),
      open: open.get(pc),
      failures: (tries.get(pc) ?? NO_TRIES).n,
      exhausted: attemptOf(plan, facts, pc) === undefined,
      noZone: plan.zone === 'local' && roster.facts(pc, named).zone === undefined,
      alive: roster.facts(pc, new Set()).alive,
      blocked: o.blocked,
    });
    return {
      pc_id: pc,
      ...state,
      last_success: counts ? instant(success.finished_recorded) : null,
      last_exec_id: counts ? success.exec_id : null,
      failures: (tries.get(pc) ?? NO_TRIES).n,
    };
  });
  const known = new Set(members);
  const strangers = [...named].filter((pc) => !known.has(pc)).map((pc) => stranger(pc));
  return [...rows, ...strangers].sort((a, b) => (a.pc_id < b.pc_id ? -1 : 1));
}

function stateOf(
  plan: SchedulePlan,
  pc: {
    satisfied: boolean;
    open: 'queued' | 'running' | undefined;
    failures: number;
    exhausted: boolean;
    noZone: boolean;
    alive: boolean;
    blocked: string | undefined;
  },
): Pick<PcCoverage, 'state' | 'reason'> {
  const say = (state: CoverageState, reason: string | null = null) => ({ state, reason });
  if (pc.noZone) return say('excluded', 'it has not said which time zone it is in');
  if (pc.open === 'running') return say('running');
  if (pc.satisfied && pc.failures === 0) return say('satisfied');
  if (pc.open === 'queued') return pc.alive ? say('due', 'it is queued') : say('unreachable', 'it is off, and its command waits for it');
  if (pc.failures > 0) {
    const retries = plan.retry === undefined ? 'the next tick tries again' : 'a retry is due';
    return say('failing', pc.exhausted ? 'it has used up its attempts, or waits for the next' : retries);
  }
  if (pc.satisfied) return say('satisfied');
  return pc.alive ? say('due', pc.blocked ?? null) : say('unreachable', 'it is off');
}

function stranger(pc: string): PcCoverage {
  return { pc_id: pc, state: 'excluded', reason: 'it is not enrolled', last_success: null, last_exec_id: null, failures: 0 };
}
