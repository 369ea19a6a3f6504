import { expect, test } from 'vitest';
import { fixWaves, groupFaults, rolloutFaults } from '#backend/rollouts/plan.ts';
import type { RolloutPlan } from '#core/contract/rollout.ts';
import { pcNames } from '#tests/support/rollouts.ts';

const everybody = { members: () => [], online: () => true };

test.each<[string, RolloutPlan['waves'], number, number[]]>([
  ['numbers and shares say how many are reached by the end of a wave', [1, '10%', '100%'], 50, [1, 4, 45]],
  ['what is left over is a wave of its own', [2, '50%'], 10, [2, 3, 5]],
  ['a share of few is at least one', ['1%', '100%'], 5, [1, 4]],
  ['a wave that reaches nobody new is none', [5, 3, '10%', '100%'], 10, [5, 5]],
  ['more than there are is all', [100], 3, [3]],
])('%s', (_, waves, count, sizes) => {
  const fixed = fixWaves(waves, { id: 'r', pcs: pcNames(count), ...everybody });
  expect(fixed.map((wave) => wave.length)).toEqual(sizes);
  expect(fixed.flat().sort()).toEqual(pcNames(count));
});

test('a group is a wave: of its members those that are meant and have had no turn', () => {
  const members = (group: string) => (group === 'lab' ? ['PC001', 'PC003', 'ELSEWHERE'] : ['PC003', 'PC004']);
  const fixed = fixWaves([{ group: 'lab' }, { group: 'floor' }, { group: 'lab' }, '100%'], {
    id: 'r',
    pcs: pcNames(6),
    members,
    online: () => true,
  });
  expect(fixed).toEqual([['PC001', 'PC003'], ['PC004'], ['PC000', 'PC002', 'PC005']]);
});

test('a wave of a group that holds nobody who is meant is a fault: the rest would go out at once', () => {
  const members = (group: string) => (group === 'lab' ? ['PC001'] : group === 'elsewhere' ? ['PC900'] : []);
  const waves = [{ group: 'lab' }, { group: 'elsewhere' }, 1, { group: 'canry' }];
  const faults = groupFaults({ waves }, { pcs: pcNames(3), members }, '/rollout');
  expect(faults.map((fault) => [fault.pointer, fault.code])).toEqual([
    ['/rollout/waves/1', 'target_empty'],
    ['/rollout/waves/3', 'target_empty'],
  ]);
});

test('PCs that are online go first, drawn by the id of the rollout', () => {
  const pcs = pcNames(20);
  const online = (pc: string) => pc >= 'PC010';
  const first = (id: string) => fixWaves([5, '100%'], { id, pcs, members: () => [], online })[0]!;
  expect(first('r').every(online)).toBe(true);
  expect(first('r')).toEqual(first('r'));
  expect(first('r')).not.toEqual(first('another'));
});

test('every fault is told at once, each with its place', () => {
  const faults = rolloutFaults(
    { waves: [0, 1.5, '0%', '101%', 'ten', '10%', { group: 'g' }], max_failure_percent: 101, soak: 'long', min_success: '120%' },
    '/rollout',
  );
  expect(faults.map((fault) => fault.pointer)).toEqual([
    '/rollout/waves/0',
    '/rollout/waves/1',
    '/rollout/waves/2',
    '/rollout/waves/3',
    '/rollout/waves/4',
    '/rollout/max_failure_percent',
    '/rollout/min_success',
    '/rollout/soak',
  ]);
  expect(rolloutFaults({ waves: [] }, '').map((fault) => fault.pointer)).toEqual(['/waves']);
  expect(rolloutFaults({ waves: [1, '10%', '100%'], max_failure_percent: 5, soak: '30m', min_success: 1 }, '')).toEqual([]);
});
