import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { freePorts } from '#tests/support/cluster.ts';
import { TestBackend, TestKanade } from '#tests/support/kanade.ts';
import type { TestProcess } from '#tests/support/processes.ts';
import { until } from '#tests/support/until.ts';
import { nodeForWine } from '#tests/support/windows-node.ts';
import { HAS_WINE, SET_UP_WITHIN, startWine } from '#tests/support/wine.ts';
import { writeFiles } from '../../installer/pack/files.ts';
import { programFiles } from '../../installer/pack/program-files.ts';

test.skipIf(!HAS_WINE)(
  'the backend as it is packed for Windows serves its API, with its database in a thread of its own',
  { timeout: SET_UP_WITHIN },
  async () => {
    await using kanade = await TestKanade.start({ backend: false });
    await using wine = await startWine();
    const files = await programFiles({ program: 'backend', target: 'win32-x64', version: '7.8.9', module: [] });
    await writeFiles(join(wine.c, 'backend'), [...files, { name: 'node.exe', bytes: await nodeForWine() }], new Date());
    const [port] = await freePorts(1);
    const flags = ['--open', '--data-dir', 'C:\\data', '--listen', `127.0.0.1:${port}`, '--nats', kanade.broker.url];
    const running = wine.start('C:\\backend\\node.exe', 'C:\\backend\\backend.mjs', ...flags);
    const ended = running.done.then(({ code, stdout, stderr }) => Promise.reject(new Error(`it ended with ${code}: ${stdout}${stderr}`)));
    const tokenFile = join(wine.c, 'data', 'admin.token');
    const token = await Promise.race([ended, until('there is an admin token', () => readFile(tokenFile, 'utf8').catch(() => false))]);
    // Nobody here stops it but the end of its Windows.
    ended.catch(() => {});
    const backend = new TestBackend(
      undefined as unknown as TestProcess,
      `http://127.0.0.1:${port}`,
      String(token).trim(),
      join(wine.c, 'data'),
    );
    await until('the API is up', async () => (await backend.call('GET', '/agents')).status === 200);
    const agent = kanade.startAgent('PC1');
    await agent.ready;
    await backend.agentReady('PC1');
    const exec = await backend.submit({ script: 'echo through Windows', target: { pcs: ['PC1'] } });
    const { result_id } = await backend.inState(exec, 'PC1', 'succeeded');
    expect((await backend.get(`/results/${result_id}`)).stdout).toBe('through Windows\n');
  },
);
