import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { sweepStream } from '#backend/releases/sweep.ts';
import { sha256 } from '#core/contract/ids.ts';
import { STREAMS } from '#core/contract/streams.ts';
import { streamInfo, subjectsOf } from '#core/nats/jetstream.ts';
import { runCommand } from '#core/process/run-command.ts';
import type { ReleaseManifest } from '#core/release/manifest.ts';
import { releaseSource } from '#core/release/release-source.ts';
import { stageRelease } from '#core/release/stage.ts';
import { verifyRelease } from '#core/release/verify.ts';
import type { Json, TestBackend } from '#tests/support/kanade.ts';
import { kanadeOfFile } from '#tests/support/kanade-of-file.ts';
import { PWSH } from '#tests/support/pwsh.ts';
import { type Contents, envelopeOf, installVersion, manifestOf, releaseKey } from '#tests/support/release.ts';
import { answerOf, begin, bytesOf, releaseArchive, upload } from '#tests/support/release-upload.ts';
import { tempDir } from '#tests/support/temp.ts';
import { until } from '#tests/support/until.ts';

const DAY = 86_400_000;
const NOW = Date.now();
const key = releaseKey();
const { kanade, nats } = await kanadeOfFile({ tls: true, backend: false });
const keysFile = join(kanade.dir, 'keys.json');
const files = () => join(kanade.backend.dataDir, 'backend', 'releases');

beforeAll(async () => {
  await writeFile(keysFile, JSON.stringify({ format: 1, keys: [key.public] }));
  kanade.backend = await kanade.startBackend('one', ['--release-keys', keysFile]);
});

const manifestNow = (contents: Contents, change: Partial<ReleaseManifest> = {}) =>
  manifestOf(contents, {
    serial: Math.floor(NOW / 1000),
    created: new Date(NOW).toISOString(),
    expires: new Date(NOW + 90 * DAY).toISOString(),
    ...change,
  });

function signed(contents: Contents, change: Partial<ReleaseManifest> = {}, by = key) {
  const envelope = envelopeOf(manifestNow(contents, change), by);
  return { envelope, archive: releaseArchive(envelope, contents) };
}

async function download(backend: TestBackend, hash: string, headers: Record<string, string> = {}, method = 'GET') {
  const sent = await begin(backend, method, `/releases/files/${hash}`, headers);
  sent.removeHeader('authorization');
  sent.end();
  return answerOf(sent);
}

const resident = async () =>
  Number(/^kanade_process_resident_bytes (\d+)/m.exec((await kanade.backend.call('GET', '/../../metrics')).body)![1]);

test('a release is added, shown, given out by every backend, and removed', async () => {
  const { backend } = kanade;
  const contents = { 'node.exe': 'node', 'agent.mjs': 'one', 'empty.txt': '', 'module/LICENSE': 'one' };
  const { envelope, archive } = signed(contents, { version: '1.1.0' });
  const added = await upload(backend, archive);
  expect(added).toMatchObject({ status: 201, body: { release: '1_1_0-win-x64', version: '1.1.0', files: 4, bytes: 10, expired: false } });
  expect(added.body).toEqual((await backend.get('/releases')).items[0]);
  expect(added.body).toEqual(await backend.get('/releases/1_1_0-win-x64'));
  expect(await upload(backend, archive)).toMatchObject({ status: 200, body: { uploaded_at: added.body.uploaded_at } });

  const two = await kanade.startBackend('two');
  for (const each of [backend, two])
    for (const bytes of [...Object.values(contents), envelope]) {
      const answer = await download(each, sha256(bytes));
      expect([answer.statusCode, answer.headers.etag]).toEqual([200, `"${sha256(bytes)}"`]);
      expect(answer.headers['cache-control']).toBe('public, max-age=31536000, immutable');
      expect((await bytesOf(answer)).equals(Buffer.from(bytes))).toBe(true);
    }
  const known = await download(backend, sha256('one'), { 'if-none-match': `"${sha256('one')}"` });
  expect(known.statusCode).toBe(304);
  known.resume();
  expect((await bytesOf(await download(backend, sha256('nothing')))).toString()).toContain('"code":"not_found"');

  expect((await backend.call('DELETE', '/releases/1_1_0-win-x64')).status).toBe(204);
  expect((await backend.call('DELETE', '/releases/1_1_0-win-x64')).status).toBe(404);
  expect((await backend.get('/releases')).items).toEqual([]);
  await until('the other backend gives it out no longer', async () => {
    const answer = await download(two, sha256('one'));
    answer.resume();
    return answer.statusCode === 404;
  });
  const audited = await until('both are audited', async () => {
    const { items } = await backend.get('/audit?action=release_remove');
    return items.length > 1 && items;
  });
  expect(audited.at(-1)).toMatchObject({ target: 'releases/1_1_0-win-x64', result: 'ok' });
  // What no release names goes once it is old, and nothing else.
  const wanted = signed({ 'agent.mjs': 'kept' }, { version: '1.2.0' });
  await upload(backend, wanted.archive);
  const releases = { sizeOf: (hash: string) => (hash === sha256('kept') ? 4 : undefined), allRead: true };
  const packages = { sizeOf: () => undefined, allRead: true };
  expect(await sweepStream({ nats, releases, packages }, NOW - DAY)).toBe(0);
  await sweepStream({ nats, releases, packages }, Date.now() + DAY);
  expect(await subjectsOf(nats, 'RELEASES', 'releases.>')).toEqual([`releases.${sha256('kept')}.0`]);
  await two.process.stop();
});

