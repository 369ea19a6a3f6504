import type { Schedule } from '#core/contract/schedule.ts';
import type { Database } from '../projectors/read/open-reader.ts';
import { fireRowsOf, type OpenRow, openRowsOf, successesOf, triesOf } from '../projectors/read/schedules.ts';
import type { Success } from './decide-fire.ts';
import { type FailedRun, NO_TRIES, type World } from './facts.ts';
import type { Roster } from './roster.ts';

/** States after which a retry is due; what a person ended is not tried again. */
const FAILED: readonly string[] = ['failed', 'timed_out', 'unknown', 'lost'];

/** The last success of each PC; what an earlier installation of it did counts for nothing. */
export function successesBy(db: Database, roster: Roster, scheduleId: string): (pc: string) => Success | undefined {
  const found = new Map<string, Success>();
  for (const { pc_id, finished_recorded: at, version } of successesOf(db, scheduleId)) {
    if (at >= roster.enrolledAt(pc_id)) found.set(pc_id, { at, version });
  }
  return (pc) => found.get(pc);
}

/** What the projection and the registry say about a schedule, each asked once and only when it is needed. */
export function worldOf(o: {
  db: Database;
  roster: Roster;
  schedule: Schedule;
  members: number;
  /** Whom to look at: all that the target means, or those of them that are known to have it still to do. */
  pcs: readonly string[];
  version: string;
  held: boolean;
  now: number;
  changedAt: number;
}): World {
  const { db, roster, schedule, version, now, changedAt } = o;
  const { id, target } = schedule;
  const named = new Set((target.pcs ?? []).map((pc) => pc.toUpperCase()));
  const success = once(() => successesBy(db, roster, id));
  const rows = once(() => openRowsOf(db, id, now));
  const open = once(() => new Set(rows().map((row) => row.pc_id)));
  const atIt = once(() => new Set(rows().flatMap((row) => (isAtIt(row, roster, now) ? row.pc_id : []))));
  const tries = once(
    () => new Map(triesOf(db, id, { version, since: changedAt }).map(({ pc_id, n, ended }) => [pc_id, { n, lastAt: ended }])),
  );
  return {
    now,
    held: o.held,
    version,
    members: o.members,
    pcs: o.pcs.map((pc) => roster.facts(pc, named)),
    success: (pc) => success()(pc),
    open: (pc) => open().has(pc),
    openCount: () => atIt().size,
    tries: (pc) => tries().get(pc) ?? NO_TRIES,
    failed: (nominal) => failedOf(db, id, nominal),
  };
}

/** What runs counts up to its deadline: a PC that keeps saying that it is at it has its turn and no more. */
function isAtIt({ state, pc_id, deadline_at }: OpenRow, roster: Roster, now: number): boolean {
  return state === 'running' ? deadline_at === null || now < deadline_at : roster.isAlive(pc_id);
}

function failedOf(db: Database, scheduleId: string, nominal: number): FailedRun[] {
  return fireRowsOf(db, scheduleId, nominal).flatMap(({ pc_id: pc, state, attempt, ended }) =>
    FAILED.includes(state) && ended !== null ? [{ pc, attempt, endedAt: ended }] : [],
  );
}

function once<T>(make: () => T): () => T {
  let made: { value: T } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}
