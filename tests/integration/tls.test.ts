import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import { connect as connectTls } from 'node:tls';
import { afterAll, expect, test } from 'vitest';
import { startBroker } from '#backend/broker/broker.ts';
import { findNatsServer } from '#backend/broker/find-nats-server.ts';
import { listenHttp } from '#backend/http/server.ts';
import type { Pair } from '#backend/tls/authority.ts';
import { Certificates } from '#backend/tls/certificates.ts';
import { ServerTls } from '#backend/tls/server-tls.ts';
import { exchange } from '#core/http/exchange.ts';
import { connectNats } from '#core/nats/connection.ts';
import type { TlsSettings } from '#core/settings/settings.ts';
import { fingerprintOf } from '#core/tls/fingerprint.ts';
import { putPair, testCa } from '#tests/support/certificates.ts';
import { startProcess } from '#tests/support/processes.ts';
import { quietLog } from '#tests/support/quiet-log.ts';
import { tempDir } from '#tests/support/temp.ts';
import { until } from '#tests/support/until.ts';

const { path: binary } = await findNatsServer();
const signal = AbortSignal.timeout(110_000);
const LOOPBACK = { host: '127.0.0.1', port: 0 };
const company = await testCa();
const ALL = new AsyncDisposableStack();
afterAll(() => ALL.disposeAsync());

/** A broker and an API with certificates of the company's CA, as an admin would supply them. */
const dir = ALL.use(await tempDir()).path;
const caFile = join(dir, 'company.pem');
await writeFile(caFile, company.pem);
const files = await putPair(dir, await company.issue());
const settings: TlsSettings = { mode: 'on', files, ca: caFile, publicNames: [] };
const tls = ALL.use(await ServerTls.open({ dataDir: dir, settings, hosts: ['127.0.0.1'], log: quietLog, every: 3_600_000 }));
const broker = ALL.use(await startBroker({ binary, dataDir: dir, listen: LOOPBACK, tls, signal, log: () => {} }));
const http = ALL.use(
  await listenHttp({ listen: LOOPBACK, tls, dataDir: dir, open: false, reason: () => 'nothing is served', log: quietLog, signal }),
);

/** Tries to connect, and gives what is said when that fails. */
async function refusal(servers: string, ca: string): Promise<{ code?: string; error?: string }> {
  const stop = new AbortController();
  const said = Promise.withResolvers<{ code?: string; error?: string }>();
  const log = { info: () => {}, warn: (fields: object) => said.resolve(fields) };
  const parts = { name: 'test', random: Math.random, mono: () => performance.now(), wall: Date.now, log, signal: stop.signal };
  const trying = connectNats({ servers, ca: () => ca, ...parts }).then(async (nats) => {
    await nats.close();
    said.resolve({ error: 'it connected' });
  });
  const first = await said.promise;
  stop.abort();
  await trying.catch(() => {});
  return first;
}

async function serving(pair: Pair): Promise<{ url: string } & AsyncDisposable> {
  const temp = await tempDir();
  const supplied = { ...settings, files: await putPair(temp.path, pair), ca: undefined };
  const shown = await ServerTls.open({ dataDir: temp.path, settings: supplied, hosts: [], log: quietLog });
  const own = await startBroker({ binary, dataDir: temp.path, listen: LOOPBACK, tls: shown, signal, log: () => {} });
  return {
    url: own.url,
    async [Symbol.asyncDispose]() {
      await own[Symbol.asyncDispose]();
      shown[Symbol.dispose]();
      await temp[Symbol.asyncDispose]();
    },
  };
}

/** The certificate that is shown to a new connection. */
async function shownByApi(): Promise<string> {
  const socket = connectTls({ host: '127.0.0.1', port: Number(new URL(http.url).port), ca: company.pem });
  await once(socket, 'secureConnect');
  const shown = socket.getPeerX509Certificate()!.toString();
  socket.destroy();
  return shown;
}

const get = (url: string, ca: string | undefined) => exchange({ method: 'GET', url: new URL('/healthz', url), ca, signal });