test('a file as long as Node is in the memory of nobody, and the same for the next PC', async () => {
  const { backend } = kanade;
  // Longer than what a process may have in memory of buffers that are let go of already.
  const big = randomBytes(120 * 1024 * 1024 + 17);
  const { archive } = signed({ 'node.exe': big }, { version: '2.0.0' });
  const before = await resident();
  expect((await upload(backend, archive)).status).toBe(201);
  expect((await streamInfo(nats, STREAMS.RELEASES.name)).state.bytes).toBeGreaterThan(big.length);
  const two = await kanade.startBackend('two');
  const all = await Promise.all([backend, two, two].map(async (each) => sha256(await bytesOf(await download(each, sha256(big))))));
  expect(new Set(all)).toEqual(new Set([sha256(big)]));
  expect((await resident()) - before).toBeLessThan(100 * 1024 * 1024);
  await two.process.stop();
}, 120_000);

test.each<[string, () => Uint8Array, number, string]>([
  ['signed by nobody that is known', () => signed({ a: 'a' }, {}, releaseKey()).archive, 409, 'release_untrusted'],
  [
    'that counts no longer',
    () => signed({ a: 'a' }, { created: new Date(NOW - 2 * DAY).toISOString(), expires: new Date(NOW - DAY).toISOString() }).archive,
    409,
    'release_expired',
  ],
  ['with a file that is not what it says', () => releaseArchive(signed({ a: 'abc' }).envelope, { a: 'abd' }), 422, 'release_malformed'],
  ['with a file too few', () => releaseArchive(signed({ a: 'a', b: 'b' }).envelope, { a: 'a' }), 422, 'release_malformed'],
  ['with a file too many', () => releaseArchive(signed({ a: 'a' }).envelope, { a: 'a', b: 'b' }), 422, 'release_malformed'],
  ['that is no archive', () => Buffer.alloc(4096, 'PK'), 422, 'release_malformed'],
])('a release %s is refused', async (_, archive, status, code) => {
  expect(await upload(kanade.backend, archive())).toMatchObject({ status, body: { code } });
});

test('a file whose bytes are others than its name says changes nothing, and leaves nothing', async () => {
  const { backend } = kanade;
  await upload(backend, signed({ a: 'abc' }, { version: '3.0.0' }).archive);
  const { archive } = signed({ a: 'abc', b: 'new' }, { version: '3.0.1' });
  const altered = Buffer.from(archive);
  altered.write('abd', altered.indexOf('\0abc\0') + 1);
  expect(await upload(backend, altered)).toMatchObject({ status: 422, body: { code: 'release_file_wrong' } });
  expect((await bytesOf(await download(backend, sha256('abc')))).toString()).toBe('abc');
  expect((await readdir(files())).filter((name) => name.includes('.'))).toEqual([]);
  expect((await backend.call('GET', '/releases/3_0_1-win-x64')).status).toBe(404);
});

