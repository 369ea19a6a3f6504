import { decideFire, isDone } from './decide-fire.ts';
import { type Looking, NOTHING, type PcFacts, type Verdict, type World, type ZoneState } from './facts.ts';
import { closedAt, windowEnd } from './gates.ts';
import type { SchedulePlan } from './plan.ts';

/** Milliseconds: what is later than a restart of a backend takes was missed. */
const GRACE = 5 * 60_000;
/** A record further ahead of the clock than this was made by a clock that was wrong. */
const AHEAD = 86_400_000;
const MINUTE = 60_000;

/**
 * What a schedule fires now. Pure but for `seen`, which saves looking twice at one tick. The order of the questions: is
 * something due, is it in time, is the schedule open then, is there a freeze, whom does the policy name, who of these is
 * free, how many may run at once.
 */
export function evaluate(looking: Looking): Verdict {
  const { plan, world } = looking;
  const verdict: Verdict = { fires: [], zones: new Map(), done: false };
  for (const [zone, pcs] of byZone(plan, world.pcs)) {
    if (plan.trigger.kind === 'minutes') lookAtMinute(looking, zone, pcs, verdict);
    else lookAtTick(looking, zone, pcs, verdict);
  }
  verdict.done = plan.autoDisable && world.members > 0 && isDone({ ...plan, ...world, expected: world.pcs.map(({ pc }) => pc) });
  return verdict;
}

function byZone(plan: SchedulePlan, pcs: readonly PcFacts[]): Map<string, readonly PcFacts[]> {
  if (plan.zone !== 'local') return new Map([[plan.zone, pcs]]);
  const zones = new Map<string, PcFacts[]>();
  for (const facts of pcs) {
    if (facts.zone === undefined) continue;
    const there = zones.get(facts.zone);
    if (there) there.push(facts);
    else zones.set(facts.zone, [facts]);
  }
  return zones;
}

/** The forms without ticks of their own are looked at once a minute; the minute is the nominal time. */
function lookAtMinute(looking: Looking, zone: string, pcs: readonly PcFacts[], verdict: Verdict): void {
  const { plan, world, seen, zones } = looking;
  const nominal = Math.floor(world.now / MINUTE) * MINUTE;
  if (seen.get(zone) === nominal) return;
  seen.set(zone, nominal);
  if (world.held || closedAt(plan, zone, world.now) !== undefined) return;
  const before = zones.get(zone) ?? NOTHING;
  // The clock went back: that minute has had its fires.
  if (nominal < before.decided && before.decided - nominal < AHEAD) return;
  const parts = before.decided === nominal ? before.parts : 0;
  fireOnce(looking, { zone, nominal, parts, pcs }, verdict);
}

function lookAtTick(looking: Looking, zone: string, pcs: readonly PcFacts[], verdict: Verdict): void {
  const { plan, world, seen, zones, changedAt } = looking;
  const { now } = world;
  const before = zones.get(zone) ?? NOTHING;
  const decided = before.decided - now > AHEAD ? now - GRACE : before.decided;
  const nominal = looking.occurrences(zone).newest(now);
  const fresh = nominal !== undefined && nominal > Math.max(decided, changedAt - 1) && seen.get(zone) !== nominal;
  if (!fresh) {
    if (before.decided > 0) goOn(looking, zone, pcs, before, verdict);
    return;
  }
  if (now - nominal > GRACE && !plan.catchUp) return void seen.set(zone, nominal);
  if (now >= nominal + plan.deadline || closedAt(plan, zone, nominal) !== undefined) return void seen.set(zone, nominal);
  if (world.held) {
    // Dropped for good: a freeze that is lifted brings nothing back.
    verdict.zones.set(zone, { decided: nominal, parts: 0, waiting: [] });
    return;
  }
  // It was missed and is made up for, when the window is open again.
  if (closedAt(plan, zone, now) !== undefined) return;
  seen.set(zone, nominal);
  if (plan.mode === 'every_tick') fireWhole(looking, { zone, nominal, parts: 0, pcs }, verdict);
  else fireOnce(looking, { zone, nominal, parts: 0, pcs }, verdict);
}

