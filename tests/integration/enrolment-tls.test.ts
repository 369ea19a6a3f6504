import { once } from 'node:events';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:https';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { identityServer } from '#core/agent/identity/server.ts';
import { fingerprintOf } from '#core/tls/fingerprint.ts';
import { testCa } from '#tests/support/certificates.ts';
import type { Json } from '#tests/support/kanade.ts';
import { kanadeOfFile } from '#tests/support/kanade-of-file.ts';
import { until } from '#tests/support/until.ts';

const { kanade } = await kanadeOfFile({ identities: true, tls: true });
const { url, dataDir } = kanade.backend;
const ca = await readFile(join(dataDir, 'tls', 'ca.pem'), 'utf8');

async function credentialOf(pc: string) {
  const { protected: kept } = JSON.parse(await readFile(join(kanade.agentDir(pc), 'agent', 'identity.json'), 'utf8'));
  return JSON.parse(Buffer.from(kept, 'base64').toString());
}

test('the token tells a PC whom to believe: it asks for that CA, keeps it, and believes no other', async () => {
  const token = await kanade.backend.enrolmentToken();
  expect(token.endsWith(`_${fingerprintOf(ca)}`)).toBe(true);
  const agent = kanade.startAgent('pinned', { identity: { server: url, token } });
  await agent.ready;
  await kanade.backend.agentReady('pinned');
  await agent.stop();
  const credential = await credentialOf('pinned');
  expect(credential.ca.trim()).toBe(ca.trim());

  // It renews there by the CA it keeps, and nowhere else.
  const { pem: foreign } = await testCa();
  await expect(identityServer({ url, ca: foreign, env: {} }).challenge()).rejects.toMatchObject({ code: 'certificate_untrusted' });
  await expect(identityServer({ url, ca, env: {} }).challenge()).resolves.toMatchObject({ nonce: expect.any(String) });
});

test('a server that has not the CA of the token hears nothing of it, and neither does one that nobody vouches for', async () => {
  const { pem: foreign } = await testCa();
  const other = identityServer({ url, fingerprint: fingerprintOf(foreign), env: {} });
  await expect(other.challenge()).rejects.toMatchObject({ code: 'server_not_trusted' });
  await expect(identityServer({ url, env: {} }).challenge()).rejects.toMatchObject({ code: 'certificate_untrusted' });
});

test('a CA that this machine trusts does not count where the token names another', async () => {
  const company = await testCa();
  const store = join(kanade.dir, 'company.pem');
  await writeFile(store, company.pem);
  const env = { NODE_EXTRA_CA_CERTS: store };
  const asked: string[] = [];
  // Whoever has had the company's CA sign for this address.
  const impostor = createServer(await company.issue(), (request, response) => {
    asked.push(`${request.method} ${request.url}`);
    response.writeHead(request.url === '/api/v1/ca' ? 200 : 503).end(company.pem);
  });
  impostor.listen(0, '127.0.0.1');
  await once(impostor, 'listening');
  try {
    const there = `https://127.0.0.1:${(impostor.address() as { port: number }).port}`;
    const token = await kanade.backend.enrolmentToken();
    const pinned = kanade.startAgent('led-astray', { identity: { server: there, token } }, env);
    const log = () => readFile(join(kanade.agentDir('led-astray'), 'test.log'), 'utf8').catch(() => '');
    await until('it has been refused twice', async () => (await log()).split('server_not_trusted').length > 2);
    await pinned.stop();
    expect(new Set(asked)).toEqual(new Set(['GET /api/v1/ca']));

    // Where the token names none, that CA is believed: it is in the store.
    const plain = kanade.startAgent('trusting', { identity: { server: there, token: token.slice(0, -44) } }, env);
    await until('it asks there', () => asked.includes('POST /api/v1/enrol/challenge'));
    await plain.stop();
  } finally {
    impostor.closeAllConnections();
    impostor.close();
  }
});

test('after a change of the CA tokens from before are told apart, and a PC that knows the old one follows another token, with its key', async () => {
  const { items: before } = await kanade.backend.get('/enrolment-tokens');
  expect(before.map(({ ca_outdated }: Json) => ca_outdated)).toEqual(before.map(() => false));
  expect(before[0].ca_fingerprint).toBe(fingerprintOf(ca));
  const { public_key } = await credentialOf('pinned');
  await kanade.backend.process.stop();
  await rm(join(dataDir, 'tls'), { recursive: true });
  kanade.backend = await kanade.startBackend('one', ['--listen', new URL(url).host]);
  const changed = await readFile(join(dataDir, 'tls', 'ca.pem'), 'utf8');

  const token = await kanade.backend.enrolmentToken();
  expect(token.endsWith(`_${fingerprintOf(changed)}`)).toBe(true);
  const { items } = await kanade.backend.get('/enrolment-tokens');
  expect(items.map(({ ca_outdated }: Json) => ca_outdated)).toEqual([false, ...before.map(() => true)]);

  await using _agent = kanade.startAgent('pinned', { identity: { server: url, token } });
  await until('it believes the new one', async () => (await credentialOf('pinned')).ca.trim() === changed.trim());
  expect((await credentialOf('pinned')).public_key).toBe(public_key);
  const [own] = (await kanade.backend.get('/enrolment-tokens')).items;
  expect(own).toMatchObject({ used: 0, uses_left: 1 });
});