test('everything at once: started with TLS, the agent enrols and runs a script, and the CA can be had by everybody', async () => {
  await using temp = await tempDir();
  const args = ['--tls', 'on', '--data-dir', temp.path, '--listen', '127.0.0.1:0', '--broker-listen', '127.0.0.1:0'];
  await using all = startProcess('backend/start.ts', [...args, '--pc-id', 'PC1', '--inventory-interval', 'off']);
  await until('the first script is through', () => all.output().includes('Ctrl-C stops'), 60_000);
  const output = all.output();
  expect(output).toContain('and it succeeded:');
  const api = /API +(https:\S+)/.exec(output)![1]!;
  const nats = /Broker +(tls:\S+)/.exec(output)![1]!;
  const ca = await readFile(join(temp.path, 'tls', 'ca.pem'), 'utf8');
  const answer = await exchange({ method: 'GET', url: new URL(`${api}/ca`), ca, signal });
  expect(answer).toMatchObject({ status: 200, body: ca, headers: { 'content-type': 'application/x-pem-file' } });
  expect(fingerprintOf(answer.body)).toBe(fingerprintOf(ca));
  // When each of the three certificates ends is known to monitoring.
  const { body } = await until('the broker has been looked at', async () => {
    const ready = await exchange({ method: 'GET', url: new URL('/readyz', api), ca, signal });
    return ready.body.includes('"broker"') && ready;
  });
  const { warnings, certificates } = JSON.parse(body);
  expect(warnings).toEqual([]);
  expect(certificates.map(({ certificate }: { certificate: string }) => certificate)).toEqual(['api', 'broker', 'ca']);
  const metrics = await exchange({ method: 'GET', url: new URL('/metrics', api), ca, signal });
  for (const [certificate, days] of [
    ['api', 90],
    ['broker', 90],
    ['ca', 3650],
  ] as const) {
    const [, left] = new RegExp(`^kanade_certificate_seconds_left\\{certificate="${certificate}"\\} (\\d+)$`, 'm').exec(metrics.body)!;
    expect(Math.abs(Number(left) / 86_400 - days)).toBeLessThan(5);
  }
  // Nobody else's CA counts, not even one that the machine trusts, and in the clear there is nothing.
  await expect(get(api, company.pem)).rejects.toMatchObject({ code: 'certificate_untrusted' });
  await expect(get(api.replace('https:', 'http:'), undefined)).rejects.toThrow();
  expect(await refusal(nats, company.pem)).toMatchObject({ code: 'certificate_untrusted' });
  await all.stop();
});

test('what listens beyond loopback does so with TLS or not at all', async () => {
  await using temp = await tempDir();
  const beyond = { host: '0.0.0.0', port: 0 };
  const open = { listen: beyond, dataDir: temp.path, signal };
  await expect(startBroker({ binary, log: () => {}, ...open })).rejects.toMatchObject({ code: 'listen_not_loopback' });
  await expect(listenHttp({ open: false, reason: () => '', log: quietLog, ...open })).rejects.toMatchObject({
    code: 'listen_not_loopback',
  });
});

test('a broker whose certificate is foreign, for another server or over is refused, in words and with a code', async () => {
  const foreign = await testCa();
  expect(await refusal(broker.url, foreign.pem)).toMatchObject({ code: 'certificate_untrusted', error: expect.stringContaining('CA') });
  await using expired = await serving(await company.expired());
  expect(await refusal(expired.url, company.pem)).toMatchObject({
    code: 'certificate_expired',
    error: expect.stringContaining('has expired'),
  });
  await using early = await serving(await company.issue(['127.0.0.1'], Date.now() + 5 * 86_400_000));
  expect(await refusal(early.url, company.pem)).toMatchObject({
    code: 'certificate_expired',
    error: expect.stringContaining('not valid yet'),
  });
  // Also one that Node, which is told no name of a server that is known by its address, would take.
  await using other = await serving(await company.issue(['10.0.0.1', 'localhost']));
  expect(await refusal(other.url, company.pem)).toMatchObject({ code: 'certificate_wrong_name' });
  expect(await refusal(broker.url, company.pem)).toEqual({ error: 'it connected' });
});

test('a broker that says it speaks no TLS is not spoken to in the clear', async () => {
  const server = createServer((socket) => void socket.write('INFO {"server_id":"x","version":"2.15.0","max_payload":1048576}\r\n'));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  let heard = '';
  server.on('connection', (socket) => socket.on('data', (data) => (heard += data)).on('error', () => {}));
  const { port } = server.address() as { port: number };
  expect(await refusal(`tls://127.0.0.1:${port}`, company.pem)).toMatchObject({ code: 'tls_missing' });
  expect(heard).toBe('');
  server.close();
});

test('a broker beyond loopback is not spoken to in the clear, whoever has said so', async () => {
  expect(await refusal('nats://192.0.2.1:4222', company.pem)).toMatchObject({ code: 'listen_not_loopback' });
});

