import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { neededNames } from '#backend/tls/names.ts';
import { openCa, openServer } from '#backend/tls/own-certificate.ts';
import { ServerTls, type ServerTlsOptions } from '#backend/tls/server-tls.ts';
import { readSupplied } from '#backend/tls/supplied-certificate.ts';
import type { TlsSettings } from '#core/settings/settings.ts';
import { certificateWith, fingerprintOf } from '#core/tls/fingerprint.ts';
import { putPair, testCa } from '#tests/support/certificates.ts';
import { quietLog } from '#tests/support/quiet-log.ts';
import { tempDir } from '#tests/support/temp.ts';

const DAY = 86_400_000;
const now = Date.parse('2026-03-01T00:00:00Z');
const OWN: TlsSettings = { mode: 'on', files: undefined, ca: undefined, publicNames: [] };

function looking(dataDir: string, settings: Partial<TlsSettings>, more: Partial<ServerTlsOptions> = {}) {
  const warned: [object, string][] = [];
  const log = { ...quietLog, warn: (fields: object, text: string) => void warned.push([fields, text]) };
  const opened = ServerTls.open({ dataDir, settings: { ...OWN, ...settings }, hosts: ['127.0.0.1'], log, every: 3_600_000, ...more });
  return { opened, warned };
}

test('our CA is made once, for ten years, and its key is for nobody else', async () => {
  await using temp = await tempDir();
  const dir = join(temp.path, 'tls');
  const ca = await openCa(dir, now);
  expect(await openCa(dir, now + DAY)).toEqual(ca);
  const certificate = new X509Certificate(await readFile(join(dir, 'ca.pem'), 'utf8'));
  expect(certificate.ca).toBe(true);
  expect(certificate.validToDate.getTime() - now).toBeGreaterThan(3650 * DAY);
  if (process.platform !== 'win32') expect((await stat(join(dir, 'ca-key.pem'))).mode & 0o777).toBe(0o600);
});

test('a CA that is damaged, or whose key is gone, is never replaced in passing', async () => {
  await using temp = await tempDir();
  const dir = join(temp.path, 'tls');
  await openCa(dir, now);
  await writeFile(join(dir, 'ca-key.pem'), 'x');
  await expect(openCa(dir, now)).rejects.toMatchObject({ code: 'certificate_unreadable' });
  await rm(join(dir, 'ca-key.pem'));
  await expect(openCa(dir, now)).rejects.toMatchObject({ code: 'certificate_unreadable', message: expect.stringContaining('backup') });
  await rm(join(dir, 'ca.pem'));
  await openCa(dir, now);
});

test('the public half of our CA comes back when it is lost', async () => {
  await using temp = await tempDir();
  const ca = await openCa(temp.path, now);
  await rm(join(temp.path, 'ca.pem'));
  await openCa(temp.path, now);
  expect(await readFile(join(temp.path, 'ca.pem'), 'utf8')).toBe(ca.cert);
});

test('a server certificate is for the names it was made for, from our CA, for servers alone', async () => {
  await using temp = await tempDir();
  const ca = await openCa(temp.path, now);
  const { cert, key } = await openServer(temp.path, ca, ['kanade.example.com', '10.0.0.5', '::1'], now);
  const certificate = new X509Certificate(cert);
  const authority = new X509Certificate(ca.cert);
  expect(certificate.checkIssued(authority) && certificate.verify(authority.publicKey)).toBe(true);
  expect(certificate.checkPrivateKey(createPrivateKey(key))).toBe(true);
  expect(certificate.checkHost('kanade.example.com')).toBeDefined();
  expect(certificate.checkIP('10.0.0.5')).toBeDefined();
  expect(certificate.checkIP('::1')).toBeDefined();
  expect(certificate.checkHost('other.example.com')).toBeUndefined();
  expect(certificate.ca).toBe(false);
  expect(certificate.keyUsage).toEqual(['1.3.6.1.5.5.7.3.1']);
});

