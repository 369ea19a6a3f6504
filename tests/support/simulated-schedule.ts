import { evaluate } from '#backend/scheduler/evaluate.ts';
import type { Fire, PcFacts, Verdict, World, ZoneState } from '#backend/scheduler/facts.ts';
import { Occurrences } from '#backend/scheduler/occurrences.ts';
import { planOf, type SchedulePlan } from '#backend/scheduler/plan.ts';
import type { Schedule } from '#core/contract/schedule.ts';

export interface SimulatedRow {
  id: string;
  pc: string;
  zone: string;
  nominal: number;
  attempt: number;
  version: string;
  firedAt: number;
  expiresAt: number;
  state: 'queued' | 'running' | 'succeeded' | 'failed';
  endedAt: number | undefined;
}

/** One schedule and its PCs without a broker: the policy is the real one, what it decided happens here. */
export class SimulatedSchedule {
  readonly plan: SchedulePlan;
  rows: SimulatedRow[] = [];
  readonly pcs: PcFacts[];
  zones = new Map<string, ZoneState>();
  held = false;
  version = '1';
  now: number;
  changedAt: number;
  #seen = new Map<string, number>();
  readonly #submitted = new Set<string>();
  readonly #occurrences = new Map<string, Occurrences>();

  constructor(schedule: Partial<Schedule>, o: { pcs: readonly (string | Partial<PcFacts>)[]; now: number }) {
    this.plan = planOf({ id: 's', job_id: 'j', target: { all: true }, ...schedule });
    this.now = o.now;
    this.changedAt = o.now;
    this.pcs = o.pcs.map((pc, n) => ({
      ...{ pc: `PC${n}`, zone: 'UTC', alive: true, since: 0 },
      ...(typeof pc === 'string' ? { pc } : pc),
    }));
  }

  /** One look at `now`; what it fires is submitted once for each id, as EXECUTIONS does it. */
  look(): Verdict {
    const verdict = evaluate({
      plan: this.plan,
      world: this.world(),
      zones: this.zones,
      changedAt: this.changedAt,
      seen: this.#seen,
      occurrences: (zone) => this.#occurrencesIn(zone),
    });
    for (const [zone, state] of verdict.zones) this.zones.set(zone, state);
    for (const fire of verdict.fires) this.#submit(fire);
    return verdict;
  }

  /** Every so many milliseconds one look, until `until`; all the fires. */
  run(until: number, step = 1000): Fire[] {
    const fires: Fire[] = [];
    for (; this.now <= until; this.now += step) fires.push(...this.look().fires);
    return fires;
  }

  /** Another process takes over: what was only remembered is gone. */
  restart(): void {
    this.#seen = new Map();
  }

  end(row: SimulatedRow, state: 'succeeded' | 'failed'): void {
    row.state = state;
    row.endedAt = this.now;
  }

  isAlive(pc: string): boolean {
    return this.pcs.some((facts) => facts.pc === pc && facts.alive);
  }

  open(): SimulatedRow[] {
    return this.rows.filter((row) => row.state === 'running' || (row.state === 'queued' && row.expiresAt > this.now));
  }

  world(): World {
    const { now, held, version, pcs } = this;
    const open = this.open();
    const success = (pc: string) => {
      const ends = this.rows.filter((row) => row.pc === pc && row.state === 'succeeded').sort((a, b) => a.endedAt! - b.endedAt!);
      const last = ends.at(-1);
      return last && { at: last.endedAt!, version: last.version };
    };
    return {
      ...{ now, held, version, pcs, success, members: pcs.length },
      open: (pc) => open.some((row) => row.pc === pc),
      openCount: () => new Set(open.filter((row) => row.state === 'running' || this.isAlive(row.pc)).map((row) => row.pc)).size,
      tries: (pc) => {
        const since = success(pc)?.at ?? Number.NEGATIVE_INFINITY;
        const ends = this.rows
          .filter((row) => row.pc === pc && row.state === 'failed' && row.version === version && row.endedAt! > since)
          .map((row) => row.endedAt!);
        return { n: ends.length, lastAt: Math.max(0, ...ends) };
      },
      failed: (nominal) => {
        const last = new Map<string, SimulatedRow>();
        for (const row of this.rows) if (row.nominal === nominal && row.attempt >= (last.get(row.pc)?.attempt ?? -1)) last.set(row.pc, row);
        return [...last.values()]
          .filter((row) => row.state === 'failed')
          .map(({ pc, attempt, endedAt }) => ({ pc, attempt, endedAt: endedAt! }));
      },
    };
  }

  #submit({ zone, nominal, attempt, part, pcs, expiresAt }: Fire): void {
    const id = [zone, nominal, attempt, part].join();
    if (this.#submitted.has(id)) return;
    this.#submitted.add(id);
    const { now: firedAt, version } = this;
    for (const pc of pcs)
      this.rows.push({ id, pc, zone, nominal, attempt, version, firedAt, expiresAt, state: 'queued', endedAt: undefined });
  }

  #occurrencesIn(zone: string): Occurrences {
    const { trigger } = this.plan;
    let found = this.#occurrences.get(zone);
    if (found === undefined && trigger.kind === 'ticks') {
      found = new Occurrences(trigger.pattern, zone);
      this.#occurrences.set(zone, found);
    }
    return found!;
  }
}
