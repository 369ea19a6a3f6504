import fc from 'fast-check';
import { expect, test } from 'vitest';
import { abort, advance, type Change, pause, resume } from '#backend/rollouts/change-rollout.ts';
import { decide, type WaveCounts } from '#backend/rollouts/decide.ts';
import { completed, halted, queuedCancelled, waveStarted, waveSubmitted, waveWithheld } from '#backend/rollouts/steps.ts';
import { KanadeError } from '#core/contract/errors.ts';
import type { Rollout, RolloutPlan } from '#core/contract/rollout.ts';
import { freshRollout, NOBODY, pcNames, T0 } from '#tests/support/rollouts.ts';

/**
 * A broker, PCs and lease holders that die and that act on what they read long ago, in a few lines: the bucket with its
 * revisions, the submissions by execution, what the projection has read of them, and each PC's row.
 */
interface Pc {
  online: boolean;
  fails: boolean;
  state: keyof WaveCounts | undefined;
}

interface Kept {
  rollout: Rollout;
  revision: number;
}

class World {
  now = T0;
  kept: Kept;
  readonly pcs: Map<string, Pc>;
  /** What was stored of waves, in that order. */
  readonly sent: number[] = [];
  projected = 0;
  /** What a holder read before it was frozen. */
  #stale: Kept;
  readonly #plan: RolloutPlan;

  constructor(plan: RolloutPlan, pcs: readonly Pc[]) {
    const names = pcNames(pcs.length);
    this.pcs = new Map(names.map((name, n) => [name, { ...pcs[n]! }]));
    this.kept = { rollout: freshRollout(plan, names), revision: 1 };
    this.#stale = this.kept;
    this.#plan = plan;
  }

  pcsOf(n: number): string[] {
    return this.kept.rollout.waves[n]!.list.pcs!;
  }

  counts(n: number): WaveCounts | undefined {
    if (!this.sent.slice(0, this.projected).includes(n)) return undefined;
    const counts = { ...NOBODY };
    for (const name of this.pcsOf(n)) {
      const { state, online } = this.pcs.get(name)!;
      counts[state === 'waiting' && !online ? 'offline' : state!]++;
    }
    return counts;
  }

  /** One step of a holder; it dies before its write, after it, or behind what the write allows it. */
  act({ stale, dies }: { stale: boolean; dies: 'no' | 'early' | 'late' }): void {
    const read = stale ? this.#stale : this.kept;
    if (!stale) this.#stale = this.kept;
    const { rollout } = read;
    const decision = decide(
      rollout,
      rollout.waves.slice(0, rollout.wave + 1).map((_, n) => this.counts(n)),
      this.now,
      undefined,
    );
    if (dies === 'early') return;
    switch (decision.do) {
      case 'submit': {
        const created = this.#publish(decision.wave);
        const seq = this.sent.indexOf(decision.wave) + 1;
        if (dies === 'no') this.change((found) => waveSubmitted(found, decision.wave, seq, created ? this.now : undefined));
        break;
      }
      case 'find': {
        const seq = this.sent.indexOf(decision.wave) + 1;
        this.change((found) =>
          seq > 0 ? waveSubmitted(found, decision.wave, seq, undefined) : waveWithheld(found, decision.wave, this.now),
        );
        break;
      }
      case 'start':
        this.#allowed(decision.wave);
        this.#write(read, waveStarted(rollout, decision.wave, this.now));
        break;
      case 'halt':
        this.#write(read, halted(rollout, { ...pick(decision), offline_queued: 0 }, this.now));
        break;
      case 'cancel': {
        for (const pc of this.pcs.values()) if (pc.state === 'waiting') pc.state = 'skipped';
        if (dies === 'no') this.#write(read, queuedCancelled(rollout, 0, this.now));
        break;
      }
      case 'complete':
        this.#write(read, completed(rollout, this.now));
    }
  }

  change(next: (rollout: Rollout) => Rollout): void {
    this.#write(this.kept, next(this.kept.rollout));
  }

  person(change: Change): void {
    try {
      this.change((rollout) => change(rollout, 'me', this.now));
    } catch (error) {
      if (!(error instanceof KanadeError)) throw error;
    }
  }

  /** A PC that is online takes what is queued; what runs ends. */
  pc(name: string): void {
    const pc = this.pcs.get(name)!;
    if (pc.state === 'waiting' && pc.online) pc.state = 'running';
    else if (pc.state === 'running') pc.state = pc.fails ? 'failed' : 'succeeded';
  }

  #write(read: Kept, rollout: Rollout): void {
    // The read before is of this revision only for whoever may write.
    if (read.revision !== this.kept.revision || rollout === read.rollout) return;
    this.kept = { rollout, revision: read.revision + 1 };
  }

  #publish(n: number): boolean {
    if (this.sent.includes(n)) return false;
    expect(n).toBe(this.sent.length);
    this.sent.push(n);
    for (const name of this.pcsOf(n)) {
      // In no other wave, so never sent anything before.
      expect(this.pcs.get(name)!.state).toBeUndefined();
      this.pcs.get(name)!.state = 'waiting';
    }
    return true;
  }

  /** Whoever decides to start a wave sees no wave before it over the limit, unless a person accepted it. */
  #allowed(n: number): void {
    const { rollout } = this.#stale;
    for (let earlier = rollout.accepted + 1; earlier < n; earlier++) {
      const { failed } = this.counts(earlier)!;
      expect(failed * 100).toBeLessThanOrEqual((this.#plan.max_failure_percent ?? 0) * this.pcsOf(earlier).length);
    }
  }
}

