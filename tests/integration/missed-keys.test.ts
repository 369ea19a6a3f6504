import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { beginKeys } from '#backend/seal/begin-keys.ts';
import { CommandKeys } from '#backend/seal/command-keys.ts';
import { endorse, followKeys, type KeysContext, makeKey, publishKeys, retireKey } from '#backend/seal/follow-keys.ts';
import { entryOfKey, keepKeysToJoin, keyToJoin } from '#backend/seal/join.ts';
import { SEALED_BUCKETS } from '#backend/seal/signed-again.ts';
import { connectNats } from '#core/nats/connection.ts';
import { startTestBroker } from '#tests/support/broker.ts';
import { makeBucket, makeStream, quiet } from '#tests/support/projection.ts';
import { quietLog } from '#tests/support/quiet-log.ts';
import { tempDir } from '#tests/support/temp.ts';
import { until } from '#tests/support/until.ts';

const HOUR = 3_600_000;
const signal = () => AbortSignal.timeout(60_000);

interface Three {
  a: KeysContext;
  b: KeysContext;
  c: KeysContext;
  time: { now: number };
  /** What one of them knows of the keys of `a`. */
  known(by: KeysContext): Record<string, string>;
  /** As a backend does that was off. */
  start(one: KeysContext): Promise<void>;
  /** As a backend does that lost the broker for a while. */
  hear(one: KeysContext, done: () => boolean): Promise<void>;
}

/** The keys of three backends on a broker of their own, each vouched for; nobody hears of anything but when told to. */
async function three(work: (all: Three) => Promise<void>) {
  await using dir = await tempDir();
  await using broker = await startTestBroker();
  const stop = new AbortController();
  using _ = { [Symbol.dispose]: () => stop.abort() };
  const time = { now: Date.now() };
  const clock = () => time.now;
  const mono = () => performance.now();
  await using open = new AsyncDisposableStack();
  const connected = async (id: string): Promise<KeysContext> => {
    const first = id === 'a' ? undefined : 'a';
    const keys = await CommandKeys.open({ path: join(dir.path, id), backendId: id, clock, first });
    await keys.save({ adopted: true });
    const about = { servers: broker.url, name: id, signal: stop.signal, random: Math.random, mono, wall: Date.now, log: quiet };
    const nats = open.use(await connectNats({ ...about, seal: keys }));
    return { nats, keys, clock, log: quietLog, isOurs: () => false, newId: randomUUID, isToken: () => false };
  };
  const a = await connected('a');
  for (const bucket of SEALED_BUCKETS) await makeBucket(a.nats, bucket);
  for (const stream of ['EXEC', 'AUDIT'] as const) await makeStream(a.nats, stream);
  await publishKeys(a);
  const joined = async (id: string) => {
    const key = keyToJoin(clock());
    await keepKeysToJoin(
      join(dir.path, id),
      key,
      a.keys.list().map(({ entry }) => entry),
    );
    await endorse(a, entryOfKey(key, id));
    return connected(id);
  };
  const [b, c] = [await joined('b'), await joined('c')];
  const start = (one: KeysContext) => beginKeys({ ...one, newId: () => 'id', replace: false }, signal());
  await start(c);
  await start(b);
  await work({
    a,
    b,
    c,
    time,
    start,
    known: ({ keys }) => Object.fromEntries(keys.list().flatMap(({ id, state, entry }) => (entry.backend_id === 'a' ? [[id, state]] : []))),
    hear: async (one, done) => {
      const ended = new AbortController();
      const following = followKeys(one, ended.signal);
      await until('it has heard', done);
      ended.abort();
      await following;
    },
  });
}

test('a key that goes at once is not believed any more, and the new one is, by a backend that was off or away', async () => {
  await three(async ({ a, b, c, known, start, hear }) => {
    const old = a.keys.sealingId;
    const { id } = await makeKey(a, { activateIn: 0, overlap: 0 }, signal());
    const now = { [old]: 'retired', [id]: 'active' };
    expect(known(b)).toEqual({ [old]: 'active' });
    await hear(c, () => known(c)[old] === 'retired');
    await start(b);
    for (const one of [a, b, c]) expect(known(one)).toEqual(now);
    // Nobody makes it count again, whatever was said of it before.
    await start(b);
    expect(known(b)).toEqual(now);
  });
});

test('a backend that was off for as long as both keys counted knows both', async () => {
  await three(async ({ a, b, time, known, start, hear }) => {
    const old = a.keys.sealingId;
    const { id } = await makeKey(a, { activateIn: 0, overlap: HOUR }, signal());
    time.now += 2 * HOUR;
    await publishKeys(a);
    await start(b);
    expect(known(b)).toEqual({ [old]: 'retired', [id]: 'active' });
    // And the one after that, which only the second has vouched for.
    const { id: third } = await makeKey(a, { activateIn: 0, overlap: 0 }, signal());
    await hear(b, () => known(b)[id] === 'retired');
    expect(known(b)).toEqual({ [old]: 'retired', [id]: 'retired', [third]: 'active' });
  });
});

test('a key that another backend retires takes none along that it has vouched for before', async () => {
  await three(async ({ a, b, c, time, known, hear }) => {
    const old = a.keys.sealingId;
    time.now += 1;
    const { id } = await makeKey(a, { activateIn: 0, overlap: HOUR }, signal());
    await hear(c, () => id in known(c));
    await retireKey(c, old, 0, signal());
    await hear(a, () => known(a)[old] === 'retired');
    await publishKeys(a);
    await hear(b, () => known(b)[old] === 'retired' && id in known(b));
    expect(known(b)).toEqual({ [old]: 'retired', [id]: 'active' });
  });
});
