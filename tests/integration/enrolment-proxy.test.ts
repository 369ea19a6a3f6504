import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { identityServer, type ServerOptions } from '#core/agent/identity/server.ts';
import { runCommand } from '#core/process/run-command.ts';
import { testCa } from '#tests/support/certificates.ts';
import { connectProxy } from '#tests/support/connect-proxy.ts';
import type { Json } from '#tests/support/kanade.ts';
import { kanadeOfFile } from '#tests/support/kanade-of-file.ts';
import { until } from '#tests/support/until.ts';

const ROOT = dirname(dirname(import.meta.dirname));

/** The API by HTTPS, with a certificate of its own CA, behind proxies. */
const { kanade } = await kanadeOfFile({ identities: true, tls: true });
const { url, dataDir } = kanade.backend;
const { host } = new URL(url);
const ca = await readFile(join(dataDir, 'tls', 'ca.pem'), 'utf8');

const withCredentials = (proxy: string, credentials: string) => proxy.replace('http://', `http://${credentials}@`);

/** What somebody says who asks the server one thing. */
async function asking(options: Partial<ServerOptions>): Promise<unknown> {
  const server = identityServer({ url, ca, env: {}, ...options });
  try {
    return await server.challenge();
  } finally {
    server.close();
  }
}

/** The first line of the agent's log with this code. */
function saying(pcId: string, code: string): Promise<Json> {
  return until(`${pcId} says ${code}`, async () => {
    const log = await readFile(join(kanade.agentDir(pcId), 'test.log'), 'utf8');
    const line = log.split('\n').find((each) => each.includes(`"code":"${code}"`));
    return line !== undefined && JSON.parse(line);
  });
}

test.each([
  { pc: 'behind', credentials: undefined, who: '' },
  { pc: 'known', credentials: 'jane doe:p@ss:word', who: 'jane%20doe:p%40ss%3Aword' },
])('a PC enrols and renews through a proxy that sees a tunnel to the server and nothing else ($pc)', async ({ pc, credentials, who }) => {
  await using proxy = await connectProxy(credentials === undefined ? {} : { credentials });
  const identity = await kanade.identityFor();
  const agent = kanade.startAgent(pc, { identity: { ...identity, proxy: who === '' ? proxy.url : withCredentials(proxy.url, who) } });
  await agent.ready;
  await kanade.backend.agentReady(pc);
  const enrolled = proxy.asked.length;
  expect(enrolled).toBeGreaterThan(0);

  // A renewal brings it its new name.
  expect((await kanade.backend.call('POST', `/agents/${pc}/rename`, { pc_id: `${pc}-2` })).status).toBe(200);
  await kanade.backend.agentReady(`${pc}-2`);
  expect(proxy.asked.length).toBeGreaterThan(enrolled);
  expect(new Set(proxy.asked)).toEqual(new Set([`CONNECT ${host}`]));
  for (const secret of [identity.token, 'ket_', '/api/v1', 'nonce', 'signature']) expect(proxy.seen()).not.toContain(secret);
  await agent.stop();
});

test('what NO_PROXY names is reached without the proxy, whoever has set that', async () => {
  await using proxy = await connectProxy();
  await asking({ proxy: proxy.url, env: { NO_PROXY: '10.0.0.1, 127.0.0.1' } });
  expect(proxy.asked).toEqual([]);
  await asking({ proxy: proxy.url, env: { NO_PROXY: '10.0.0.1' } });
  expect(proxy.asked).toEqual([`CONNECT ${host}`]);
});

test('this machine is not asked for through the proxy of the environment', async () => {
  await using proxy = await connectProxy();
  await asking({ env: { HTTPS_PROXY: proxy.url, https_proxy: proxy.url } });
  expect(proxy.asked).toEqual([]);
});

