import { mkdir, readdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { type AgentLog, openLog } from '#core/agent/report/log-file.ts';
import { tempDir } from '#tests/support/temp.ts';
import { until } from '#tests/support/until.ts';

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

/** Until it writes to the file of that number. */
async function fill({ logger }: AgentLog, dir: string, n: number): Promise<void> {
  await until(`agent.${n}.log is there`, async () => {
    logger.info({ fill: 'x'.repeat(300) }, 'a line');
    return (await readdir(dir)).includes(`agent.${n}.log`);
  });
}

test('the log is three files of bounded size, and its end is read across a change of files', async () => {
  await using temp = await tempDir();
  const log = openLog(temp.path, 'info', { fileBytes: 2000 });
  await fill(log, temp.path, 6);
  const names = await until('the old ones are gone', async () => {
    const left = (await readdir(temp.path)).sort();
    return left.length === 3 && left;
  });
  expect(names).toEqual(['agent.4.log', 'agent.5.log', 'agent.6.log']);
  for (const name of names) expect((await stat(join(temp.path, name))).size).toBeLessThan(3000);
  log.logger.info({}, 'the newest');
  const { text, truncated } = await log.tail(10_000);
  expect(text).toContain('the newest');
  expect(truncated).toBe(true);
});

test('a log goes on in the newest file of the run before, and begins another where that is full', async () => {
  await using temp = await tempDir();
  await writeFile(join(temp.path, 'agent.7.log'), `${'x'.repeat(2000)}\n`);
  const log = openLog(temp.path, 'info', { fileBytes: 2000 });
  log.logger.info({}, 'one more');
  await until('there is another', async () => (await readdir(temp.path)).includes('agent.8.log'));
});

test('an old file that cannot be removed, or a new one that cannot be made, ends nobody', async () => {
  await using temp = await tempDir();
  // Neither can be written or removed as a file.
  await mkdir(join(temp.path, 'agent.1.log', 'held'), { recursive: true });
  await writeFile(join(temp.path, 'agent.2.log'), '');
  const log = openLog(temp.path, 'info', { fileBytes: 2000 });
  await fill(log, temp.path, 5);
  await mkdir(join(temp.path, 'agent.6.log'));
  for (let i = 0; i < 20; i++) log.logger.info({ fill: 'x'.repeat(300) }, 'a line');
  log.logger.info({}, 'still written');
  expect((await log.tail(10_000)).text).toContain('still written');
});