test('a server certificate is kept until it is due, lacks a name, is damaged or is from another CA', async () => {
  await using temp = await tempDir();
  const ca = await openCa(temp.path, now);
  const open = (names: string[], at: number) => openServer(temp.path, ca, names, at);
  const first = await open(['a', 'b'], now);
  expect(await open(['a'], now + 59 * DAY)).toEqual(first);
  const second = await open(['a'], now + 61 * DAY);
  expect(second).not.toEqual(first);
  const third = await open(['a', 'c'], now + 61 * DAY);
  expect(third).not.toEqual(second);
  // A clock that was wrong when it was made.
  expect(await open(['a'], now - 30 * DAY)).not.toEqual(third);
  await writeFile(join(temp.path, 'server.pem'), 'x');
  const fourth = await open(['a'], now);
  const other = await testCa(now);
  const foreign = await other.issue(['a']);
  await writeFile(join(temp.path, 'server.pem'), foreign.key + foreign.cert);
  const fifth = await open(['a'], now);
  expect([foreign.cert, fourth.cert]).not.toContain(fifth.cert);
});

test('the names: what an admin says, where it listens, this machine; its addresses when it listens on all of them', () => {
  const machine = { hostname: 'SRV1', addresses: ['10.0.0.5', 'fe80::1', 'fd00::5'] };
  const loopback = ['localhost', '127.0.0.1', '::1'];
  expect(neededNames(['Kanade.example.com'], ['127.0.0.1'], machine)).toEqual([
    'kanade.example.com',
    '127.0.0.1',
    'srv1',
    'localhost',
    '::1',
  ]);
  expect(neededNames([], ['0.0.0.0'], machine)).toEqual(['srv1', ...loopback, '10.0.0.5', 'fd00::5']);
  expect(neededNames([], ['10.0.0.5'], { ...machine, hostname: 'a name' })).toEqual(['10.0.0.5', ...loopback]);
});

test('a certificate that is supplied is refused with what is wrong with its files', async () => {
  await using temp = await tempDir();
  const [company, other] = [await testCa(), await testCa()];
  const pair = await company.issue();
  const files = await putPair(temp.path, pair);
  const read = (ca?: string) => readSupplied(files, ca);
  expect(await read(company.pem)).toEqual(pair);
  await expect(read(other.pem)).rejects.toMatchObject({ code: 'certificate_untrusted' });

  await writeFile(files.key, (await company.issue()).key);
  await expect(read()).rejects.toMatchObject({ code: 'certificate_key_mismatch', message: expect.stringContaining('key.pem') });
  await writeFile(files.key, 'nothing');
  await expect(read()).rejects.toMatchObject({ code: 'certificate_unreadable', message: expect.stringContaining('key.pem') });
  const locked = createPrivateKey(pair.key).export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'x' });
  await writeFile(files.key, locked);
  await expect(read()).rejects.toMatchObject({ code: 'certificate_unreadable', message: expect.stringContaining('passphrase') });
  await writeFile(files.cert, '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----');
  await expect(read()).rejects.toMatchObject({ code: 'certificate_unreadable', message: expect.stringContaining('cert.pem') });
  await rm(files.cert);
  await expect(read()).rejects.toMatchObject({ code: 'certificate_unreadable', message: expect.stringContaining('ENOENT') });
});

test('files that are replaced are shown from the moment they fit, and told of once until then', async () => {
  await using temp = await tempDir();
  const company = await testCa();
  const [before, after] = [await company.issue(), await company.issue()];
  const files = await putPair(temp.path, before);
  const { opened, warned } = looking(temp.path, { files });
  using tls = await opened;
  expect(tls.pair).toEqual(before);
  expect(tls.ca).toBeUndefined();
  const told: string[] = [];
  tls.onChange(({ cert }) => told.push(cert));
  await tls.look();
  expect(told).toEqual([]);
  await writeFile(files.cert, after.cert);
  await tls.look();
  await tls.look();
  expect(tls.pair).toEqual(before);
  expect(warned).toEqual([[expect.objectContaining({ code: 'certificate_key_mismatch' }), expect.any(String)]]);
  await writeFile(files.key, after.key);
  await tls.look();
  expect(tls.pair).toEqual(after);
  expect(told).toEqual([after.cert]);
});

