import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { expect, test } from 'vitest';
import { makeUserKey } from '#core/agent/identity/user-key.ts';
import { proofText } from '#core/contract/enrolment.ts';
import { connectNats } from '#core/nats/connection.ts';

/** What a broker that wants this signed is told first. */
async function toldTo(nonce: string): Promise<{ connect: Record<string, unknown>; codes: unknown[] }> {
  const told = Promise.withResolvers<Record<string, unknown>>();
  const broker = createServer((socket) => {
    const info = {
      server_id: 'E',
      server_name: 'e',
      version: '2.15.1',
      proto: 1,
      headers: true,
      max_payload: 1048576,
      auth_required: true,
    };
    socket.on('error', () => {}).write(`INFO ${JSON.stringify({ ...info, nonce })}\r\n`);
    let text = '';
    socket.on('data', (data) => {
      text += data;
      const connect = /CONNECT (\{.*\})\r\n/.exec(text)?.[1];
      if (connect === undefined) return;
      told.resolve(JSON.parse(connect));
      socket.end("-ERR 'Authorization Violation'\r\n");
    });
  }).listen(0, '127.0.0.1');
  await once(broker, 'listening');
  const stop = new AbortController();
  const codes: unknown[] = [];
  const { seed } = makeUserKey();
  const connecting = connectNats({
    servers: `nats://127.0.0.1:${(broker.address() as AddressInfo).port}`,
    name: 'test',
    authenticator: () => ({ jwt: 'a.b.c', seed: new TextEncoder().encode(seed) }),
    signal: stop.signal,
    random: Math.random,
    mono: () => performance.now(),
    wall: Date.now,
    log: { info: () => {}, warn: (about) => codes.push((about as { code?: string }).code) },
  }).catch(() => {});
  const connect = await told.promise;
  stop.abort();
  broker.close();
  await connecting;
  return { connect, codes };
}

test('a broker gets its nonce signed', async () => {
  const { connect, codes } = await toldTo('PXoWU7zWAMt75FY');
  expect(connect).toMatchObject({ jwt: 'a.b.c', sig: expect.stringMatching(/^.{86}==$/) });
  expect(codes).not.toContain('broker_nonce');
});

const { publicKey } = makeUserKey();
test.each([
  ['a proof for the API', new TextDecoder().decode(proofText('renew', { nonce: 'n', pc_id: 'PC1', public_key: publicKey }))],
  ['a sealed text', 'kanade-seal-1\ncommands.all.x'],
  ['a JWT', 'eyJ0eXAiOiJKV1QifQ.e30'],
  ['nothing', ''],
  ['what is too long for one', 'A'.repeat(65)],
])('a broker that wants %s signed is not told who we are', async (_, nonce) => {
  const { connect, codes } = await toldTo(nonce);
  expect(connect).not.toHaveProperty('sig');
  expect(connect).not.toHaveProperty('jwt');
  expect(codes).toContain('broker_nonce');
});
