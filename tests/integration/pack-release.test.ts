import { createPublicKey } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { sha256 } from '#core/contract/ids.ts';
import { runCommand } from '#core/process/run-command.ts';
import { readArchive } from '#core/release/archive.ts';
import { publicTextOf } from '#core/release/envelope.ts';
import { installedText } from '#core/release/installed.ts';
import type { ReleaseManifest } from '#core/release/manifest.ts';
import { readReleaseKeys } from '#core/release/release-keys.ts';
import { openRelease } from '#core/release/verify.ts';
import { type ReleaseKey, releaseKey } from '#tests/support/release.ts';
import { tempDir } from '#tests/support/temp.ts';
import { agentVersion } from '../../installer/pack/agent-version.ts';
import type { PackFile } from '../../installer/pack/files.ts';
import { releaseSigning, withoutKey } from '../../installer/pack/release-signing.ts';
import { resigned, signedRelease } from '../../installer/pack/signed-release.ts';

const DAY = 86_400_000;
const NOW = Date.parse('2026-11-22T12:00:00Z');
const AT = new Date('2026-11-01T00:00:00Z');
const key = releaseKey();
const signing = { keys: [key.private], now: NOW, lasts: 90 * DAY };
const bytes = (text: string) => new TextEncoder().encode(text);
const files: PackFile[] = [
  { name: 'node.exe', bytes: bytes('node') },
  { name: 'LICENSE', bytes: bytes('same') },
  { name: 'module/LICENSE', bytes: bytes('same') },
  { name: 'release.json', bytes: bytes('what it consists of') },
];
const made = signedRelease({ version: '1.2.3', platform: 'win-x64', files, at: AT, ...signing });

const pemOf = (one: ReleaseKey) => one.private.export({ format: 'pem', type: 'pkcs8' }).toString();
const publicPemOf = (one: ReleaseKey) => createPublicKey(one.private).export({ format: 'pem', type: 'spki' }).toString();

async function read(release: Uint8Array): Promise<{ names: string[]; envelope: Uint8Array; manifest: ReleaseManifest }> {
  const names: string[] = [];
  let envelope: Uint8Array = new Uint8Array();
  const parts = (async function* () {
    yield release;
  })();
  for await (const { name, content } of readArchive(parts)) {
    names.push(name);
    if (names.length === 1) envelope = Buffer.concat(await Array.fromAsync(content));
  }
  return { names, envelope, manifest: openRelease(envelope, [key.public]).manifest };
}

test('a release holds the files of the version, each content once, under one signature', async () => {
  expect(made.name).toBe('kanade-agent-1.2.3-win-x64.release');
  const { names, manifest } = await read(made.bytes);
  expect(names).toEqual(['envelope.json', ...[sha256('node'), sha256('same')].sort().map((hash) => `files/${hash}`)]);
  expect(manifest).toEqual({
    format: 1,
    product: 'kanade-agent',
    platform: 'win-x64',
    version: '1.2.3',
    serial: NOW / 1000,
    created: '2026-11-22T12:00:00.000Z',
    expires: '2027-02-20T12:00:00.000Z',
    files: [
      { path: 'LICENSE', size: 4, sha256: sha256('same') },
      { path: 'module/LICENSE', size: 4, sha256: sha256('same') },
      { path: 'node.exe', size: 4, sha256: sha256('node') },
    ],
  });
  const again = signedRelease({ version: '1.2.3', platform: 'win-x64', files: [...files].reverse(), at: AT, ...signing });
  expect((await read(again.bytes)).manifest).toEqual(manifest);
  expect(signedRelease({ version: '1.2.3', platform: 'win-x64', files, at: AT, ...signing })).toEqual(made);
});

test('what it says is what the folder of the version says', async () => {
  const version = await agentVersion({
    version: '1.2.3',
    node: bytes('node'),
    host: bytes('host'),
    module: [{ name: 'Kanade.psd1', bytes: bytes('module') }],
    sign: async (file) => file,
    releaseKeys: [key.public],
  });
  const text = (name: string) => new TextDecoder().decode(version.find((file) => file.name === name)!.bytes);
  expect(JSON.parse(text('release-keys.json'))).toEqual({ format: 1, keys: [key.public] });
  const { manifest } = await read(signedRelease({ version: '1.2.3', platform: 'win-x64', files: version, at: AT, ...signing }).bytes);
  expect(installedText('1.2.3', manifest.files)).toBe(text('release.json'));
  expect(manifest.files.map(({ path }) => path)).toContain('release-keys.json');
});

