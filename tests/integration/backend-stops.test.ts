import { expect, test } from 'vitest';
import { TestKanade } from '#tests/support/kanade.ts';

/** Milliseconds: far less than a request waits for its answer. */
const SOON = 9000;

test.for([
  ['has been killed', 'SIGKILL', undefined],
  ['is killed while it stops', undefined, 'SIGKILL'],
  ['stops at the same moment', undefined, 'SIGINT'],
  ['takes what it is asked, and answers nothing', 'SIGSTOP', undefined],
] as const)('a backend stops in order and soon when its broker %s', async ([, before, after]) => {
  await using kanade = await TestKanade.start({ identities: true });
  const { backend, broker } = kanade;
  if (before !== undefined) process.kill(broker.pid, before);
  const begun = performance.now();
  backend.process.child.kill('SIGTERM');
  if (after !== undefined) process.kill(broker.pid, after);
  expect(await backend.process.exited, backend.process.output()).toBe(0);
  expect(performance.now() - begun).toBeLessThan(SOON);
});