interface Due {
  zone: string;
  nominal: number;
  parts: number;
  pcs: readonly PcFacts[];
}

/** At everybody, whether they are there or not: who is off runs it when back. With max_concurrent, at as many as may run at once. */
function fireWhole({ plan, world }: Looking, { zone, nominal, parts, pcs }: Due, verdict: Verdict): void {
  const there = pcs.filter(({ since }) => since <= nominal);
  if (there.length === 0) return;
  const names = there.map(({ pc }) => pc);
  const first = plan.maxConcurrent === undefined ? names : turnsOf(roomOf(plan, world, verdict), world, there);
  if (first.length > 0) {
    const whole = plan.zone !== 'local' && first.length === names.length;
    verdict.fires.push({ zone, nominal, attempt: 0, part: parts, pcs: first, whole, expiresAt: expiryOf(plan, zone, nominal, world.now) });
  }
  const chosen = new Set(first);
  verdict.zones.set(zone, { decided: nominal, parts: parts + (first.length > 0 ? 1 : 0), waiting: names.filter((pc) => !chosen.has(pc)) });
}

/** At those who have not succeeded, as the policy names them, and who are not at it already. */
function fireOnce(looking: Looking, { zone, nominal, parts, pcs }: Due, verdict: Verdict): void {
  const { plan, world } = looking;
  const expiresAt = expiryOf(plan, zone, nominal, world.now);
  const there = pcs.filter(({ since }) => since <= nominal);
  const alive = there.filter((facts) => facts.alive).map(({ pc }) => pc);
  const action = decideFire({ ...plan, ...world, expected: alive });
  if (action.kind === 'skip') return;
  const named = action.kind === 'whole' ? there.map(({ pc }) => pc) : action.pcs;
  if (action.kind === 'whole' && plan.waves) {
    // In waves or not at all: nobody gets it past a canary that has failed.
    const attempts = named.map((pc) => (world.open(pc) ? undefined : attemptOf(plan, world, pc)));
    if (attempts.includes(undefined)) return;
    const attempt = Math.max(...(attempts as number[]));
    verdict.fires.push({ zone, nominal, attempt, part: parts, pcs: named, whole: true, expiresAt });
    verdict.zones.set(zone, { decided: nominal, parts: parts + 1, waiting: [] });
    return;
  }
  const room = roomOf(plan, world, verdict);
  const byAttempt = new Map<number, string[]>();
  const waiting: string[] = [];
  let chosen = 0;
  for (const pc of named) {
    const attempt = world.open(pc) ? undefined : attemptOf(plan, world, pc);
    if (attempt === undefined) continue;
    if (chosen++ >= room) waiting.push(pc);
    else if (byAttempt.has(attempt)) byAttempt.get(attempt)!.push(pc);
    else byAttempt.set(attempt, [pc]);
  }
  let part = parts;
  for (const [attempt, some] of byAttempt) verdict.fires.push({ zone, nominal, attempt, part: part++, pcs: some, whole: false, expiresAt });
  if (part === parts && waiting.length === 0) return;
  // Without ticks the next minute finds them by itself.
  verdict.zones.set(zone, { decided: nominal, parts: part, waiting: plan.trigger.kind === 'ticks' ? waiting : [] });
}

/** Which attempt a PC is due for, or undefined while it has to wait or has used them up. */
export function attemptOf(plan: SchedulePlan, { now, tries }: Pick<World, 'now' | 'tries'>, pc: string): number | undefined {
  const { retry, again } = plan;
  const { n, lastAt } = tries(pc);
  if (n === 0 || retry === undefined) return n;
  const round = n % (retry.max + 1);
  if (round > 0) return now >= lastAt + retry.backoff ? round : undefined;
  // All of a round are used up. What is to be done again anyway is tried again then.
  return again.kind === 'after' && now >= lastAt + again.ms ? 0 : undefined;
}

