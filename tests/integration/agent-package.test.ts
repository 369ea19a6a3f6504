import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { chmod, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { delimiter, join } from 'node:path';
import { expect, test } from 'vitest';
import { sweepStream } from '#backend/releases/sweep.ts';
import { sha256 } from '#core/contract/ids.ts';
import { subjectsOf } from '#core/nats/jetstream.ts';
import { findOnPath } from '#core/process/find-on-path.ts';
import { runCommand } from '#core/process/run-command.ts';
import { type Json, type TestBackend, TestKanade } from '#tests/support/kanade.ts';
import { kanadeOfFile } from '#tests/support/kanade-of-file.ts';
import { answerOf, begin, bytesOf } from '#tests/support/release-upload.ts';
import { tempDir } from '#tests/support/temp.ts';

const { kanade, nats } = await kanadeOfFile({ tls: true });
const MSI = Buffer.concat([Buffer.from('d0cf11e0a1b11ae1', 'hex'), randomBytes(700_000)]);

interface Said {
  version?: string;
  sha256?: string;
  size?: number | string;
  token?: string | undefined;
  type?: string;
}

async function put(bytes: Uint8Array, said: Said = {}, backend: TestBackend = kanade.backend): Promise<{ status: number; body: Json }> {
  const query = new URLSearchParams({
    version: said.version ?? '1.2.3',
    sha256: said.sha256 ?? sha256(bytes),
    size: String(said.size ?? bytes.length),
  });
  const headers = { 'content-type': said.type ?? 'application/octet-stream' };
  const sent = await begin(backend, 'PUT', `/agent-package?${query}`, headers);
  if ('token' in said) sent.removeHeader('authorization');
  sent.end(bytes);
  const answer = await answerOf(sent);
  return { status: answer.statusCode!, body: JSON.parse((await bytesOf(answer)).toString()) };
}

/** What somebody gets who is nobody yet. */
async function fetched(path: string, headers: Record<string, string> = {}, backend = kanade.backend) {
  const sent = await begin(backend, 'GET', `/../..${path}`);
  sent.removeHeader('authorization');
  // Not before: Node would look for a host of that name in the certificate.
  for (const [name, value] of Object.entries(headers)) sent.setHeader(name, value);
  sent.end();
  const answer = await answerOf(sent);
  return { status: answer.statusCode, type: answer.headers['content-type'], bytes: await bytesOf(answer) };
}

test('without a package there is nothing to install', async () => {
  expect((await kanade.backend.call('GET', '/agent-package')).body.code).toBe('not_found');
  expect((await fetched('/install.ps1')).status).toBe(404);
});

test('what an admin puts there every backend gives out, and its script, to whoever asks', async () => {
  const { status, body } = await put(MSI);
  expect({ status, body }).toMatchObject({
    status: 200,
    body: { version: '1.2.3', sha256: sha256(MSI), size: MSI.length, uploaded_by: 'admin' },
  });
  const two = await kanade.startBackend('two');
  for (const backend of [kanade.backend, two]) {
    expect(await backend.get('/agent-package')).toEqual(body);
    const file = await fetched(`/api/v1/releases/files/${sha256(MSI)}`, {}, backend);
    expect(file.bytes.equals(MSI)).toBe(true);
    const script = await fetched('/install.ps1', {}, backend);
    expect(script.type).toBe('text/plain; charset=us-ascii');
    expect(sha256(script.bytes)).toBe(body.script_sha256);
    expect(script.bytes.toString()).toContain(`$sha256 = '${sha256(MSI)}'`);
    // As PowerShell puts it together of the lines that curl prints.
    expect(script.bytes.toString()).toMatch(/^[\n -~]*[^\n]$/);
  }
  const { items } = await kanade.backend.get('/audit?action=agent_package_put');
  expect(items[0]).toMatchObject({ target: 'agent-package', result: 'ok' });
});

test('nothing of a request is in the script', async () => {
  const plain = await fetched('/install.ps1');
  const evil = `a"; calc; "`;
  const bent = await fetched('/install.ps1', { host: 'evil.example.com', 'x-forwarded-host': evil, 'user-agent': evil, referer: evil });
  expect(bent.bytes.equals(plain.bytes)).toBe(true);
  expect((await fetched(`/install.ps1?server=${encodeURIComponent(evil)}`)).status).toBe(422);
});

test.each<[string, Uint8Array, Said, number, string]>([
  ['nobody', MSI, { token: undefined }, 401, 'unauthenticated'],
  ['other bytes than were said', MSI, { sha256: '0'.repeat(64) }, 422, 'release_file_wrong'],
  ['fewer bytes', MSI, { size: MSI.length + 1 }, 422, 'release_file_wrong'],
  ['more bytes', MSI, { size: MSI.length - 1 }, 422, 'release_file_wrong'],
  ['what is no package', Buffer.from('MZ, and much more'), {}, 422, 'package_malformed'],
  ['what is hardly anything', Buffer.from('MZ'), { size: 8 }, 422, 'package_malformed'],
  ['too much', MSI, { size: 256 * 1024 * 1024 + 1 }, 422, 'invalid_query'],
  ['a version that is none', MSI, { version: '1.2.3-beta' }, 422, 'invalid_query'],
  ['a version that is PowerShell', MSI, { version: "1.2.3'; calc; '" }, 422, 'invalid_query'],
  ['a hash that is PowerShell', MSI, { sha256: "'; calc; '" }, 422, 'invalid_query'],
  ['another type', MSI, { type: 'application/json' }, 415, 'unsupported_media_type'],
])('%s is refused, and the package stays', async (_, bytes, said, status, code) => {
  const before = await kanade.backend.get('/agent-package');
  expect(await put(bytes, said)).toMatchObject({ status, body: { code } });
  expect(await kanade.backend.get('/agent-package')).toEqual(before);
});

test('the sweep leaves the package, and takes what is in its place no more', async () => {
  const releases = { sizeOf: () => undefined, allRead: true };
  const packages = { sizeOf: (hash: string) => (hash === sha256(MSI) ? MSI.length : undefined), allRead: true };
  await sweepStream({ nats, releases, packages }, Date.now() + 86_400_000);
  expect(await subjectsOf(nats, 'RELEASES', `releases.${sha256(MSI)}.0`)).toHaveLength(1);
  expect(await sweepStream({ nats, releases, packages: { ...packages, allRead: false } }, Date.now() + 86_400_000)).toBe(0);
});

const PWSH = await findOnPath('pwsh', process.env.PATH);
const CURL = await findOnPath('curl', process.env.PATH);

const MODULE = join(import.meta.dirname, '..', '..', 'Kanade.psd1');

/** What the module prints, as an admin who is connected. */
async function admin({ url, token, caFile }: TestBackend, script: string): Promise<string> {
  const env = { ...process.env, KANADE_SERVER: url, KANADE_TOKEN: token, KANADE_TLS_CA: caFile };
  const whole = `$ErrorActionPreference = 'Stop'; $WarningPreference = 'SilentlyContinue'; Import-Module '${MODULE}'; ${script}`;
  const { code, stdout, stderr } = await runCommand('pwsh', ['-NoProfile', '-NonInteractive', '-Command', whole], { env });
  if (code !== 0) throw new Error(stdout + stderr);
  return stdout.trim();
}

/** Pastes a line on a PC: Windows Installer, its registry and the check of signatures stand aside. */
async function paste(
  line: string,
  { exit = 0, signature = 'NotSigned', before = '', rights = 'O:SYG:SYD:PAI(A;CI;KA;;;SY)(A;CI;KA;;;BA)' } = {},
) {
  await using pc = await tempDir();
  const [bin, work, ran] = ['bin', 'work', 'ran'].map((name) => join(pc.path, name)) as [string, string, string];
  await mkdir(bin);
  await mkdir(work);
  const msiexec = join(bin, 'msiexec.exe');
  await writeFile(msiexec, `#!/bin/sh\nsha256sum "$2" | cut -c1-64 > '${ran}'\necho "$@" >> '${ran}'\nexit ${exit}\n`);
  await chmod(msiexec, 0o755);
  const script = `
function curl.exe { & '${CURL}' @args }
function Get-AuthenticodeSignature { [pscustomobject] @{ Status = '${signature}'; StatusMessage = 'Said.' } }
function Get-ItemProperty { if ('${before}') { [pscustomobject] @{ Version = '${before}' } } }
function Get-Acl { [pscustomobject] @{ Sddl = '${rights}' } }
function Set-ItemProperty { param($LiteralPath, $Name, $Value) [IO.File]::AppendAllText('${ran}', "$LiteralPath $Name=$Value\`n") }
${line}
`;
  const env = { ...process.env, PATH: `${bin}${delimiter}${process.env.PATH}` };
  const { code, stdout, stderr } = await runCommand('pwsh', ['-NoProfile', '-NonInteractive', '-Command', script], { cwd: work, env });
  return { ok: code === 0, said: stdout + stderr, ran: await readFile(ran, 'utf8').catch(() => ''), left: await readdir(work) };
}

/** A server that has no place for the first who asks it for a file. */
async function crowded(backend: TestBackend) {
  const told = JSON.stringify(await backend.get('/agent-package'));
  const script = (await fetched('/install.ps1', {}, backend)).bytes;
  let asked = 0;
  const server = createServer((req, res) => {
    if (req.url === '/install.ps1') res.end(script);
    else if (req.url === '/api/v1/agent-package') res.setHeader('content-type', 'application/json').end(told);
    else if (asked++ === 0) res.writeHead(503, { 'retry-after': '1' }).end();
    else res.end(MSI);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked: () => asked,
    empty: () => {
      asked = 0;
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

const CAN_PASTE = PWSH !== undefined && CURL !== undefined && process.platform !== 'win32';

test.skipIf(!CAN_PASTE)(
  'the line installs the package of the server that it was made for, and nothing else',
  async () => {
    await using folder = await tempDir();
    const file = join(folder.path, 'kanade-agent-1.2.4-x64.msi');
    await writeFile(file, MSI);
    // Where nobody has an identity there are no tokens.
    await using own = await TestKanade.start({ tls: true, identities: true });
    const save =
      '$s = Save-KanadeAgentPackage -Connection (Get-KanadeConnection); Get-KanadeFileHash $s.File; [IO.Directory]::Delete($s.Folder, $true)';
    const made = await admin(
      own.backend,
      `$null = Publish-KanadeAgentPackage '${file}'; (New-KanadeInstallCommand).Command; (Get-KanadeEnrolmentToken).UsesLeft; & (Get-Module Kanade) { ${save} }`,
    );
    const [line = '', uses, saved] = made.split('\n');
    expect([uses, saved]).toEqual(['1', sha256(MSI)]);
    expect(line.length).toBeLessThan(520);

    const good = await paste(line);
    expect(good.said).toContain('The Kanade agent 1.2.4 is installed.');
    const [hash, args] = good.ran.split('\n');
    expect(hash).toBe(sha256(MSI));
    // A log with v or r would hold the token.
    expect(args).toMatch(/^\/i \S+ \/qn \/norestart \/liweaucmo \S+\.log SERVER_URL/);
    expect(args).toMatch(new RegExp(` SERVER_URL=${own.backend.url} ENROL_TOKEN=ket_[A-Za-z0-9_-]+$`));
    expect(good.left).toEqual([]);

    // As many download as may: the line comes again, and so does the module.
    await using full = await crowded(own.backend);
    expect((await paste(line.replaceAll(own.backend.url, full.url))).said).toContain('is installed');
    expect(full.asked()).toBe(2);
    full.empty();
    expect(await admin({ ...own.backend, url: full.url } as TestBackend, `& (Get-Module Kanade) { ${save} }`)).toBe(sha256(MSI));
    expect(full.asked()).toBe(2);

    // Somebody in between answers with another script, or the line is of a package that is there no longer.
    expect(await paste(line.replace(/[0-9a-f]{64}/, '0'.repeat(64)))).toMatchObject({ ok: false, ran: '', left: [] });
    expect(await paste(`${line} -RequireSignature`)).toMatchObject({ ok: false, ran: '', left: [] });
    expect(await paste(line, { signature: 'HashMismatch' })).toMatchObject({ ok: false, ran: '', left: [] });
    // Windows Installer writes nothing of what it is told when the same product is there.
    const key = 'HKLM:\\SOFTWARE\\Kanade\\Agent';
    const again = await paste(line, { before: '1.2.4' });
    expect(again.ran.split('\n').slice(2)).toEqual([
      `${key} Server=${own.backend.url}`,
      expect.stringMatching(/ EnrolmentToken=ket_[A-Za-z0-9_-]+$/),
      '',
    ]);
    expect((await paste(line, { before: '1.2.3' })).ran).not.toContain(key);
    const open = await paste(line, { before: '1.2.4', rights: 'D:AI(A;CIID;KR;;;BU)(A;CIID;KA;;;BA)' });
    expect(open).toMatchObject({ ok: false, ran: expect.not.stringContaining(key) });

    const failed = await paste(line, { exit: 67, before: '1.2.4' });
    expect(failed.ran).not.toContain(key);
    expect(failed).toMatchObject({ ok: false, left: [] });
    expect(failed.said).toContain('msiexec ended with 67');
  },
  180_000,
);

test('taken away it is given out no more', async () => {
  expect((await kanade.backend.call('DELETE', '/agent-package')).status).toBe(204);
  expect((await kanade.backend.call('DELETE', '/agent-package')).status).toBe(404);
  expect((await fetched(`/api/v1/releases/files/${sha256(MSI)}`)).status).toBe(404);
});
