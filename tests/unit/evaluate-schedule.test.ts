import { expect, test } from 'vitest';
import type { Fire } from '#backend/scheduler/facts.ts';
import { SimulatedSchedule } from '#tests/support/simulated-schedule.ts';

const at = (text: string) => Date.parse(text);
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const START = at('2026-06-01T00:00:00Z');
const told = (fires: readonly Fire[]) =>
  fires.map(({ nominal, pcs, attempt }) => `${new Date(nominal).toISOString().slice(11, 19)} ${attempt} ${pcs.join(',')}`);

test('a tick fires once at all it means, those that are off included', () => {
  const daily = new SimulatedSchedule({ cron: '0 0 3 * * *' }, { pcs: ['A', { pc: 'B', alive: false }], now: START });
  const fires = daily.run(START + 24 * HOUR, 10_000);
  expect(told(fires)).toEqual(['03:00:00 0 A,B']);
  expect(fires[0]).toMatchObject({ whole: true, part: 0, expiresAt: START + 3 * HOUR + 7 * 24 * HOUR });
});

test('a PC that was enrolled after the tick is none of its business', () => {
  const daily = new SimulatedSchedule({ cron: '0 0 3 * * *' }, { pcs: ['A', { pc: 'B', since: START + 4 * HOUR }], now: START });
  expect(told(daily.run(START + 28 * HOUR, 10_000))).toEqual(['03:00:00 0 A', '03:00:00 0 A,B']);
});

test('what was missed is skipped, unless it is as little as a restart takes, or is to be caught up', () => {
  for (const [catch_up, late, fired] of [
    ['skip', 4 * MINUTE, 1],
    ['skip', 6 * MINUTE, 0],
    ['once', 30 * HOUR, 1],
  ] as const) {
    const hourly = new SimulatedSchedule({ cron: '0 0 * * * *', catch_up }, { pcs: ['A'], now: START + 30 * MINUTE });
    hourly.now = START + HOUR + late;
    const { fires } = hourly.look();
    expect(fires).toHaveLength(fired);
    // Of all that were missed the newest.
    if (late > HOUR) expect(fires[0]!.nominal).toBe(START + 31 * HOUR);
    hourly.restart();
    expect(hourly.look().fires).toEqual([]);
  }
});

test('nothing is fired that was due before the schedule said so', () => {
  const daily = new SimulatedSchedule({ cron: '0 0 3 * * *', catch_up: 'once' }, { pcs: ['A'], now: START + 4 * HOUR });
  expect(daily.look().fires).toEqual([]);
});

test('past its starting deadline nothing is fired', () => {
  const daily = new SimulatedSchedule({ cron: '0 0 3 * * *', catch_up: 'once', starting_deadline: '1h' }, { pcs: ['A'], now: START });
  daily.now = START + 4 * HOUR;
  expect(daily.look().fires).toEqual([]);
});

test('a fire that is caught up waits for the window, and ends with it', () => {
  const night = { cron: '0 0 23 * * *', window: '22:00-05:00', catch_up: 'once' } as const;
  const schedule = new SimulatedSchedule(night, { pcs: ['A'], now: START });
  schedule.now = START + 34 * HOUR;
  const [fire, ...more] = schedule.run(START + 46.5 * HOUR, MINUTE);
  expect(more).toEqual([]);
  expect(fire).toMatchObject({ nominal: START + 23 * HOUR, expiresAt: START + 53 * HOUR });
  expect(schedule.rows[0]!.firedAt).toBe(START + 46 * HOUR);
});

test('a freeze stops what is due, and brings nothing back when it is lifted', () => {
  const hourly = new SimulatedSchedule({ cron: '0 0 * * * *', catch_up: 'once' }, { pcs: ['A'], now: START + 1 });
  hourly.held = true;
  expect(hourly.run(START + 90 * MINUTE, MINUTE)).toEqual([]);
  hourly.held = false;
  hourly.restart();
  expect(told(hourly.run(START + 130 * MINUTE, MINUTE))).toEqual(['02:00:00 0 A']);
});

test('local means the time of each PC, and who never said where it is gets nothing', () => {
  const pcs = [
    { pc: 'BERLIN', zone: 'Europe/Berlin' },
    { pc: 'TOKYO', zone: 'Asia/Tokyo' },
    { pc: 'NOWHERE', zone: undefined },
  ];
  const daily = new SimulatedSchedule({ when: { calendar: { at: '03:00' } }, tz: 'local' }, { pcs, now: START - 12 * HOUR });
  expect(told(daily.run(START + 12 * HOUR, MINUTE))).toEqual(['18:00:00 0 TOKYO', '01:00:00 0 BERLIN']);
});

