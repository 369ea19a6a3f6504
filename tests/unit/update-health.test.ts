import { createServer } from 'node:net';
import type { NetworkInterfaceInfo } from 'node:os';
import { expect, test } from 'vitest';
import { followHealth } from '#core/agent/update/follow-health.ts';
import { hasNetwork, judgeHealth, type Reach, SERVERS_AWAY_AT_MOST } from '#core/agent/update/health.ts';
import { Wake } from '#core/nats/retry.ts';

const away: Reach = { connected: false, network: true, answers: false, unansweredFor: 0 };

test.each<[string, Partial<Reach>, string]>([
  ['who is connected is healthy', { connected: true }, 'healthy connected'],
  ['whatever else is said', { connected: true, network: false }, 'healthy connected'],
  ['without a network nobody can tell', { network: false }, 'unproven'],
  ['however long that lasts', { network: false, unansweredFor: 10 * SERVERS_AWAY_AT_MOST }, 'unproven'],
  ['a server that is away is no fault of the version', {}, 'unproven'],
  ['for a while', { unansweredFor: SERVERS_AWAY_AT_MOST - 1 }, 'unproven'],
  ['after which it looks in the wrong place', { unansweredFor: SERVERS_AWAY_AT_MOST }, 'healthy offline'],
  ['a server that answers should have let it in', { answers: true }, 'healthy offline'],
])('%s', (_, reach, health) => {
  expect(judgeHealth({ ...away, ...reach })).toBe(health);
});

const at = (address: string, internal = false) => ({ lo0: [{ address, internal } as NetworkInterfaceInfo] });

test.each([
  ['an address that a network gave', at('192.168.1.5'), true],
  ['an address of IPv6', at('2001:db8::5'), true],
  ['this machine alone', at('127.0.0.1', true), false],
  ['an address that the PC gave itself', at('169.254.7.7'), false],
  ['the same of IPv6', at('fe80::1'), false],
  ['nothing at all', {}, false],
])('%s: network %#', (_, interfaces, there) => {
  expect(hasNetwork('tls://broker.example.com:4222', interfaces)).toBe(there);
});

test('a server on this machine needs no network', () => {
  expect(hasNetwork('nats://127.0.0.1:4222', {})).toBe(true);
  expect(hasNetwork('', {})).toBe(false);
});

/** What is told of an agent that is not connected to these servers. */
async function toldFor(servers: string): Promise<string> {
  const end = new AbortController();
  const told = Promise.withResolvers<string>();
  const done = followHealth(
    { connected: () => false, servers: () => servers, wake: new Wake(), tell: told.resolve, mono: () => 0 },
    end.signal,
  );
  const health = await told.promise;
  end.abort();
  await done;
  return health;
}

test('whether a server answers is seen by whether it takes a connection', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((listening) => server.once('listening', listening));
  const { port } = server.address() as { port: number };
  expect(await toldFor(`nats://127.0.0.1:1,nats://127.0.0.1:${port}`)).toBe('healthy offline');
  server.close();
  expect(await toldFor(`nats://127.0.0.1:${port}`)).toBe('unproven');
});
