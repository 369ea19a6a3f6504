import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { expect, test } from 'vitest';
import { userCache } from '#backend/broker/binary-cache.ts';
import { findOnPath } from '#core/process/find-on-path.ts';
import { runCommand } from '#core/process/run-command.ts';
import { tempDir } from '#tests/support/temp.ts';
import { windowsPrograms } from '#tests/support/windows-host.ts';
import { HAS_MSITOOLS } from '#tests/support/windows-msi.ts';
import { HAS_WINE } from '#tests/support/wine.ts';
import { BACKEND_PACKAGE } from '../../installer/msi/backend-package.ts';
import { buildMsi } from '../../installer/msi/build.ts';
import { edgeFiles } from '../../installer/pack/edge.ts';
import { ROOT } from '../../installer/pack/root.ts';
import { signer, unsigned } from '../../installer/pack/sign.ts';

const HAS_TOOLS = HAS_WINE && (await findOnPath('osslsigncode', process.env.PATH)) !== undefined;
if (!HAS_TOOLS) process.stderr.write('\n*** osslsigncode or wine is missing: the test of signatures IS SKIPPED ***\n\n');

/** A certificate of nobody's, for signing code. */
async function certificate(dir: string, name: string): Promise<{ certificate: string; key: string }> {
  const made = { certificate: join(dir, `${name}.pem`), key: join(dir, `${name}-key.pem`) };
  const usage = ['-addext', 'extendedKeyUsage=codeSigning', '-addext', 'basicConstraints=critical,CA:TRUE'];
  const how = ['-newkey', 'rsa:2048', '-nodes', '-keyout', made.key, '-subj', `/CN=${name}`, '-days', '2', ...usage];
  const { code, stderr } = await runCommand('openssl', ['req', '-x509', ...how, '-out', made.certificate]);
  expect(code, stderr).toBe(0);
  return made;
}

test.skipIf(!HAS_TOOLS)('programs and scripts are signed and checked; a signature that does not hold stops it', async () => {
  await using temp = await tempDir();
  const own = await certificate(temp.path, 'own');
  const sign = signer(own);
  const exe = { name: 'kanade-host.exe', bytes: await readFile((await windowsPrograms()).host) };
  const script = { name: 'module/Kanade.psm1', bytes: await readFile(join(ROOT, 'ps-module', 'Kanade.psm1')) };
  const signed = await sign(exe);
  expect(signed.bytes.length).toBeGreaterThan(exe.bytes.length);
  const text = new TextDecoder().decode((await sign(script)).bytes);
  expect(text).toContain('# SIG # Begin signature block');
  expect(text.startsWith(new TextDecoder().decode(script.bytes).slice(0, 100))).toBe(true);
  const plain = { name: 'agent.mjs', bytes: new TextEncoder().encode('1') };
  expect(await sign(plain)).toBe(plain);
  const other = await certificate(temp.path, 'other');
  await expect(signer({ ...own, ca: other.certificate })(exe)).rejects.toThrow('osslsigncode verify of kanade-host.exe failed');
  await writeFile(other.key, 'no key');
  await expect(signer(other)(exe)).rejects.toThrow('osslsigncode sign of kanade-host.exe failed');
});

test.skipIf(!HAS_TOOLS)(
  'of edge-js goes along what a PC needs: its library becomes ours, what is of Microsoft stays as it is',
  async () => {
    await using temp = await tempDir();
    const cache = join(userCache(process.env), 'packages');
    const plain = await edgeFiles(cache, unsigned);
    const { files, licence } = await edgeFiles(cache, signer(await certificate(temp.path, 'own')));
    const library = 'edge-js/lib/native/win32/x64/24/edge_nativeclr.node';
    expect(files.map(({ name }) => name).sort()).toEqual([
      'edge-js/lib/edge.js',
      library,
      'edge-js/lib/native/win32/x64/24/vcruntime140.dll',
      'edge-js/package.json',
      'edge-js/tools/checkMono.js',
    ]);
    const changed = files.filter(({ bytes }, i) => !Buffer.from(bytes).equals(Buffer.from(plain.files[i]!.bytes)));
    expect(changed.map(({ name }) => name)).toEqual([library]);
    for (const said of ['edge-js 26.1.0 (MIT)\n', 'THE SOFTWARE IS PROVIDED', 'vcruntime140.dll']) expect(licence).toContain(said);
  },
);

test.skipIf(!HAS_TOOLS || !HAS_MSITOOLS)('what is in a package is signed before the package is, and each signature holds', async () => {
  await using temp = await tempDir();
  const own = await certificate(temp.path, 'own');
  const sign = signer(own);
  const library = { name: 'bcryptprimitives.dll', bytes: await readFile((await windowsPrograms()).bcryptprimitives) };
  const manifest = { name: 'Kanade.psd1', bytes: await readFile(join(ROOT, 'Kanade.psd1')) };
  const { bytes: host } = await sign({ name: 'kanade-host.exe', bytes: await readFile((await windowsPrograms()).host) });
  const files = [await sign(library), await sign(manifest)];
  const folder = join(temp.path, 'msi');
  await mkdir(folder);
  const msi = await buildMsi(BACKEND_PACKAGE, { version: '1.2.3', files, host, at: new Date('2026-01-02T03:04:06Z'), folder });
  const signed = join(temp.path, 'signed.msi');
  await writeFile(signed, (await sign({ name: 'kanade-backend-1.2.3-x64.msi', bytes: await readFile(msi) })).bytes);
  // What the package brings is what was signed, byte by byte: nothing has been changed since.
  const { stdout } = await runCommand('msiextract', ['-C', join(temp.path, 'out'), signed]);
  const paths = stdout.split('\n').filter((line) => /\.(?:exe|dll|psd1)$/.test(line));
  expect(paths.map((path) => basename(path)).sort()).toEqual(['Kanade.psd1', 'bcryptprimitives.dll', 'kanade-host.exe']);
  for (const path of [signed, ...paths.map((each) => join(temp.path, 'out', each))]) {
    const { code, stdout: said } = await runCommand('osslsigncode', ['verify', '-CAfile', own.certificate, '-in', path]);
    expect(code, said).toBe(0);
  }
});