test('a clock that goes back fires nothing twice; one that was wrong by days is not waited for', () => {
  const hourly = new SimulatedSchedule({ cron: '0 0 * * * *' }, { pcs: ['A'], now: START });
  hourly.run(START + 3 * HOUR, MINUTE);
  hourly.now = START + 30 * MINUTE;
  expect(hourly.run(START + 2.5 * HOUR, MINUTE)).toEqual([]);
  hourly.now = START + 240 * HOUR;
  hourly.run(START + 241 * HOUR, MINUTE);
  hourly.now = START + 4.5 * HOUR;
  expect(told(hourly.run(START + 5.5 * HOUR, MINUTE))).toEqual(['05:00:00 0 A']);
});

test('once per PC: who is alive and has not succeeded, again after a measured while, and then no more', () => {
  const once = new SimulatedSchedule(
    { when: { per_pc: 'once' }, retry: { max: 1, backoff: '10m' } },
    { pcs: ['A', { pc: 'B', alive: false }, 'C'], now: START },
  );
  expect(told(once.run(START + 5 * MINUTE))).toEqual(['00:00:00 0 A,C']);
  once.end(once.rows[0]!, 'succeeded');
  once.end(once.rows[1]!, 'failed');
  once.pcs[1]!.alive = true;
  expect(told(once.run(START + 30 * MINUTE))).toEqual(['00:06:00 0 B', '00:16:00 1 C']);
  for (const row of once.open()) once.end(row, 'failed');
  expect(told(once.run(START + 48 * HOUR, MINUTE))).toEqual(['00:40:00 1 B']);
});

test('a new version gives those who failed too often another chance', () => {
  const once = new SimulatedSchedule({ when: { per_pc: 'once' }, retry: { max: 0, backoff: '1s' } }, { pcs: ['A'], now: START });
  once.look();
  once.end(once.rows[0]!, 'failed');
  expect(once.run(START + HOUR, MINUTE)).toEqual([]);
  once.version = '2';
  expect(told(once.run(START + 2 * HOUR, MINUTE))).toEqual(['01:01:00 0 A']);
});

test('at most so many at once, the others in their turn, none after the deadline', () => {
  const daily = new SimulatedSchedule(
    { cron: '0 0 3 * * *', max_concurrent: 2, starting_deadline: '2h' },
    { pcs: ['A', 'B', 'C', 'D', { pc: 'E', alive: false }], now: START },
  );
  expect(told(daily.run(START + 3.5 * HOUR, MINUTE))).toEqual(['03:00:00 0 A,B']);
  daily.end(daily.rows[0]!, 'succeeded');
  daily.restart();
  expect(told(daily.run(START + 4 * HOUR, MINUTE))).toEqual(['03:00:00 0 C']);
  for (const row of daily.open()) daily.end(row, 'succeeded');
  expect(told(daily.run(START + 5.5 * HOUR, MINUTE))).toEqual(['03:00:00 0 D']);
  daily.pcs[4]!.alive = true;
  for (const row of daily.open()) daily.end(row, 'succeeded');
  expect(told(daily.run(START + 10 * HOUR, MINUTE))).toEqual([]);
  expect(daily.zones.get('UTC')!.waiting).toEqual([]);
});

test('a retry is an attempt of its own, for those that failed, within the deadline', () => {
  const daily = new SimulatedSchedule(
    { cron: '0 0 3 * * *', retry: { max: 2, backoff: '10m' }, starting_deadline: '1h' },
    { pcs: ['A', 'B'], now: START },
  );
  daily.run(START + 3 * HOUR, MINUTE);
  daily.end(daily.rows[0]!, 'failed');
  daily.end(daily.rows[1]!, 'succeeded');
  expect(told(daily.run(START + 3 * HOUR + 15 * MINUTE, MINUTE))).toEqual(['03:00:00 1 A']);
  daily.end(daily.rows[2]!, 'failed');
  expect(told(daily.run(START + 3 * HOUR + 40 * MINUTE, MINUTE))).toEqual(['03:00:00 2 A']);
  daily.end(daily.rows[3]!, 'failed');
  expect(told(daily.run(START + 5 * HOUR, MINUTE))).toEqual([]);
  expect(daily.rows.every((row) => row.expiresAt === START + 4 * HOUR)).toBe(true);
});

test('one success of anybody is enough for a target', () => {
  const one = new SimulatedSchedule({ when: { per_target: { every: '6h' } } }, { pcs: ['A', 'B'], now: START });
  expect(told(one.run(START + MINUTE))).toEqual(['00:00:00 0 A,B']);
  one.end(one.rows[1]!, 'succeeded');
  one.end(one.rows[0]!, 'failed');
  expect(told(one.run(START + 6 * HOUR, MINUTE))).toEqual([]);
  expect(told(one.run(START + 7 * HOUR, MINUTE))).toHaveLength(2);
});

