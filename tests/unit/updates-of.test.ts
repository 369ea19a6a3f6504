import { expect, test } from 'vitest';
import type { Known, UpdateOptions } from '#core/agent/options.ts';
import { Turns } from '#core/agent/run/turns.ts';
import type { HostState } from '#core/agent/update/host-state.ts';
import { NOTHING_TRIED } from '#core/agent/update/update-state.ts';
import { updatesOf } from '#core/agent/update/updates-of.ts';
import { keptInMemory } from '#core/files/state-file.ts';
import { quietLog } from '#tests/support/quiet-log.ts';
import { EXPIRES_AT, envelopeOf, manifestOf, releaseKey, SIGNED_AT } from '#tests/support/release.ts';

const AN_HOUR = 3600_000;

test.for([
  ['by both clocks it is time', SIGNED_AT, SIGNED_AT, 'update_barred'],
  ['by the broker it has expired', EXPIRES_AT + AN_HOUR, SIGNED_AT, 'release_expired'],
  ['a broker turns its clock back behind what was heard of backends', SIGNED_AT, EXPIRES_AT + AN_HOUR, 'release_expired'],
] as const)('whether a release has expired goes by the later time: %s', async ([, broker, atLeast, ends]) => {
  const key = releaseKey();
  const envelope = envelopeOf(manifestOf({ 'node.exe': '', 'agent.mjs': '' }), key);
  // Where it has not expired, that is what ends it.
  const host: HostState = { current: '1.0.0', previous: '', trial: false, barred: ['1.1.0'] };
  const updates: UpdateOptions = {
    host: { state: async () => host, handOver: () => {} },
    keys: async () => [key.public],
    platform: 'win-x64',
    versionsFolder: '/none',
    runningFolder: '/none',
    source: () => ({ envelope: async () => envelope, fetch: async function* () {}, [Symbol.dispose]: () => {} }),
    onMetered: () => true,
  };
  const apis = () => ({ urls: ['https://localhost'], ca: undefined });
  const options = { version: '1.0.0', updates, platform: {}, apis, log: quietLog } as unknown as Known;
  const agent = updatesOf(options, {
    state: keptInMemory(NOTHING_TRIED),
    turns: new Turns(() => 1),
    clock: () => broker,
    heard: { atLeast },
  });
  const carried = await agent.carry({
    update: { version: '1.1.0', envelope_sha256: 'a'.repeat(64) },
    timeoutMs: 1000,
    known: async () => 'go',
    expired: () => false,
    begins: async () => {},
    launching: async () => {},
    signal: new AbortController().signal,
  });
  expect(carried).toMatchObject({ reason: ends });
});
