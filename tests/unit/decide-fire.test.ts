import { expect, test } from 'vitest';
import { decideFire, type FireInput, isDone, type Success } from '#backend/scheduler/decide-fire.ts';

/** The boundary cases of seed 004's policy, by its own names (reference-system section 7). */

const NOW = Date.parse('2026-06-01T12:00:00Z');
const SECOND = 1000;
const HOUR = 3600 * SECOND;
const AFTER_6H = { kind: 'after', ms: 6 * HOUR } as const;

function input(more: Partial<Omit<FireInput, 'success'>> & { done?: Record<string, number | Success> }): FireInput {
  const { done = {}, ...rest } = more;
  const success = (pc: string) => {
    const found = done[pc];
    return typeof found === 'number' ? { at: found, version: '1' } : found;
  };
  return { mode: 'once_per_pc', again: { kind: 'never' }, expected: ['A', 'B', 'C'], now: NOW, version: '1', ...rest, success };
}

const SKIP = { kind: 'skip' };
const WHOLE = { kind: 'whole' };
const at = (...pcs: string[]) => ({ kind: 'pcs', pcs });

test('every_tick_always_fires_whole_target', () => {
  expect(decideFire(input({ mode: 'every_tick', done: { A: NOW, B: NOW, C: NOW } }))).toEqual(WHOLE);
});

test('every_tick_ignores_empty_expected', () => {
  expect(decideFire(input({ mode: 'every_tick', expected: [] }))).toEqual(WHOLE);
});

test('once_per_pc_no_completions_fires_every_pc', () => {
  expect(decideFire(input({}))).toEqual(at('A', 'B', 'C'));
});

test('once_per_pc_partial_completion_fires_remainder', () => {
  expect(decideFire(input({ done: { B: NOW - HOUR } }))).toEqual(at('A', 'C'));
});

test('once_per_pc_all_completed_skips', () => {
  const all = input({ done: { A: 1, B: 2, C: 3 } });
  expect(decideFire(all)).toEqual(SKIP);
  expect(isDone(all)).toBe(true);
});

test('once_per_pc_empty_expected_skips', () => {
  const empty = input({ expected: [] });
  expect(decideFire(empty)).toEqual(SKIP);
});

test.each([
  ['cooldown_recent_excluded', NOW - HOUR, SKIP],
  ['cooldown_one_second_before_boundary_excluded', NOW - 6 * HOUR + SECOND, SKIP],
  ['cooldown_exactly_at_boundary_rearmed', NOW - 6 * HOUR, at('A')],
  ['cooldown_one_second_after_boundary_rearmed', NOW - 6 * HOUR - SECOND, at('A')],
])('once_per_pc_%s', (_, finished, action) => {
  expect(decideFire(input({ again: AFTER_6H, expected: ['A'], done: { A: finished } }))).toEqual(action);
});

test('once_per_pc_cooldown_mix_one_armed_one_not', () => {
  const mix = input({ again: AFTER_6H, expected: ['A', 'B'], done: { A: NOW - 7 * HOUR, B: NOW - HOUR } });
  expect(decideFire(mix)).toEqual(at('A'));
  expect(isDone(mix)).toBe(false);
});

test('once_per_pc_decommissioned_pc_completion_ignored', () => {
  expect(decideFire(input({ expected: ['A'], done: { GHOST: NOW } }))).toEqual(at('A'));
});

test('once_per_pc of a version that is not the present one is armed again', () => {
  const again = { kind: 'version' } as const;
  const done = { A: { at: NOW, version: '1' }, B: { at: NOW, version: '2' } };
  expect(decideFire(input({ again, version: '2', expected: ['A', 'B'], done }))).toEqual(at('A'));
});

test('once_per_target_no_success_fires_whole_target', () => {
  expect(decideFire(input({ mode: 'once_per_target' }))).toEqual(WHOLE);
});

test('once_per_target_any_in_scope_success_skips', () => {
  const one = input({ mode: 'once_per_target', done: { C: NOW - HOUR } });
  expect(decideFire(one)).toEqual(SKIP);
  expect(isDone(one)).toBe(true);
});

test('once_per_target_out_of_scope_success_does_not_count', () => {
  expect(decideFire(input({ mode: 'once_per_target', done: { GHOST: NOW } }))).toEqual(WHOLE);
});

test('once_per_target_empty_expected_no_completion_skips', () => {
  expect(decideFire(input({ mode: 'once_per_target', expected: [] }))).toEqual(SKIP);
});

test.each([
  ['cooldown_recent_skips', NOW - HOUR, SKIP],
  ['cooldown_one_second_before_boundary_skips', NOW - 6 * HOUR + SECOND, SKIP],
  ['cooldown_exactly_at_boundary_fires', NOW - 6 * HOUR, WHOLE],
])('once_per_target_%s', (_, finished, action) => {
  expect(decideFire(input({ mode: 'once_per_target', again: AFTER_6H, done: { A: finished } }))).toEqual(action);
});

test('once_per_target_uses_most_recent_completion', () => {
  const done = { A: NOW - 30 * HOUR, B: NOW - HOUR };
  expect(decideFire(input({ mode: 'once_per_target', again: AFTER_6H, done }))).toEqual(SKIP);
});

test('what comes back by itself is never done', () => {
  expect(isDone(input({ again: AFTER_6H, done: { A: NOW, B: NOW, C: NOW } }))).toBe(false);
  expect(isDone(input({ mode: 'every_tick', done: { A: NOW, B: NOW, C: NOW } }))).toBe(false);
});
