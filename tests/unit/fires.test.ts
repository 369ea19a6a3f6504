import { expect, test } from 'vitest';
import { fireOf, NewestFires } from '#core/agent/ledger/fires.ts';
import { superseded } from '#core/agent/run/superseded.ts';
import { command } from '#tests/support/projection.ts';

const at = (hour: number) => Date.UTC(2026, 10, 1, hour);
const fire = (hour: number) => ({ scheduleId: 'nightly', nominalAt: at(hour) });

test.each<[string, number | undefined, boolean]>([
  ['of a schedule of which nothing is known', undefined, false],
  ['that is the newest itself', at(3), false],
  ['when only an older one came', at(2), false],
  ['when a newer one came', at(4), true],
])('a fire %s', (_, newest, expected) => {
  expect(superseded(fire(3), newest)?.reason).toBe(expected ? 'superseded' : undefined);
});

test('why it is superseded names the schedule and the time that took its place', () => {
  expect(superseded(fire(3), at(4))?.detail).toBe('schedule nightly has fired again, for 2026-11-01T04:00:00.000Z');
});

test('the newest fire is known for each schedule by itself, in whatever order they come', () => {
  const fires = new NewestFires();
  for (const hour of [2, 4, 3]) fires.saw(fire(hour));
  fires.saw({ scheduleId: 'hourly', nominalAt: at(1) });
  expect(fires.of('nightly', at(9))).toBe(at(4));
  expect(fires.of('hourly', at(9))).toBe(at(1));
  expect(fires.of('never', at(9))).toBeUndefined();
});

test('a fire for a time to come is not the newest before that time, and takes nothing away from those before it', () => {
  const fires = new NewestFires();
  fires.saw(fire(20));
  expect(fires.of('nightly', at(9))).toBeUndefined();
  for (const hour of [3, 4]) fires.saw(fire(hour));
  expect(fires.of('nightly', at(9))).toBe(at(4));
  expect(fires.of('nightly', at(20))).toBe(at(20));
});

test('a command is a fire when it names both its schedule and its time, whatever offset that is written with', () => {
  const fired = { schedule_id: 'nightly', nominal_at: '2026-11-01T04:00:00+01:00' };
  expect(fireOf(command('e', fired))).toEqual(fire(3));
  expect(fireOf(command('e', { schedule_id: 'nightly' }))).toBeUndefined();
  expect(fireOf(command('e', { nominal_at: fired.nominal_at }))).toBeUndefined();
});
