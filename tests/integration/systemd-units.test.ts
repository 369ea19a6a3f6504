import { chmod, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { findOnPath } from '#core/process/find-on-path.ts';
import { runCommand } from '#core/process/run-command.ts';
import { tempDir } from '#tests/support/temp.ts';

const UNITS = join(import.meta.dirname, '../../installer/systemd');
const ANALYZE = process.platform === 'linux' ? await findOnPath('systemd-analyze', process.env.PATH) : undefined;
if (ANALYZE === undefined) process.stderr.write('\n*** systemd-analyze is missing: the test of the units of systemd IS SKIPPED ***\n\n');

const names = (await readdir(UNITS)).filter((name) => name.endsWith('.service'));

test.skipIf(ANALYZE === undefined)('systemd understands every word of the units, and finds what they run', async () => {
  await using temp = await tempDir();
  await mkdir(join(temp.path, 'etc/systemd/system'), { recursive: true });
  await mkdir(join(temp.path, 'opt/kanade/bin'), { recursive: true });
  await writeFile(join(temp.path, 'opt/kanade/bin/node'), '#!/bin/sh\n');
  await chmod(join(temp.path, 'opt/kanade/bin/node'), 0o755);
  const units: string[] = [];
  for (const name of names) {
    const unit = join(temp.path, 'etc/systemd/system', name);
    // Where they are installed is not to be needed here.
    await writeFile(unit, (await readFile(join(UNITS, name), 'utf8')).replaceAll('/opt/kanade/bin', join(temp.path, 'opt/kanade/bin')));
    units.push(unit);
  }
  const { code, stderr } = await runCommand(ANALYZE!, ['verify', '--man=no', '--recursive-errors=no', ...units]);
  expect([code, stderr]).toEqual([0, '']);
});

test('broker and backend are fenced in, over one folder; the agent is root, for its scripts are', async () => {
  const [broker, backend, agent] = await Promise.all(
    ['broker', 'backend', 'agent'].map((name) => readFile(join(UNITS, `kanade-${name}.service`), 'utf8')),
  );
  for (const unit of [broker, backend]) {
    expect(unit).toMatch(/^User=kanade$/m);
    expect(unit).toContain('--data-dir /var/lib/kanade\n');
    for (const fence of ['NoNewPrivileges=yes', 'ProtectSystem=strict', 'ProtectHome=yes', 'StateDirectoryMode=0700', 'UMask=0077'])
      expect(unit).toContain(`\n${fence}\n`);
  }
  // One machine may be both; the agent's file holds a token, which is for root alone.
  for (const unit of [broker, backend]) expect(unit).toContain('--settings /etc/kanade/settings.json ');
  expect(agent).toContain('--settings /etc/kanade/agent.json ');
  expect(backend).toContain('After=network-online.target kanade-broker.service\n');
  expect(agent).not.toMatch(/^User=|^Protect/m);
  expect(agent).toMatch(/^KillMode=process$/m);
});
