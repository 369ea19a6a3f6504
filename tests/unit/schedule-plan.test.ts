import { expect, test } from 'vitest';
import { closedAt, windowEnd } from '#backend/scheduler/gates.ts';
import { planOf } from '#backend/scheduler/plan.ts';
import { KanadeError } from '#core/contract/errors.ts';
import type { Schedule } from '#core/contract/schedule.ts';

const HOUR = 3_600_000;
const base = { id: 's', job_id: 'j', target: { all: true } };
const plan = (more: Partial<Schedule>) => planOf({ ...base, ...more });

function faults(more: Partial<Schedule>): string[] {
  try {
    plan(more);
  } catch (error) {
    if (error instanceof KanadeError) return error.faults.map((fault) => fault.pointer);
    throw error;
  }
  return [];
}

test("the seed's form: fields, modes and defaults as written there", () => {
  expect(plan({ cron: '0 0 3 * * *' })).toMatchObject({
    trigger: { kind: 'ticks', pattern: '0 0 3 * * *', once: false },
    mode: 'every_tick',
    again: { kind: 'never' },
    zone: 'UTC',
    catchUp: false,
    retry: undefined,
  });
  const once = plan({ cron: '0 * * * * *', mode: 'once_per_pc', cooldown: '6h', auto_disable_when_done: true });
  expect(once).toMatchObject({ mode: 'once_per_pc', again: { kind: 'after', ms: 6 * HOUR }, autoDisable: true });
});

test.each<[Partial<Schedule>, object]>([
  [{ when: { per_pc: 'once' } }, { trigger: { kind: 'minutes' }, mode: 'once_per_pc', again: { kind: 'never' } }],
  [{ when: { per_pc: 'once_per_version' } }, { mode: 'once_per_pc', again: { kind: 'version' } }],
  [{ when: { per_pc: { every: '6h' } } }, { mode: 'once_per_pc', again: { kind: 'after', ms: 6 * HOUR } }],
  [{ when: { per_target: 'once' } }, { trigger: { kind: 'minutes' }, mode: 'once_per_target', again: { kind: 'never' } }],
  [{ when: { per_target: { every: '1d' } } }, { mode: 'once_per_target', again: { kind: 'after', ms: 24 * HOUR } }],
  [
    { when: { calendar: { at: '03:30', days: ['mon-fri', 'sun'] } }, tz: 'local' },
    { trigger: { kind: 'ticks', pattern: '0 30 3 * * mon-fri,sun', once: false }, mode: 'every_tick', zone: 'local' },
  ],
  [{ when: { at: '2026-12-01 03:00' } }, { trigger: { kind: 'ticks', pattern: '0 0 3 1 12 * 2026', once: true }, mode: 'every_tick' }],
])('%j', (more, is) => {
  expect(plan(more)).toMatchObject(is);
});

test('the forms without ticks of their own retry with measure unless told otherwise', () => {
  expect(plan({ when: { per_pc: 'once' } }).retry).toEqual({ max: 3, backoff: HOUR / 4 });
  expect(plan({ when: { per_pc: 'once' }, retry: { max: 0, backoff: '1s' } }).retry).toEqual({ max: 0, backoff: 1000 });
});