/** What is left of a fire that was decided before: those whose turn has not come, and those who failed. */
function goOn(looking: Looking, zone: string, pcs: readonly PcFacts[], before: ZoneState, verdict: Verdict): void {
  const { plan, world, changedAt } = looking;
  const { now } = world;
  const { decided: nominal, waiting } = before;
  // What was decided under another text is not gone on with under this one.
  const over = now >= nominal + plan.deadline || nominal < changedAt;
  if (over && waiting.length > 0) verdict.zones.set(zone, { ...before, waiting: [] });
  // A clock that was set back is waited for: what was decided lies in its future.
  if (over || now < nominal || world.held || closedAt(plan, zone, now) !== undefined) return;
  if (plan.mode !== 'every_tick') {
    const still = new Set(waiting);
    const some = pcs.filter(({ pc }) => still.has(pc));
    // Only when there is room: otherwise nothing has changed that would have to be written down.
    if (some.length > 0 && roomOf(plan, world, verdict) > 0) fireOnce(looking, { zone, nominal, parts: before.parts, pcs: some }, verdict);
    return;
  }
  const expiresAt = expiryOf(plan, zone, nominal, now);
  let { parts } = before;
  let left = waiting;
  if (waiting.length > 0) {
    const still = new Set(waiting);
    const some = turnsOf(
      roomOf(plan, world, verdict),
      world,
      pcs.filter(({ pc }) => still.has(pc)),
    );
    if (some.length > 0) {
      verdict.fires.push({ zone, nominal, attempt: 0, part: parts++, pcs: some, whole: false, expiresAt });
      for (const pc of some) still.delete(pc);
      left = [...still];
    }
  }
  for (const [attempt, some] of retriesOf(plan, world, nominal, pcs, roomOf(plan, world, verdict))) {
    verdict.fires.push({ zone, nominal, attempt, part: parts++, pcs: some, whole: false, expiresAt });
  }
  if (parts > before.parts) verdict.zones.set(zone, { decided: nominal, parts, waiting: left });
}

function retriesOf(plan: SchedulePlan, world: World, nominal: number, pcs: readonly PcFacts[], room: number): Map<number, string[]> {
  const due = new Map<number, string[]>();
  const { retry } = plan;
  if (retry === undefined) return due;
  const here = new Set(pcs.map(({ pc }) => pc));
  let chosen = 0;
  for (const { pc, attempt, endedAt } of world.failed(nominal)) {
    if (!here.has(pc) || attempt >= retry.max || world.now < endedAt + retry.backoff || world.open(pc) || chosen >= room) continue;
    chosen++;
    const there = due.get(attempt + 1);
    if (there) there.push(pc);
    else due.set(attempt + 1, [pc]);
  }
  return due;
}

/** How many more may be at it, besides those who are and those who were just chosen. */
function roomOf(plan: SchedulePlan, world: World, { fires }: Verdict): number {
  if (plan.maxConcurrent === undefined) return Number.POSITIVE_INFINITY;
  const chosen = fires.reduce((sum, { pcs }) => sum + pcs.length, 0);
  return Math.max(0, plan.maxConcurrent - world.openCount() - chosen);
}

/** Those who may run now: who is there, as many as there is room for. */
function turnsOf(room: number, world: World, pcs: readonly PcFacts[]): string[] {
  return pcs
    .filter(({ pc, alive }) => alive && !world.open(pc))
    .slice(0, room)
    .map(({ pc }) => pc);
}

/** A fire ends with its starting deadline, and with the window in which it is made. */
function expiryOf(plan: SchedulePlan, zone: string, nominal: number, now: number): number {
  return Math.min(nominal + plan.deadline, windowEnd(plan, zone, now) ?? Number.POSITIVE_INFINITY);
}
