import { expect, test } from 'vitest';
import { openLog } from '#core/agent/report/log-file.ts';
import { tempDir } from '#tests/support/temp.ts';

test('a line of the log says when it was written and how bad it is, in words', async () => {
  await using temp = await tempDir();
  const { logger, tail } = openLog(temp.path, 'warn');
  logger.warn({ pc_id: 'PC1' }, 'the disk is full');
  const { text } = await tail(10_000);
  expect(JSON.parse(text)).toEqual({
    level: 'warn',
    time: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
    program: 'agent',
    pc_id: 'PC1',
    msg: 'the disk is full',
  });
});
