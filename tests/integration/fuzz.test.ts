import { expect, test } from 'vitest';
import { fuzz } from '#tests/fuzz/run.ts';

// The same inputs each time; `npm run fuzz` tries others, and many more.
test('what nobody should send: no crash, no 500, no hang', async () => {
  expect(await fuzz({ inputs: 3000, seed: 1, say: () => {} })).toEqual([]);
});