test('our own certificate is renewed under way, long before its end', async () => {
  await using temp = await tempDir();
  let wall = now;
  using tls = await looking(temp.path, {}, { wall: () => wall }).opened;
  const first = tls.pair.cert;
  const { ca } = tls;
  let told = 0;
  tls.onChange(() => told++);
  wall += 59 * DAY;
  await tls.look();
  expect(tls.pair.cert).toBe(first);
  wall += 2 * DAY;
  await tls.look();
  expect(tls.pair.cert).not.toBe(first);
  expect(told).toBe(1);
  expect(tls.expiresAt.getTime() - wall).toBeGreaterThan(80 * DAY);
  expect(tls.ca).toBe(ca);
});

test('a certificate that was supplied is warned of before its end, and served all the same after it', async () => {
  await using temp = await tempDir();
  const company = await testCa(now);
  const files = await putPair(temp.path, await company.issue(['127.0.0.1'], now, 30));
  let wall = now + 5 * DAY;
  const { opened, warned } = looking(temp.path, { files, publicNames: ['kanade.example.com'] }, { wall: () => wall });
  using tls = await opened;
  expect(warned.map(([fields]) => fields)).toEqual([
    expect.objectContaining({ code: 'certificate_wrong_name', missing: ['kanade.example.com'] }),
  ]);
  warned.length = 0;
  wall += 10 * DAY;
  await tls.look();
  expect(warned[0]).toEqual([expect.objectContaining({ days: 15 }), expect.stringContaining('ends soon')]);
  warned.length = 0;
  await tls.look();
  expect(warned).toEqual([]);
  wall += 20 * DAY;
  await tls.look();
  expect(warned[0]).toEqual([expect.objectContaining({ code: 'certificate_expired' }), expect.any(String)]);
});

test('a broker with a CA of its own: clients get both, ours first', async () => {
  await using temp = await tempDir();
  const company = await testCa();
  const ca = join(temp.path, 'company.pem');
  await writeFile(ca, company.pem);
  using tls = await looking(temp.path, { ca }).opened;
  const own = await readFile(join(temp.path, 'tls', 'ca.pem'), 'utf8');
  expect(tls.ca).toBe(own + company.pem);
  expect(fingerprintOf(tls.ca!)).toBe(fingerprintOf(own));
});

test('while the CA is being replaced, the one to name is that whose certificate is shown, wherever it stands', async () => {
  await using temp = await tempDir();
  const [before, after] = [await testCa(now), await testCa(now)];
  const ca = join(temp.path, 'both.pem');
  await writeFile(ca, before.pem + after.pem);
  const files = await putPair(temp.path, await before.issue());
  using tls = await looking(temp.path, { files, ca }).opened;
  expect(fingerprintOf(tls.shownCa!)).toBe(fingerprintOf(before.pem));
  await putPair(temp.path, await after.issue());
  await tls.look();
  expect(fingerprintOf(tls.shownCa!)).toBe(fingerprintOf(after.pem));
});

test('of what somebody unknown has sent only the certificate that was named is taken', async () => {
  const [ours, theirs] = [await testCa(), await testCa()];
  const sent = ours.pem + theirs.pem;
  expect(certificateWith(fingerprintOf(ours.pem), sent)?.trim()).toBe(ours.pem.trim());
  expect(certificateWith(fingerprintOf(ours.pem), theirs.pem)).toBeUndefined();
  expect(certificateWith('', sent)).toBeUndefined();
});

test('rubbish before the CA that a token names is passed over, and alone it is no CA', async () => {
  const { pem: ca } = await testCa();
  const rubbish = '-----BEGIN CERTIFICATE-----\nTm90IGEgY2VydGlmaWNhdGU=\n-----END CERTIFICATE-----\n';
  expect(certificateWith(fingerprintOf(ca), rubbish + ca)).toContain('BEGIN CERTIFICATE');
  expect(certificateWith(fingerprintOf(ca), rubbish)).toBeUndefined();
});