test('a proxy that refuses is named with what to do, without the password, and tried again', async () => {
  await using proxy = await connectProxy({ credentials: 'jane:right' });
  const agent = kanade.startAgent('refused', {
    identity: { ...(await kanade.identityFor()), proxy: withCredentials(proxy.url, 'jane:wrong1') },
  });
  const { error } = await saying('refused', 'proxy_refuses');
  expect(error).toContain(new URL(proxy.url).host);
  expect(error).toContain('KANADE_PROXY=http://user:password@host:port');
  await until('it has tried again', () => proxy.asked.length > 1);
  expect(await readFile(join(kanade.agentDir('refused'), 'test.log'), 'utf8')).not.toContain('wrong1');
  await agent.stop();
});

test('a proxy that is not there is named, in the words of the connection', async () => {
  const gone = await connectProxy();
  await gone[Symbol.asyncDispose]();
  const agent = kanade.startAgent('gone', { identity: { ...(await kanade.identityFor()), proxy: gone.url } });
  const { error } = await saying('gone', 'proxy_unreachable');
  expect(error).toContain(`the proxy ${new URL(gone.url).host}`);
  expect(error).toContain('ECONNREFUSED');
  await agent.stop();
  await expect(asking({ proxy: 'http://proxy.invalid:3128' })).rejects.toMatchObject({ code: 'proxy_unreachable' });
});

test('a proxy that never answers keeps nobody longer than the patience, nor a stop', async () => {
  await using proxy = await connectProxy({ silent: true });
  await expect(asking({ proxy: proxy.url, patience: 200 })).rejects.toMatchObject({
    code: 'server_unreachable',
    message: expect.stringMatching(/through the proxy .* no answer within 0\.2 s/),
  });
  await until('the tunnel that nobody waits for is closed', () => proxy.open() === 0);
  const agent = kanade.startAgent('waits', { identity: { ...(await kanade.identityFor()), proxy: proxy.url } });
  await until('it asks the proxy', () => proxy.open() > 0);
  await agent.stop();
});

test('a proxy that opens TLS is refused: it is shown no token, by a PC that is new and by one that is in', async () => {
  const company = await testCa();
  await using proxy = await connectProxy({ intercept: await company.issue() });
  const identity = await kanade.identityFor();
  const agent = kanade.startAgent('opened', { identity: { ...identity, proxy: proxy.url } });
  await saying('opened', 'certificate_untrusted');
  await agent.stop();
  await expect(asking({ proxy: proxy.url })).rejects.toMatchObject({ code: 'certificate_untrusted' });
  // What it could read is the question for the CA, which a PC asks of whoever is there.
  expect(proxy.seen()).toContain('GET /api/v1/ca');
  for (const secret of ['ket_', 'POST', 'challenge']) expect(proxy.seen()).not.toContain(secret);
});

test.each([
  'http://user:%zz@proxy:3128',
  'socks5://proxy:1080',
  'http://proxy/path',
  'http://',
])('a proxy that cannot be understood is said to be so without its password: %s', (proxy) => {
  const make = () => identityServer({ url: 'https://kanade.example.com', env: { HTTPS_PROXY: proxy } });
  expect(make).toThrow(expect.objectContaining({ code: 'setting_invalid', message: expect.not.stringContaining('%zz') }));
});

test('what goes to http:// is heard by nobody in between, though Node is told to use the proxies of the environment', async () => {
  await using proxy = await connectProxy();
  const server = createServer((_, response) => response.end('direct')).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const ask = `import { exchange } from '#core/http/exchange.ts';
    const { body } = await exchange({ method: 'GET', url: new URL('http://127.0.0.1:${port}'), ca: undefined, signal: AbortSignal.timeout(10_000) });
    console.log(body);`;
  const env = { ...process.env, NODE_USE_ENV_PROXY: '1', HTTP_PROXY: proxy.url, http_proxy: proxy.url, NO_PROXY: '', no_proxy: '' };
  const { stdout } = await runCommand(process.execPath, ['--input-type=module', '-e', ask], { cwd: ROOT, env });
  server.close();
  expect([stdout.trim(), proxy.asked]).toEqual(['direct', []]);
});