function pick({ wave, reason, detail }: Extract<ReturnType<typeof decide>, { do: 'halt' }>) {
  return { wave, reason, detail };
}

const PLAN: fc.Arbitrary<RolloutPlan> = fc.record(
  {
    waves: fc.array(fc.oneof(fc.integer({ min: 1, max: 8 }), fc.constantFrom('10%', '25%', '50%', '100%')), { minLength: 1, maxLength: 4 }),
    max_failure_percent: fc.constantFrom(0, 20, 50, 100),
    soak: fc.constantFrom('10s', '60s'),
    min_success: fc.constantFrom<(number | string)[]>(1, 2, '50%', '100%'),
    on_halt: fc.constantFrom('stop', 'cancel_queued'),
  },
  { requiredKeys: ['waves'] },
);

const PCS = fc.array(
  fc.record({ online: fc.boolean(), fails: fc.constantFrom(true, false, false, false), state: fc.constant(undefined) }),
  {
    minLength: 1,
    maxLength: 12,
    size: 'max',
  },
);

type Op =
  | { op: 'act'; stale: boolean; dies: 'no' | 'early' | 'late' }
  | { op: 'pc'; n: number }
  | { op: 'power'; n: number }
  | { op: 'time'; ms: number }
  | { op: 'project' }
  | { op: 'everybody' }
  | { op: 'person'; what: 'pause' | 'resume' | 'advance' | 'abort' };

const OP: fc.Arbitrary<Op> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ op: fc.constant('act'), stale: fc.boolean(), dies: fc.constantFrom('no', 'no', 'early', 'late') }) },
  { weight: 6, arbitrary: fc.record({ op: fc.constantFrom('pc', 'pc', 'pc', 'power'), n: fc.nat(11) }) },
  { weight: 2, arbitrary: fc.record({ op: fc.constant('time'), ms: fc.integer({ min: -5000, max: 60_000 }) }) },
  { weight: 4, arbitrary: fc.record({ op: fc.constantFrom('project', 'everybody') }) },
  {
    weight: 1,
    arbitrary: fc.record({ op: fc.constant('person'), what: fc.constantFrom('pause', 'resume', 'resume', 'advance', 'abort') }),
  },
) as fc.Arbitrary<Op>;

const CHANGES = { pause, resume, advance, abort: abort(undefined) };

function run(world: World, op: Op): void {
  const names = [...world.pcs.keys()];
  if (op.op === 'act') world.act(op);
  else if (op.op === 'time') world.now += op.ms;
  else if (op.op === 'project') world.projected = world.sent.length;
  else if (op.op === 'person') world.person(CHANGES[op.what]);
  else if (op.op === 'everybody') for (const name of names) world.pc(name);
  else if (op.op === 'pc') world.pc(names[op.n % names.length]!);
  else if (op.op === 'power') {
    const pc = world.pcs.get(names[op.n % names.length]!)!;
    pc.online = !pc.online;
  }
}

test('each PC is in one wave, whatever the waves', () => {
  fc.assert(
    fc.property(PLAN, fc.integer({ min: 1, max: 200 }), (plan, count) => {
      const { waves } = freshRollout(plan, pcNames(count));
      expect(waves.flatMap((wave) => wave.list.pcs!).sort()).toEqual(pcNames(count));
      expect(waves.every((wave) => wave.count > 0)).toBe(true);
    }),
  );
});

test('whoever dies or comes late: nothing is sent while it is halted, paused or aborted, and no wave twice or out of turn', () => {
  fc.assert(
    fc.property(PLAN, PCS, fc.array(OP, { maxLength: 120, size: 'max' }), (plan, pcs, ops) => {
      const world = new World(plan, pcs);
      for (const op of ops) {
        const { status } = world.kept.rollout;
        const sent = world.sent.length;
        // A frozen holder that has decided to publish cannot be held back; all others read what is there.
        const mayBeLate = op.op === 'act' && op.stale;
        run(world, op);
        if (status !== 'running' && !mayBeLate) expect(world.sent.length).toBe(sent);
        if (world.kept.rollout.status === 'completed') expect(world.sent.length).toBe(world.kept.rollout.waves.length);
      }
    }),
    { numRuns: 500 },
  );
});

test('no wave is forgotten: with everybody back, and a person who accepts each halt, all of them are sent', () => {
  fc.assert(
    fc.property(PLAN, PCS, fc.array(OP, { maxLength: 80, size: 'max' }), (plan, pcs, ops) => {
      const world = new World(plan, pcs);
      for (const op of ops) if (!(op.op === 'person' && op.what === 'abort')) run(world, op);
      for (const pc of world.pcs.values()) pc.online = true;
      for (let round = 0; round < 200 && world.kept.rollout.status !== 'completed'; round++) {
        world.projected = world.sent.length;
        for (const name of world.pcs.keys()) world.pc(name);
        world.act({ stale: false, dies: 'no' });
        if (world.kept.rollout.cancel?.done !== false) world.person(resume);
        world.now += 10_000;
      }
      expect(world.kept.rollout.status).toBe('completed');
      expect(world.sent).toEqual(world.kept.rollout.waves.map((_, n) => n));
    }),
    { numRuns: 300 },
  );
});
