import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { CommandKeys } from '#backend/seal/command-keys.ts';
import { followKeys, type KeysContext, makeKey } from '#backend/seal/follow-keys.ts';
import { SEALED_BUCKETS } from '#backend/seal/signed-again.ts';
import { encode } from '#core/contract/codec.ts';
import { SEAL_HEADERS } from '#core/contract/seal.ts';
import { connectNats } from '#core/nats/connection.ts';
import { lastMessage } from '#core/nats/jetstream.ts';
import { kvPut } from '#core/nats/kv.ts';
import { startTestBroker } from '#tests/support/broker.ts';
import { makeBucket, makeStream, quiet } from '#tests/support/projection.ts';
import { quietLog } from '#tests/support/quiet-log.ts';
import { tempDir } from '#tests/support/temp.ts';
import { until } from '#tests/support/until.ts';

/** The keys of a backend on a broker of its own, without the rest of it. */
async function keysOnBroker(
  tokens: readonly string[],
  work: (ctx: KeysContext, sealer: (subject: string) => Promise<string>) => Promise<void>,
) {
  await using dir = await tempDir();
  await using broker = await startTestBroker();
  const stop = new AbortController();
  using _ = { [Symbol.dispose]: () => stop.abort() };
  const keys = await CommandKeys.open({ path: join(dir.path, 'command-keys.json'), backendId: 'b1', clock: Date.now });
  await keys.save();
  const mono = () => performance.now();
  const about = { servers: broker.url, name: 'test', signal: stop.signal, random: Math.random, mono, wall: Date.now, log: quiet };
  await using nats = await connectNats({ ...about, seal: keys });
  for (const bucket of SEALED_BUCKETS) await makeBucket(nats, bucket);
  await makeStream(nats, 'EXEC');
  const isToken = (key: string) => tokens.includes(key);
  const ctx = { nats, keys, clock: Date.now, newId: randomUUID, log: quietLog, isOurs: (execId: string) => execId === 'ours', isToken };
  const sealer = async (subject: string) => {
    const stream = subject.startsWith('$KV.') ? `KV_${subject.split('.')[1]}` : 'EXEC';
    return (await lastMessage(nats, stream, subject))!.header(SEAL_HEADERS.key)!;
  };
  await work(ctx, sealer);
}

const signal = () => AbortSignal.timeout(60_000);

test('of a key that goes at once is said again what this backend knows: not every token, and of keys nothing for what it says itself', async () => {
  await keysOnBroker(['token.known'], async (ctx, sealer) => {
    const { nats, keys } = ctx;
    const old = keys.sealingId;
    await kvPut(nats, 'accounts', 'token.known', encode({}));
    await kvPut(nats, 'accounts', 'token.unknown', encode({}));
    await kvPut(nats, 'config', 'freeze', encode({}));
    await kvPut(nats, 'command_keys', 'f'.repeat(32), encode({}));
    for (const exec of ['ours', 'other']) await nats.publishStored(`commands.pc.PC1.${exec}`, encode({}));
    const { id } = await makeKey(ctx, { activateIn: 0, overlap: 0 }, signal());
    expect(keys.list().map(({ state }) => state)).toEqual(['retired', 'active']);
    for (const subject of [
      '$KV.accounts.token.known',
      '$KV.config.freeze',
      'commands.pc.PC1.ours',
      `$KV.command_keys.${old}`,
      `$KV.command_keys.${id}`,
    ])
      expect([subject, await sealer(subject)]).toEqual([subject, id]);
    for (const subject of ['$KV.accounts.token.unknown', `$KV.command_keys.${'f'.repeat(32)}`, 'commands.pc.PC1.other'])
      expect([subject, await sealer(subject)]).toEqual([subject, old]);
  });
});

test('what a key says that its owner has left, after its words were said again, goes with it', async () => {
  await keysOnBroker([], async (ctx, sealer) => {
    const { nats, keys } = ctx;
    const old = keys.entries().by;
    await kvPut(nats, 'config', 'freeze', encode({}));
    const { id } = await makeKey(ctx, { activateIn: 0, overlap: 3_600_000 }, signal());
    const stop = new AbortController();
    const following = followKeys(ctx, stop.signal);
    await until('it is said again', async () => (await sealer('$KV.config.freeze')) === id);
    await until('for good', () => keys.going().size === 0);
    stop.abort();
    await following;
    const [subject, bytes] = ['$KV.config.late', encode({})];
    await nats.publishStored(subject, bytes, { headers: old.seal(subject, bytes, 'never'), asItCame: true });
    await makeKey(ctx, { activateIn: 0, overlap: 0 }, signal());
    expect(await sealer(subject)).toBe(old.id);
    expect(await sealer('$KV.config.freeze')).toBe(keys.sealingId);
  });
});