test('an upload that is cut leaves nothing, and can be sent again', async () => {
  const { backend } = kanade;
  const contents = { 'agent.mjs': randomBytes(3_000_000) };
  const { archive } = signed(contents, { version: '3.1.0' });
  const sent = await begin(backend, 'POST', '/releases', { 'content-type': 'application/octet-stream' });
  sent.on('error', () => {});
  await new Promise<void>((resolve) => sent.write(archive.subarray(0, 2_000_000), () => resolve()));
  const half = () => readdir(files()).then((names) => names.some((name) => name.startsWith(`${sha256(contents['agent.mjs'])}.`)));
  await until('half of it is there', half);
  sent.destroy();
  await until('it is gone', async () => !(await half()));
  expect((await upload(backend, archive)).status).toBe(201);
});

test('two uploads at once both succeed, and of two signings the newer one stays', async () => {
  const { backend } = kanade;
  const shared = randomBytes(1_000_000);
  const serial = Math.floor(NOW / 1000);
  const [one, two] = [signed({ a: shared, b: 'one' }, { version: '4.0.0' }), signed({ a: shared, b: 'two' }, { version: '4.0.1' })];
  const [newer, older] = [signed({ a: shared }, { version: '4.1.0', serial: serial + 1 }), signed({ a: shared }, { version: '4.1.0' })];
  const all = await Promise.all([one, two, newer].map(({ archive }) => upload(backend, archive)));
  expect(all.map(({ status }) => status)).toEqual([201, 201, 201]);
  expect(sha256(await bytesOf(await download(backend, sha256(shared))))).toBe(sha256(shared));
  expect(await upload(backend, older.archive)).toMatchObject({ status: 409, body: { code: 'release_replayed' } });
  const again = signed({ a: shared }, { version: '4.1.0', serial: serial + 2 });
  expect(await upload(backend, again.archive)).toMatchObject({ status: 200, body: { serial: serial + 2 } });
  expect((await backend.get('/releases')).items.map((row: Json) => row.version)).toEqual(
    expect.arrayContaining(['4.0.0', '4.0.1', '4.1.0']),
  );
});

test('only an admin adds and removes releases, and only as what they are', async () => {
  const { backend } = kanade;
  const { archive } = signed({ a: 'a' });
  const sent = await begin(backend, 'POST', '/releases', { 'content-type': 'application/octet-stream', authorization: 'Bearer none' });
  sent.end(archive);
  const answer = await answerOf(sent);
  answer.resume();
  expect(answer.statusCode).toBe(401);
  expect(await backend.call('POST', '/releases', {})).toMatchObject({ status: 415, body: { code: 'unsupported_media_type' } });
});

test('too many downloads at once are told when to come again, and their places are left by whoever hangs up', async () => {
  const { backend } = kanade;
  const big = randomBytes(8_000_000);
  expect((await upload(backend, signed({ a: big }, { version: '5.0.0' }).archive)).status).toBe(201);
  const open = [];
  // Nobody reads these: they take their places.
  for (let n = 0; n < 16; n++) open.push(await download(backend, sha256(big)));
  const busy = await download(backend, sha256(big));
  expect([busy.statusCode, busy.headers['retry-after']]).toEqual([503, '30']);
  expect((await bytesOf(busy)).toString()).toContain('downloads_busy');
  expect((await backend.call('GET', '/releases')).status).toBe(200);
  // Whoever asks for the headers alone takes no place, for nothing is read.
  const head = await download(backend, sha256(big), {}, 'HEAD');
  expect([head.statusCode, head.headers['content-length'], (await bytesOf(head)).length]).toEqual([200, '8000000', 0]);
  for (const answer of open) answer.destroy();
  await until('there are places', async () => {
    const answer = await download(backend, sha256(big));
    answer.resume();
    await once(answer, 'close');
    return answer.statusCode === 200;
  });
});

