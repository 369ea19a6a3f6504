import { readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { expect, test } from 'vitest';
import { TestBackend, TestKanade } from '#tests/support/kanade.ts';
import type { Program } from '../../installer/pack/bundle.ts';
import { writeFiles } from '../../installer/pack/files.ts';
import { programFiles } from '../../installer/pack/program-files.ts';
import { ROOT } from '../../installer/pack/root.ts';

/** A program as it is installed, below the test's folder; its path as startProcess wants it. */
async function installed(kanade: TestKanade, program: Program): Promise<string> {
  const folder = join(kanade.dir, 'installed', program);
  await writeFiles(folder, await programFiles({ program, target: 'linux-x64', version: '7.8.9', module: [] }), new Date());
  return relative(ROOT, join(folder, `${program}.mjs`));
}

test.skipIf(process.platform !== 'linux' || process.arch !== 'x64')(
  'what is installed is a file for each program: they start, enrol and run a script without the clone',
  async () => {
    await using kanade = await TestKanade.start({ identities: true, backend: false });
    const dataDir = join(kanade.dir, 'one');
    const flags = ['--listen', '127.0.0.1:0', '--nats', kanade.broker.url, '--log-level', 'warn'];
    const process = kanade.process(await installed(kanade, 'backend'), ['--data-dir', dataDir, ...flags]);
    const { url } = await process.ready;
    const token = (await readFile(join(dataDir, 'admin.token'), 'utf8')).trim();
    const backend = new TestBackend(process, String(url), token, dataDir);
    const agent = kanade.process(
      await installed(kanade, 'agent'),
      ['--data-dir', join(kanade.dir, 'pc'), '--pc-id', 'BUNDLE1', '--inventory-interval', 'off'],
      {
        KANADE_SERVER: backend.url,
        KANADE_ENROLMENT_TOKEN: await backend.enrolmentToken(),
      },
    );
    await agent.ready;
    expect((await backend.agentReady('BUNDLE1')).version).toBe('7.8.9');
    const exec = await backend.submit({ script: 'echo from the bundle', target: { pcs: ['BUNDLE1'] } });
    const { result_id } = await backend.inState(exec, 'BUNDLE1', 'succeeded');
    expect((await backend.get(`/results/${result_id}`)).stdout).toBe('from the bundle\n');
  },
);