test('it is done when all have it, and not before', () => {
  const once = new SimulatedSchedule(
    { cron: '0 * * * * *', mode: 'once_per_pc', auto_disable_when_done: true },
    { pcs: ['A', { pc: 'B', alive: false }], now: START },
  );
  once.run(START + MINUTE);
  once.end(once.rows[0]!, 'succeeded');
  expect(once.look().done).toBe(false);
  once.pcs[1]!.alive = true;
  once.run(START + 3 * MINUTE);
  once.end(once.rows[1]!, 'succeeded');
  expect(once.look().done).toBe(true);
});

test.each([
  ['spring', '2026-03-28T00:00:00Z', '2026-03-31T00:00:00Z', ['2026-03-28T01:30:00Z', '2026-03-29T01:00:00Z', '2026-03-30T00:30:00Z']],
  ['autumn', '2026-10-24T00:00:00Z', '2026-10-27T00:00:00Z', ['2026-10-24T00:30:00Z', '2026-10-25T00:30:00Z', '2026-10-26T01:30:00Z']],
])('a process that runs through the change of clocks in %s fires a daily time once a day', (_, from, to, nominals) => {
  const daily = new SimulatedSchedule({ cron: '0 30 2 * * *', tz: 'Europe/Berlin' }, { pcs: ['A'], now: at(from) });
  const fires = daily.run(at(to), 10_000);
  expect(fires.map(({ nominal }) => new Date(nominal).toISOString().replace('.000', ''))).toEqual(nominals);
});

test('a window of wall-clock hours is an hour shorter in the night that is', () => {
  const often = new SimulatedSchedule(
    { cron: '0 0 * * * *', tz: 'Europe/Berlin', window: '00:00-06:00' },
    { pcs: ['A'], now: at('2026-03-28T12:00:00Z') },
  );
  expect(often.run(at('2026-03-29T12:00:00Z'), MINUTE)).toHaveLength(5);
});

test('nobody gets it past a canary that has failed: what has waves goes in waves or not at all', () => {
  const waves = new SimulatedSchedule(
    { when: { per_target: 'once' }, rollout: { waves: [1, '100%'] } },
    { pcs: ['A', 'B', 'C'], now: START },
  );
  expect(waves.look().fires).toMatchObject([{ whole: true, pcs: ['A', 'B', 'C'] }]);
  // The rollout has sent its first wave only, and halted.
  waves.rows = waves.rows.filter((row) => row.pc === 'A');
  waves.end(waves.rows[0]!, 'failed');
  const more = waves.run(START + 12 * HOUR, MINUTE);
  expect(more.every((fire) => fire.whole && fire.pcs.length === 3)).toBe(true);
  expect(more[0]!.nominal).toBe(START + 15 * MINUTE);
});

test("a PC that went off while it had a turn takes nobody else's", () => {
  const one = new SimulatedSchedule({ cron: '0 0 3 * * *', max_concurrent: 1 }, { pcs: ['A', 'B'], now: START });
  expect(told(one.run(START + 3 * HOUR, MINUTE))).toEqual(['03:00:00 0 A']);
  one.pcs[0]!.alive = false;
  expect(told(one.run(START + 4 * HOUR, MINUTE))).toEqual(['03:00:00 0 B']);
});

test('of a once mode those whose turn has not come follow within the same tick, and who has it by then is left out', () => {
  const daily = new SimulatedSchedule(
    { cron: '0 0 3 * * *', mode: 'once_per_pc', max_concurrent: 1 },
    { pcs: ['A', 'B', 'C'], now: START },
  );
  expect(told(daily.run(START + 3 * HOUR, MINUTE))).toEqual(['03:00:00 0 A']);
  daily.restart();
  expect(told(daily.run(START + 3.5 * HOUR, MINUTE))).toEqual([]);
  daily.end(daily.rows[0]!, 'succeeded');
  expect(told(daily.run(START + 4 * HOUR, MINUTE))).toEqual(['03:00:00 0 B']);
  daily.end(daily.rows[1]!, 'succeeded');
  expect(told(daily.run(START + 24 * HOUR, MINUTE))).toEqual(['03:00:00 0 C']);
});

test('what was decided under another text is not gone on with', () => {
  const daily = new SimulatedSchedule(
    { cron: '0 0 3 * * *', max_concurrent: 1, retry: { max: 3, backoff: '1m' } },
    { pcs: ['A', 'B'], now: START },
  );
  daily.run(START + 3 * HOUR, MINUTE);
  daily.end(daily.rows[0]!, 'failed');
  daily.changedAt = START + 3 * HOUR + MINUTE;
  expect(daily.run(START + 20 * HOUR, MINUTE)).toEqual([]);
  expect(daily.zones.get('UTC')!.waiting).toEqual([]);
});
