import { expect, test } from 'vitest';
import { EventStarted } from '#core/contract/events.ts';
import { isPlainResult, isPlainStarted } from '#core/contract/plain.ts';
import { ExecResult } from '#core/contract/result.ts';
import { OUTPUT_CHUNKS_MAX } from '#core/contract/streams.ts';
import { resultOf, startedOf } from '#tests/support/projection.ts';

const plain = { started_at: '2026-11-21T12:00:00.000Z', finished_at: '2026-11-21T12:00:01.000Z' };
const odd = [
  undefined,
  null,
  '',
  'x y',
  'not-a-time',
  '2026-02-31T12:00:00.000Z',
  '2026-13-01T00:00:00.000Z',
  '2026-11-21T24:00:00.000Z',
  -1,
  1.5,
  2 ** 32,
  Number.NaN,
  true,
  [],
  {},
  'a'.repeat(300),
];

test('the quick checks say yes to what our agents write', () => {
  expect(isPlainStarted(startedOf('e1', 'PC1', plain))).toBe(true);
  expect(isPlainResult(resultOf('e1', 'PC1', plain))).toBe(true);
  expect(isPlainResult(resultOf('e1', 'PC1', { ...plain, started_at: null, exit_code: null, outcome: 'skipped', reason: 'expired' }))).toBe(
    true,
  );
});

test('no result has more chunks than an agent keeps output for', () => {
  for (const [chunks, fits] of [
    [0, true],
    [OUTPUT_CHUNKS_MAX, true],
    [OUTPUT_CHUNKS_MAX + 1, false],
    [-1, false],
  ] as const) {
    for (const more of [{ stdout_chunks: chunks }, { stderr_chunks: chunks }]) {
      expect(isPlainResult(resultOf('e1', 'PC1', { ...plain, ...more })), JSON.stringify(more)).toBe(fits);
      expect(ExecResult.is(resultOf('e1', 'PC1', { ...plain, ...more })), JSON.stringify(more)).toBe(fits);
    }
  }
});

test('the quick checks say yes to nothing that the structs refuse', () => {
  const optional = {
    reason: 'r',
    detail: 'd',
    stdout_chunks: 1,
    stderr_chunks: 1,
    stdout_truncated: true,
    stderr_truncated: false,
    reboot_required: true,
    error_record: { message: 'm' },
  };
  for (const [value, struct, isPlain] of [
    [startedOf('e1', 'PC1', plain), EventStarted, isPlainStarted],
    [resultOf('e1', 'PC1', { ...plain, ...optional }), ExecResult, isPlainResult],
  ] as const) {
    for (const key of Object.keys(value)) {
      for (const wrong of odd) {
        const changed = { ...value, [key]: wrong };
        if (isPlain(changed)) expect(struct.is(changed), `${key}: ${JSON.stringify(wrong)}`).toBe(true);
      }
    }
  }
  for (const value of odd) expect(isPlainStarted(value) || isPlainResult(value)).toBe(false);
});
