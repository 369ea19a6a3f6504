import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Schedule } from '#core/contract/schedule.ts';
import { SimulatedSchedule } from '#tests/support/simulated-schedule.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const START = Date.parse('2026-03-28T20:00:00Z');
const ZONES = ['UTC', 'Europe/Berlin', 'America/New_York', 'Asia/Kolkata', undefined];

/** Anything that can happen to a fleet, in any order; the night in which Berlin's clocks change is in reach. */
const happening = fc.oneof(
  { weight: 6, arbitrary: fc.record({ is: fc.constant('pass' as const), ms: fc.integer({ min: 1000, max: 3 * HOUR }) }) },
  { weight: 1, arbitrary: fc.record({ is: fc.constant('jump' as const), ms: fc.integer({ min: -50 * HOUR, max: 50 * HOUR }) }) },
  { weight: 1, arbitrary: fc.record({ is: fc.constant('restart' as const) }) },
  { weight: 1, arbitrary: fc.record({ is: fc.constant('version' as const) }) },
  { weight: 1, arbitrary: fc.record({ is: fc.constant('freeze' as const), held: fc.boolean() }) },
  { weight: 3, arbitrary: fc.record({ is: fc.constant('alive' as const), pc: fc.nat(4), alive: fc.boolean() }) },
  {
    weight: 6,
    arbitrary: fc.record({
      is: fc.constant('row' as const),
      n: fc.nat(30),
      ends: fc.constantFrom('succeeded' as const, 'failed' as const),
    }),
  },
);

const schedule: fc.Arbitrary<Partial<Schedule>> = fc
  .record(
    {
      form: fc.constantFrom<Partial<Schedule>>(
        { when: { per_pc: 'once' } },
        { when: { per_pc: 'once_per_version' } },
        { when: { per_pc: { every: '6h' } } },
        { when: { per_target: { every: '6h' } } },
        { cron: '0 */20 * * * *', mode: 'once_per_pc' },
        { cron: '0 */20 * * * *', mode: 'once_per_pc', cooldown: '6h' },
        { cron: '0 30 2 * * *' },
        { cron: '0 */20 * * * *', catch_up: 'once' },
        { when: { calendar: { at: '02:30' } }, tz: 'local', catch_up: 'once' },
      ),
      max_concurrent: fc.integer({ min: 1, max: 3 }),
      retry: fc.record({ max: fc.integer({ min: 0, max: 3 }), backoff: fc.constantFrom('1m', '15m', '2h') }),
      starting_deadline: fc.constantFrom('10m', '3h', '7d'),
      window: fc.constantFrom('22:00-05:00', '00:00-12:00'),
    },
    { requiredKeys: ['form'] },
  )
  .map(({ form, window, ...more }) => ({ ...form, ...more, ...(form.when?.calendar || !window ? {} : { window }) }));

const life = fc.record({
  schedule,
  zones: fc.array(fc.constantFrom(...ZONES), { minLength: 5, maxLength: 5 }),
  happenings: fc.array(happening, { minLength: 5, maxLength: 60 }),
});

test('whatever happens: once is once, a cooldown is kept, nothing past its expiry, no nominal time twice, never too many', () => {
  fc.assert(
    fc.property(life, ({ schedule: fields, zones, happenings }) => {
      const s = new SimulatedSchedule(fields, { pcs: zones.map((zone, n) => ({ pc: `PC${n}`, zone })), now: START });
      const check = () => {
        const successes = new Map<string, number>();
        const ofVersion = new Set(s.rows.flatMap((row) => (row.state === 'succeeded' && row.version === s.version ? row.pc : [])));
        for (const row of s.rows) if (row.state === 'succeeded') successes.set(row.pc, Math.max(successes.get(row.pc) ?? 0, row.endedAt!));
        const openBefore = new Map(s.open().map((row) => [row.pc, row]));
        const { now, plan } = s;
        const { fires } = s.look();
        const fired = fires.flatMap((fire) => fire.pcs.map((pc) => ({ ...fire, pc })));
        for (const { pc, expiresAt, attempt, nominal } of fired) {
          expect(expiresAt, 'an expiry that is past').toBeGreaterThan(now);
          expect(nominal, 'a nominal time in the future').toBeLessThanOrEqual(now);
          expect(attempt, 'more attempts than there are').toBeLessThanOrEqual(plan.retry?.max ?? Number.POSITIVE_INFINITY);
          expect(s.held, 'a fire in a freeze').toBe(false);
          if (plan.mode === 'every_tick') continue;
          expect(openBefore.has(pc), `${pc} is at it already`).toBe(false);
          const success = plan.mode === 'once_per_target' ? undefined : successes.get(pc);
          if (success === undefined) continue;
          if (plan.again.kind === 'version') expect(ofVersion.has(pc), `${pc} has succeeded with this version`).toBe(false);
          else expect(plan.again.kind, `${pc} has succeeded for good`).toBe('after');
          if (plan.again.kind === 'after') expect(now - success, 'inside the cooldown').toBeGreaterThanOrEqual(plan.again.ms);
        }
        if (plan.maxConcurrent !== undefined && fired.length > 0)
          expect(s.world().openCount(), 'too many').toBeLessThanOrEqual(plan.maxConcurrent);
        const runs = s.rows.map(({ pc, zone, nominal, attempt }) => [pc, zone, nominal, attempt].join());
        if (plan.mode === 'every_tick') expect(new Set(runs).size, 'one nominal time twice').toBe(runs.length);
      };
      for (const one of happenings) {
        if (one.is === 'jump') s.now += one.ms;
        else if (one.is === 'restart') s.restart();
        else if (one.is === 'version') s.version = String(Number(s.version) + 1);
        else if (one.is === 'freeze') s.held = one.held;
        else if (one.is === 'alive') s.pcs[one.pc]!.alive = one.alive;
        else if (one.is === 'row') {
          const row = s.open()[one.n % Math.max(1, s.open().length)];
          if (row?.state === 'queued') row.state = 'running';
          else if (row?.state === 'running') s.end(row, one.ends);
        } else {
          for (let left = one.ms; left > 0; left -= 10 * MINUTE) {
            s.now += Math.min(left, 10 * MINUTE);
            check();
          }
        }
        check();
      }
    }),
    { numRuns: 500 },
  );
});
