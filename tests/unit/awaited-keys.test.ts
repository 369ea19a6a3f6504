import { expect, test } from 'vitest';
import { AwaitedKeys } from '#backend/seal/awaited-keys.ts';
import { Believes } from '#backend/seal/believes.ts';
import { encode } from '#core/contract/codec.ts';
import { SealingKey } from '#core/contract/seal.ts';

const { signal } = new AbortController();
const NOW = Date.parse('2026-11-22T00:00:00Z');

/** A clock that leaps over each wait: whoever is woken finds that its time is over. */
function world() {
  const believes = new Believes({ keys: [], adopted: [] }, () => NOW);
  const time = { now: 0, leaps: 0 };
  const mono = () => {
    time.now += 2600;
    time.leaps++;
    queueMicrotask(() => believes.changed.fire());
    return time.now;
  };
  return { awaited: new AwaitedKeys(mono), believes, nats: { seal: believes }, time };
}

function by(key: SealingKey) {
  const [subject, data] = ['executions.submitted.x', encode({})];
  const headers = key.seal(subject, data, 'never');
  return { subject, data, header: (name: string) => headers[name] };
}

test('a key that is heard of meanwhile is believed', async () => {
  const { awaited, nats, believes } = world();
  const key = SealingKey.generate();
  const waiting = awaited.faultSoon(nats, by(key), signal);
  believes.believe({ keys: [{ publicKey: key.publicKey }], adopted: [] });
  expect(await waiting).toBeUndefined();
});

test('keys that somebody has made up are waited for once each, and do not keep a genuine one from being waited for later', async () => {
  const { awaited, nats, believes, time } = world();
  const first = by(SealingKey.generate());
  for (const message of [first, ...Array.from({ length: 19 }, () => by(SealingKey.generate()))])
    expect(await awaited.faultSoon(nats, message, signal)).toMatchObject({ code: 'unknown_key' });
  // The bound: whoever goes on inventing holds nothing up.
  const { leaps } = time;
  const genuine = SealingKey.generate();
  for (const message of [first, by(genuine)]) expect(await awaited.faultSoon(nats, message, signal)).toMatchObject({ code: 'unknown_key' });
  expect(time.leaps - leaps).toBeLessThan(10);

  time.now += 600_000;
  const waiting = awaited.faultSoon(nats, by(genuine), signal);
  believes.believe({ keys: [{ publicKey: genuine.publicKey }], adopted: [] });
  expect(await waiting).toBeUndefined();
});