test('a file that no PC would take is not signed', () => {
  const odd = [{ name: 'con.txt', bytes: bytes('x') }];
  expect(() => signedRelease({ version: '1.2.3', platform: 'win-x64', files: odd, at: AT, ...signing })).toThrow('plain relative path');
});

test('signed anew it is the same release with a higher serial and a later end, whatever the clock says', async () => {
  const before = await read(made.bytes);
  for (const [now, serial] of [
    [NOW + 60 * DAY, (NOW + 60 * DAY) / 1000],
    [NOW - DAY, NOW / 1000 + 1],
  ] as const) {
    const { names, manifest } = await read(await resigned(made.bytes, [], { ...signing, now }));
    expect(names).toEqual(before.names);
    expect(manifest).toEqual({
      ...before.manifest,
      serial,
      created: new Date(now).toISOString(),
      expires: new Date(now + 90 * DAY).toISOString(),
    });
  }
  const other = releaseKey();
  const rotated = await resigned(made.bytes, [key.public], { ...signing, keys: [key.private, other.private] });
  expect(openRelease((await read(rotated)).envelope, [other.public]).manifest.version).toBe('1.2.3');
});

test('nothing is signed anew that somebody else has signed, or that was altered', async () => {
  const other = releaseKey();
  await expect(resigned(made.bytes, [], { ...signing, keys: [other.private] })).rejects.toMatchObject({ code: 'release_untrusted' });
  const altered = Buffer.from(made.bytes);
  altered.write('evil', altered.indexOf('\0node\0') + 1);
  await expect(resigned(altered, [], signing)).rejects.toThrow('node.exe is not in it, or is not what was signed');
});

test('keys are read as openssl writes them, and only Ed25519', async () => {
  await using temp = await tempDir();
  const path = (name: string) => join(temp.path, name);
  const other = releaseKey();
  await writeFile(path('key.pem'), pemOf(key));
  await writeFile(path('both.pem'), publicPemOf(key) + publicPemOf(other));
  await writeFile(path('rsa.pem'), publicPemOf(key).replace('MCowBQYDK2VwAyEA', 'MCowBQYDK2VuAyEA'));
  const given = { keys: [path('key.pem')], expires: '30d' };
  expect(await releaseSigning({ ...given, list: undefined }, NOW)).toMatchObject({
    release: { lasts: 30 * DAY },
    releaseKeys: [key.public],
  });
  expect((await releaseSigning({ ...given, list: path('both.pem') }, NOW)).releaseKeys).toEqual([key.public, other.public]);
  expect((await releaseSigning({ keys: [], list: undefined, expires: '90d' }, NOW)).release).toBeUndefined();
  await expect(readReleaseKeys(path('rsa.pem'))).rejects.toMatchObject({ code: 'release_keys_unreadable' });
  await expect(releaseSigning({ ...given, list: path('none.pem') }, NOW)).rejects.toThrow('holds no public key');
  await expect(releaseSigning({ ...given, list: undefined, expires: '10y' }, NOW)).rejects.toThrow('--release-expires');
});

test('npm run pack -- --resign signs the file where it lies, and the list of hashes beside it is right', async () => {
  await using temp = await tempDir();
  const path = (name: string) => join(temp.path, name);
  await writeFile(path('key.pem'), pemOf(key));
  await writeFile(path(made.name), made.bytes);
  await writeFile(path('SHA256SUMS'), `${'0'.repeat(64)}  ${made.name}\n${'1'.repeat(64)}  other.msi\n`);
  const pack = (...more: string[]) =>
    runCommand(process.execPath, ['installer/pack/main.ts', '--resign', path(made.name), ...more], {
      cwd: join(import.meta.dirname, '../..'),
    });
  expect(await pack()).toMatchObject({ code: 1, stderr: 'signing takes a key: --release-key, or KANADE_RELEASE_KEY\n' });
  expect(await pack('--release-key', path('key.pem'), '--release-expires', '10d')).toMatchObject({ code: 0, stderr: '' });
  const bytesNow = await readFile(path(made.name));
  const { manifest } = await read(bytesNow);
  expect(Date.parse(manifest.expires) - Date.parse(manifest.created)).toBe(10 * DAY);
  expect(await readFile(path('SHA256SUMS'), 'utf8')).toBe(`${sha256(bytesNow)}  ${made.name}\n${'1'.repeat(64)}  other.msi\n`);
});

test('packages without a key are said to take no updates', () => {
  const one = publicTextOf(key.private);
  expect(withoutKey(undefined, [])).toMatch(/^WITHOUT A RELEASE KEY: agents of these packages take no updates/);
  expect(withoutKey(undefined, [one])).toBe('without --release-key no release was made by which agents update themselves');
  expect(withoutKey(signing, [one])).toBeUndefined();
});