test.each<[Partial<Schedule>, string[]]>([
  [{}, ['/when']],
  [{ cron: '0 0 3 * * *', when: { per_pc: 'once' } }, ['/cron']],
  [{ when: {} }, ['/when']],
  [{ when: { per_pc: 'once', at: '2026-12-01 03:00' } }, ['/when']],
  [{ cron: '0 3 * * *' }, ['/cron']],
  [{ cron: '0 0 3 * * *', cooldown: '1h' }, ['/cooldown']],
  [{ when: { per_pc: 'once' }, mode: 'every_tick', cooldown: '1h' }, ['/mode', '/cooldown']],
  [{ when: { per_pc: { every: '1s' } } }, ['/when/per_pc/every']],
  [{ when: { calendar: { at: '3:00', days: ['someday'] } } }, ['/when/calendar/at', '/when/calendar/days/0']],
  [{ when: { calendar: { at: '12:00' } }, window: '22:00-05:00' }, ['/when/calendar/at']],
  [{ when: { at: '2026-02-30 03:00' } }, ['/when/at']],
  [{ when: { per_pc: 'once' }, catch_up: 'once' }, ['/catch_up']],
  [{ cron: '0 0 3 * * *', tz: 'Mars/Olympus' }, ['/tz']],
  [{ cron: '0 0 3 * * *', target: {} }, ['/target']],
  [{ cron: '0 0 3 * * *', window: '22:00-22:00' }, ['/window']],
  [{ cron: '0 0 3 * * *', skip_dates: ['2026-12-24', '24.12.'] }, ['/skip_dates/1']],
  [{ cron: '0 0 3 * * *', active: { from: '2026-06-02', until: '2026-06-01' } }, ['/active/until']],
  [{ cron: '0 0 3 * * *', active: { from: 'soon' } }, ['/active/from']],
  [{ cron: '0 0 3 * * *', active: { from: '0000-01-01', until: '2026-13-45T99:99:99Z' } }, ['/active/from', '/active/until']],
  [{ when: { at: '0000-01-01 03:00' } }, ['/when/at']],
  [{ when: { per_pc: 'once' }, rollout: { waves: [1] } }, ['/rollout']],
  [
    { cron: '0 0 3 * * *', rollout: { waves: [2, 1, '50%', '10%', '100%', '100%'] } },
    ['/rollout/waves/1', '/rollout/waves/3', '/rollout/waves/5'],
  ],
  [{ cron: '0 0 3 * * *', jitter: '2m', starting_deadline: '1m' }, ['/jitter']],
  [{ cron: '0 0 3 * * *', tz: 'local', rollout: { waves: [1] } }, ['/rollout']],
  [{ cron: '0 0 3 * * *', starting_deadline: '8d', jitter: 'x' }, ['/jitter', '/starting_deadline']],
  [{ cron: '0 0 3 * * *', retry: { max: 11, backoff: '0s' } }, ['/retry/max', '/retry/backoff']],
  [{ cron: '0 0 3 * * *', max_concurrent: 0, rollout: { waves: [] } }, ['/max_concurrent', '/max_concurrent', '/rollout/waves']],
  [{ cron: 'x', tz: 'x', window: 'x', target: {} }, ['/window', '/cron', '/tz', '/target']],
])('every fault of %j is told at once, by its path', (more, pointers) => {
  expect(faults(more)).toEqual(pointers);
});

const at = (text: string) => Date.parse(text);

test('a schedule is active from the first instant of a day up to, and without, the first of another', () => {
  const active = plan({ cron: '0 0 3 * * *', active: { from: '2026-06-01', until: '2026-06-03' } });
  const open = (text: string) => closedAt(active, 'Europe/Berlin', at(text)) === undefined;
  expect([open('2026-05-31T21:59:59Z'), open('2026-05-31T22:00:00Z')]).toEqual([false, true]);
  expect([open('2026-06-02T21:59:59Z'), open('2026-06-02T22:00:00Z')]).toEqual([true, false]);
});

test('a window over midnight is open on both sides of it, and ends when it says', () => {
  const night = plan({ cron: '0 0 * * * *', window: '22:00-05:00' });
  const open = (text: string) => closedAt(night, 'UTC', at(text)) === undefined;
  expect(['21:59', '22:00', '23:59'].map((time) => open(`2026-06-01T${time}:00Z`))).toEqual([false, true, true]);
  expect(['00:00', '04:59', '05:00'].map((time) => open(`2026-06-02T${time}:00Z`))).toEqual([true, true, false]);
  expect(windowEnd(night, 'UTC', at('2026-06-01T23:00:00Z'))).toBe(at('2026-06-02T05:00:00Z'));
});

test('a window closes when the clocks first show a time outside of it, also when they are changed', () => {
  const ends = (window: string, from: string) => windowEnd(plan({ cron: '0 0 * * * *', window }), 'Europe/Berlin', at(from));
  // 25 October 2026: the second 02:15, and the second 02:30.
  expect(ends('22:00-02:30', '2026-10-25T01:15:00Z')).toBe(at('2026-10-25T01:30:00Z'));
  expect(ends('22:00-02:30', '2026-10-24T23:15:00Z')).toBe(at('2026-10-25T00:30:00Z'));
  expect(ends('22:00-05:00', '2026-10-24T23:15:00Z')).toBe(at('2026-10-25T04:00:00Z'));
  // 29 March 2026: 02:30 is skipped, and 03:00 is outside.
  expect(ends('22:00-02:30', '2026-03-29T00:15:00Z')).toBe(at('2026-03-29T01:00:00Z'));
  expect(ends('22:00-05:00', '2026-03-29T00:15:00Z')).toBe(at('2026-03-29T03:00:00Z'));
});

test('a date is skipped where it is that date', () => {
  const skips = plan({ cron: '0 0 * * * *', skip_dates: ['2026-12-24'] });
  const instant = at('2026-12-23T23:30:00Z');
  expect(closedAt(skips, 'Europe/Berlin', instant)).toMatch(/2026-12-24/);
  expect(closedAt(skips, 'UTC', instant)).toBeUndefined();
});