test('whoever comes back to a broker whose certificate has become a foreign one is told so', async () => {
  const stop = new AbortController();
  const said: { code?: string }[] = [];
  const log = { info: () => {}, warn: (fields: object) => void said.push(fields) };
  const parts = { name: 'test', random: Math.random, mono: () => performance.now(), wall: Date.now, log, signal: stop.signal };
  const temp = await tempDir();
  const files = await putPair(temp.path, await company.issue());
  const foreign = await testCa();
  using shown = await ServerTls.open({ dataDir: temp.path, settings: { ...settings, files, ca: undefined }, hosts: [], log: quietLog });
  await using own = await startBroker({ binary, dataDir: temp.path, listen: LOOPBACK, tls: shown, signal, log: () => {} });
  await using _nats = await connectNats({ servers: own.url, ca: () => company.pem, reconnectDelay: () => 100, ...parts });
  await putPair(temp.path, await foreign.issue());
  await shown.look();
  process.kill(own.pid, 'SIGKILL');
  await until('it is said', () => said.some(({ code }) => code === 'certificate_untrusted'));
  expect(said.filter(({ code }) => code !== undefined)).toHaveLength(1);
  stop.abort();
});

test('monitoring and the log are told of a certificate that ends soon or is over, the log once a day', async () => {
  await using own = await serving(await company.expired());
  let now = Date.now();
  const told: object[] = [];
  const caFile = join(dir, 'company.pem');
  const certificates = new Certificates({
    api: () => new Date(now + 13.5 * 86_400_000),
    servers: [own.url],
    brokerCa: () => company.pem,
    caFile: () => caFile,
    wall: () => now,
    log: { warn: (fields) => told.push(fields) },
  });
  await certificates.look();
  expect(certificates.all().map(({ what }) => what)).toEqual(['api', 'broker', 'ca']);
  expect(certificates.warnings()).toEqual(['the certificate of the API ends in 13 days', 'the certificate of the broker has expired']);
  await certificates.look();
  expect(told).toEqual([expect.objectContaining({ what: 'broker', code: 'certificate_expired' })]);
  now += 86_400_000;
  await certificates.look();
  expect(told).toHaveLength(2);
});

test('an API whose certificate does not fit is refused likewise', async () => {
  const foreign = await testCa();
  await expect(get(http.url, foreign.pem)).rejects.toMatchObject({ code: 'certificate_untrusted' });
  await expect(get(http.url.replace('127.0.0.1', 'localhost'), company.pem)).rejects.toMatchObject({ code: 'certificate_wrong_name' });
  expect((await get(http.url, company.pem)).status).toBe(200);
});

test('a new certificate is shown to whoever connects next, and nobody is cut off', async () => {
  const stop = new AbortController();
  const parts = { name: 'test', random: Math.random, mono: () => performance.now(), wall: Date.now, log: quietLog, signal: stop.signal };
  await using nats = await connectNats({ servers: broker.url, ca: () => company.pem, ...parts });
  const { pid } = broker;
  const next = await company.issue();
  await putPair(dir, next);
  await tls.look();
  const wanted = new X509Certificate(next.cert).toString();
  expect(await shownByApi()).toBe(wanted);
  await until('the broker shows it', async () => (await shownByBroker()) === wanted);
  if (process.platform !== 'win32') {
    expect(broker.pid).toBe(pid);
    expect(nats.tracker.disconnections).toBe(0);
  }
  stop.abort();
});

/** nats-server greets first and speaks TLS then. */
async function shownByBroker(): Promise<string> {
  const { port } = new URL(broker.url);
  const plain = connect({ host: '127.0.0.1', port: Number(port) });
  await once(plain, 'data');
  const socket = connectTls({ socket: plain, ca: company.pem, checkServerIdentity: () => undefined });
  await once(socket, 'secureConnect');
  const shown = socket.getPeerX509Certificate()!.toString();
  plain.destroy();
  return shown;
}

test('a certificate that does not fit leaves the one that there is, in the broker too, also when that starts anew', async () => {
  const before = await shownByApi();
  await rm(files.key);
  await tls.look();
  expect(await shownByApi()).toBe(before);
  const { pid } = broker;
  process.kill(pid, 'SIGKILL');
  await until('the broker is back', async () => broker.pid !== pid && (await shownByBroker()) === before);
  await putPair(dir, await company.issue());
});