test('a PC takes a release from the server over HTTPS: verified, only what is new, whole', async () => {
  const { backend } = kanade;
  await using temp = await tempDir();
  const versionsFolder = join(temp.path, 'versions');
  const runningFolder = join(versionsFolder, '6.0.0');
  const old = { 'node.exe': randomBytes(2_000_000), 'agent.mjs': 'old' };
  await mkdir(versionsFolder);
  await installVersion(runningFolder, '6.0.0', old);
  const { archive } = signed({ ...old, 'agent.mjs': 'new', 'module/a.ps1': 'a' }, { version: '6.1.0' });
  const { body } = await upload(backend, archive);

  const signal = AbortSignal.timeout(60_000);
  const ca = await readFile(backend.caFile!, 'utf8');
  using source = releaseSource({ urls: [backend.url], ca, env: {}, random: Math.random });
  const envelope = await source.envelope(body.envelope_sha256, signal);
  const running = { version: '6.0.0' };
  const manifest = verifyRelease({ envelope, keys: [key.public], now: Date.now(), running, newestSerial: undefined, platform: 'win-x64' });
  const staged = await stageRelease({ manifest, versionsFolder, runningFolder, fetch: source.fetch, signal });
  expect(staged).toMatchObject({ fetchedBytes: 4, fetchedFiles: 2, copiedFiles: 1 });
  expect(await readFile(join(staged.folder, 'agent.mjs'), 'utf8')).toBe('new');
  expect(sha256(await readFile(join(staged.folder, 'node.exe')))).toBe(sha256(old['node.exe']));
});

test.skipIf(PWSH === undefined)(
  'an admin adds a file at the prompt, hears why one is refused, and removes it',
  async () => {
    const { backend } = kanade;
    const good = join(kanade.dir, 'good.release');
    const bad = join(kanade.dir, 'bad.release');
    const big = randomBytes(12_000_000);
    await writeFile(good, signed({ 'node.exe': big }, { version: '6.5.0' }).archive);
    await writeFile(bad, signed({ 'node.exe': big }, { version: '6.6.0' }, releaseKey()).archive);
    const script = `
      Import-Module '${join(import.meta.dirname, '../../Kanade.psd1')}'
      $added = Add-KanadeRelease -Path '${bad}', '${good}' -ErrorVariable wrong -ErrorAction SilentlyContinue
      Get-KanadeRelease -ReleaseId 6.5.0 | Remove-KanadeRelease -Confirm:$false
      @{ added = @($added.ReleaseId); wrong = @($wrong.FullyQualifiedErrorId); left = @((Get-KanadeRelease).Version) } | ConvertTo-Json -Compress`;
    const env = { ...process.env, KANADE_SERVER: backend.url, KANADE_TOKEN: backend.token, KANADE_TLS_CA: backend.caFile };
    const { stdout, stderr } = await runCommand(PWSH!, ['-NoProfile', '-NonInteractive', '-Command', script], { env });
    expect(stderr).toBe('');
    const { added, wrong, left } = JSON.parse(stdout);
    expect([added, wrong]).toEqual([['6_5_0-win-x64'], ['Kanade.release_untrusted,Add-KanadeRelease']]);
    expect(left).not.toContain('6.5.0');
  },
  60_000,
);

test('the end of the release that PCs are to come to is told before it comes', async () => {
  const { backend } = kanade;
  const expires = new Date(NOW + 5.5 * DAY).toISOString();
  expect((await upload(backend, signed({ a: 'soon' }, { version: '7.0.0', expires }).archive)).status).toBe(201);
  const words = 'release 7.0.0 for win-x64 ends in 5 days; sign it again (npm run pack -- --resign) and add it';
  expect((await backend.call('GET', '/../../readyz')).body.warnings).toEqual([words]);
  const metrics = (await backend.call('GET', '/../../metrics')).body as string;
  const left = Number(/^kanade_release_seconds_left\{platform="win-x64",version="7\.0\.0"\} (\d+)/m.exec(metrics)![1]);
  expect(left / 86_400).toBeCloseTo(5.5, 1);
  await backend.process.stop();
  kanade.backend = await kanade.startBackend('one', ['--release-keys', keysFile]);
  const event = await until('an event says so', async () => (await kanade.backend.get('/events?kind=release_expires')).items[0]);
  expect(event).toMatchObject({ subject: '7.0.0 win-x64', detail: words });
}, 60_000);
