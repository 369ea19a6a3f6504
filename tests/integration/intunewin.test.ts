import { mkdtemp, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { expect, test } from 'vitest';
import { runCommand } from '#core/process/run-command.ts';
import { openIntuneWin } from '#tests/support/intunewin.ts';
import { PWSH } from '#tests/support/pwsh.ts';
import { tempDir } from '#tests/support/temp.ts';
import { HAS_MSITOOLS } from '#tests/support/windows-msi.ts';
import { buildIntuneWin } from '../../installer/intune/build.ts';
import { AGENT_PACKAGE } from '../../installer/msi/agent-package.ts';
import { buildMsi } from '../../installer/msi/build.ts';
import { readTables } from '../../installer/msi/msi-tools.ts';

const bytes = (text: string) => new TextEncoder().encode(text);

async function package_(dir: string): Promise<string> {
  const files = ['agent.mjs', 'node.exe', 'release.json'].map((name) => ({ name, bytes: bytes(name) }));
  return buildMsi(AGENT_PACKAGE, {
    version: '1.2.3',
    files,
    host: bytes('host'),
    at: new Date('2026-01-02T03:04:06Z'),
    folder: await mkdtemp(join(dir, 'msi-')),
  });
}

test.skipIf(!HAS_MSITOOLS || PWSH === undefined)(
  "what Intune takes can be opened with what it says, holds the package, and is the same for the same package; the module's is no other",
  async () => {
    await using temp = await tempDir();
    const msi = await package_(temp.path);
    const [one, two] = [join(temp.path, 'one.intunewin'), join(temp.path, 'two.intunewin')];
    await buildIntuneWin(msi, one);
    await buildIntuneWin(msi, two);
    const made = await readFile(one);
    expect(made.equals(await readFile(two))).toBe(true);
    const { name, content, about } = openIntuneWin(made);
    expect(name).toBe(basename(msi));
    expect(content.equals(await readFile(msi))).toBe(true);
    const property = new Map((await readTables(msi, temp.path)).get('Property')!.rows.map(([key, value]) => [key, value]));
    expect(about).toMatchObject({
      Name: basename(msi),
      SetupFile: basename(msi),
      FileName: 'IntunePackage.intunewin',
      ProfileIdentifier: 'ProfileVersion1',
      FileDigestAlgorithm: 'SHA256',
      MsiProductCode: property.get('ProductCode'),
      MsiUpgradeCode: property.get('UpgradeCode'),
      MsiProductVersion: '1.2.3',
      MsiPublisher: 'Kanade',
      MsiPackageCode: expect.stringMatching(/^\{[0-9A-F-]{36}\}$/),
      MsiIsMachineInstall: 'true',
    });
    // A byte of it that is another is seen.
    const spoilt = Buffer.from(made);
    const at = spoilt.indexOf('IntunePackage.intunewin') + 1000;
    spoilt[at] = spoilt[at]! ^ 1;
    expect(() => openIntuneWin(spoilt)).toThrow(/another/);

    const folder = join(temp.path, 'intune');
    const script = `Import-Module ./Kanade.psd1; $null = New-KanadeIntunePackage -MsiPath '${msi}' -Path '${folder}' -Server https://kanade.example.com:8480`;
    const { code, stderr } = await runCommand('pwsh', ['-NoProfile', '-NonInteractive', '-Command', script]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect((await readFile(join(folder, `${basename(msi, '.msi')}.intunewin`))).equals(made)).toBe(true);
    const readme = await readFile(join(folder, 'README.txt'), 'ascii');
    expect(readme).toContain(`msiexec /i "${basename(msi)}" /qn /norestart /liwemo `);
    expect(readme).toContain(' SERVER_URL=https://kanade.example.com:8480\r\n');
    expect(readme).toContain(`msiexec /x ${property.get('ProductCode')} /qn /norestart\r\n`);
  },
);
