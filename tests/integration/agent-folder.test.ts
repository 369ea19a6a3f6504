import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { startProcess } from '#tests/support/processes.ts';
import { tempDir } from '#tests/support/temp.ts';
import { until } from '#tests/support/until.ts';

/** The rights of a folder and of all below it. */
async function modes(dir: string): Promise<Record<string, string>> {
  const names = ['.', ...(await readdir(dir, { recursive: true }))];
  const found = await Promise.all(names.map(async (name) => [name, (await stat(join(dir, name))).mode] as const));
  return Object.fromEntries(found.map(([name, mode]) => [name, (mode & 0o777).toString(8)]));
}

test.skipIf(process.platform === 'win32')('what an agent keeps is for nobody else to read or to lock', async () => {
  await using temp = await tempDir();
  const dataDir = join(temp.path, 'data');
  // Nobody listens there: the folder is made before any broker answers.
  await using agent = startProcess('core/agent/main.ts', ['--open', '--nats', 'nats://127.0.0.1:1', '--data-dir', dataDir]);
  const made = await until('the ledger is there', async () => {
    const all = await modes(dataDir);
    return 'agent/ledger' in all && all;
  });
  expect(Object.keys(made)).toEqual(expect.arrayContaining(['agent', 'agent/lock', 'agent/log', 'agent/log/agent.1.log']));
  for (const [name, mode] of Object.entries(made)) expect(mode, `${name}\n${agent.output()}`).toMatch(/00$/);
});
