import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { TestKanade } from '#tests/support/kanade.ts';
import { PESTER_MAJORS, pesterVersion, runPester } from '#tests/support/pester.ts';
import { PWSH } from '#tests/support/pwsh.ts';
import { until } from '#tests/support/until.ts';

/** Milliseconds. The analyzer takes its time, and other tests run beside it. */
const PATIENCE = 600_000;

describe.skipIf(PWSH === undefined)('The PowerShell module, with a backend, a PC that is online and one that is off', () => {
  let kanade: TestKanade;

  beforeAll(async () => {
    kanade = await TestKanade.start();
    await kanade.readyAgent('pc1');
    const off = await kanade.readyAgent('pc2');
    await off.stop();
    await until('PC2 is off', async () => !(await kanade.backend.get('/agents/PC2')).online);
  });
  afterAll(() => kanade?.[Symbol.asyncDispose]());

  describe.each(PESTER_MAJORS)('Pester %s', (major) => {
    const version = pesterVersion(major);

    test.skipIf(version === undefined)(
      'all its tests pass',
      async () => {
        const { failures, ...counts } = await runPester(version!, kanade.backend);
        expect(failures.map(({ name, message }) => `${name}\n${message}`).join('\n\n')).toBe('');
        expect(counts).toMatchObject({ result: 'Passed', failed: 0, skipped: 0 });
        expect(counts.passed).toBeGreaterThan(0);
      },
      PATIENCE,
    );
  });
});
