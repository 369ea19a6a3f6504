import { expect, test } from 'vitest';
import { OutputWeights } from '#backend/quota/output-weights.ts';

const MiB = 1024 * 1024;

test('of a PC that has too much the oldest goes, down to three quarters', () => {
  const weights = new OutputWeights();
  for (let seq = 1; seq <= 10; seq++) expect(weights.add('PC1', seq, MiB)).toBe(seq * MiB);
  expect(weights.cut('PC1', 10 * MiB, 1)).toBeUndefined();
  weights.add('PC1', 11, MiB);
  expect(weights.cut('PC1', 10 * MiB, 1)).toBe(5);
  expect(weights.add('PC1', 12, MiB)).toBe(8 * MiB);
});

test('others are left alone, also where their messages lie between', () => {
  const weights = new OutputWeights();
  for (let n = 0; n < 20; n++) {
    weights.add('FLOOD', 2 * n + 1, MiB);
    weights.add('OTHER', 2 * n + 2, 1);
  }
  expect(weights.cut('OTHER', MiB, 1)).toBeUndefined();
  expect(weights.cut('FLOOD', 4 * MiB, 1)).toBe(34);
  expect(weights.add('OTHER', 41, 1)).toBe(21);
});

test('what has left the stream by its age counts no longer', () => {
  const weights = new OutputWeights();
  for (let seq = 1; seq <= 10; seq++) weights.add('PC1', seq, MiB);
  expect(weights.cut('PC1', 6 * MiB, 6)).toBeUndefined();
  expect(weights.add('PC1', 11, MiB)).toBe(6 * MiB);
});

test('many short ones are cut in runs, and the newest run stays', () => {
  const weights = new OutputWeights();
  for (let seq = 1; seq <= 4096; seq++) weights.add('PC1', seq, 1024);
  const before = weights.cut('PC1', 3 * MiB, 1)!;
  expect(before).toBe(2049);
  expect(weights.cut('PC1', 1, 1)).toBe(3073);
  expect(weights.cut('PC1', 1, 1)).toBeUndefined();
});
