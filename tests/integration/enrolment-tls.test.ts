import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { identityServer } from '#core/agent/identity/server.ts';
import { fingerprintOf } from '#core/tls/fingerprint.ts';
import { testCa } from '#tests/support/certificates.ts';
import { kanadeOfFile } from '#tests/support/kanade-of-file.ts';

const { kanade } = await kanadeOfFile({ identities: true, tls: true });
const { url, dataDir } = kanade.backend;
const ca = await readFile(join(dataDir, 'tls', 'ca.pem'), 'utf8');

test('the token tells a PC whom to believe: it asks for that CA, keeps it, and believes no other', async () => {
  const token = await kanade.backend.enrolmentToken();
  expect(token.endsWith(`_${fingerprintOf(ca)}`)).toBe(true);
  const agent = kanade.startAgent('pinned', { identity: { server: url, token } });
  await agent.ready;
  await kanade.backend.agentReady('pinned');
  await agent.stop();
  const { protected: kept } = JSON.parse(await readFile(join(kanade.agentDir('pinned'), 'agent', 'identity.json'), 'utf8'));
  const credential = JSON.parse(Buffer.from(kept, 'base64').toString());
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
