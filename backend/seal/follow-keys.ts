import { setTimeout as sleep } from 'node:timers/promises';
import { decode, encode } from '#core/contract/codec.ts';
import { ADOPTED_PREFIX, CommandKeyEntry } from '#core/contract/command-key.ts';
import { KanadeError, messageOf } from '#core/contract/errors.ts';
import type { Log } from '#core/contract/log.ts';
import { keyIdOf } from '#core/contract/seal.ts';
import type { Nats } from '#core/nats/connection.ts';
import { kvGet } from '#core/nats/direct-get.ts';
import { kvPut } from '#core/nats/kv.ts';
import { watchBucket } from '#core/nats/watch-bucket.ts';
import { adoptedIn } from './adopt.ts';
import type { CommandKeys, CommandKeyView } from './command-keys.ts';
import { keyOf, SEALED_BUCKETS, sealBucketAgain, sealCommandsAgain, type Which } from './signed-again.ts';

export interface KeysContext {
  nats: Nats;
  keys: CommandKeys;
  /** Milliseconds since 1970. */
  clock: () => number;
  log: Log;
  /** Whether we know a command of this execution by its bytes: what else was signed by a key that goes is not signed again. */
  isOurs: (execId: string, bytes: Uint8Array) => boolean;
}

/** Milliseconds between two looks at whether a key's time has come. */
const LOOK_EVERY = 30_000;

/** Puts the own keys into the bucket where that is not what it says, for the other backends. */
export async function publishKeys({ nats, keys }: Pick<KeysContext, 'nats' | 'keys'>): Promise<void> {
  const { entries, by } = keys.ownEntries();
  for (const entry of entries) {
    const key = keyIdOf(entry.public_key);
    const bytes = encode(entry);
    const there = await kvGet(nats, 'command_keys', key).catch(() => undefined);
    if (there !== undefined && Buffer.compare(there.value, bytes) === 0) continue;
    const subject = `$KV.command_keys.${key}`;
    await nats.publishStored(subject, bytes, { headers: by.seal(subject, bytes, 'never'), asItCame: true });
  }
}

/** Vouches for the key of a backend that joins: from then on all backends believe it. */
export async function endorse({ nats, keys }: Pick<KeysContext, 'nats' | 'keys'>, entry: CommandKeyEntry): Promise<void> {
  await keys.learn(entry);
  await kvPut(nats, 'command_keys', keyIdOf(entry.public_key), encode(entry));
}

/** Makes a further key, and tells the other backends of it. */
export async function makeKey(ctx: KeysContext, { activateIn, overlap }: { activateIn: number; overlap: number }): Promise<CommandKeyView> {
  const made = await ctx.keys.rotate({ activeFrom: ctx.clock() + activateIn, overlap });
  await publishKeys(ctx);
  return made;
}

/** Retires a key, of whatever backend. What it has signed and still counts is signed by another one before that. */
export async function retireKey(ctx: KeysContext, id: string, after: number, signal: AbortSignal): Promise<CommandKeyView> {
  const { nats, keys, clock } = ctx;
  keys.mayRetire(id);
  if (after === 0) await signAgain(ctx, new Set([id]), signal);
  await keys.retire(id, clock() + after);
  const retired = keys.list().find((key) => key.id === id)!;
  await kvPut(nats, 'command_keys', id, encode(retired.entry));
  return retired;
}

/** Follows what the other backends say of their keys, and says again what a key has said that goes, until `signal` aborts. */
export async function followKeys(ctx: KeysContext, signal: AbortSignal): Promise<void> {
  const { nats, keys, log } = ctx;
  const take = async (key: string, value: Uint8Array) => {
    try {
      if (key.startsWith(ADOPTED_PREFIX)) keys.adopt(await adoptedIn(nats, value));
      else if (await keys.learn(entryIn(key, value))) log.info({ key }, 'a command key was learnt of, or is being retired');
    } catch (error) {
      log.error({ key, error: messageOf(error) }, 'what is said of a command key cannot be followed');
    }
  };
  const onEntry = ({ key, value }: { key: string; value: Uint8Array | undefined }) => void (value && take(key, value));
  await Promise.all([watchBucket(nats, 'command_keys', { onEntry, onSnapshot: () => {}, log, signal }), replaceGoing(ctx, signal)]);
}

async function replaceGoing(ctx: KeysContext, signal: AbortSignal): Promise<void> {
  const { keys, log } = ctx;
  const done = new Set<string>();
  while (!signal.aborted) {
    try {
      // What a key has said that is retired already has been said again before, or is not worth it.
      const going = keys.list().flatMap(({ id, state }) => (state === 'retiring' && !done.has(id) ? [id] : []));
      if (going.length > 0) {
        await signAgain(ctx, new Set(going), signal);
        for (const id of going) done.add(id);
      }
    } catch (error) {
      if (signal.aborted) return;
      log.warn({ error: messageOf(error) }, 'not all that a retiring key has signed was signed again: trying on');
    }
    await sleep(LOOK_EVERY, undefined, { signal }).catch(() => {});
  }
}

/** Says again by the key that seals now what these have said and still counts, so that they may be retired. */
export async function signAgain(ctx: KeysContext, ids: ReadonlySet<string>, signal: AbortSignal): Promise<void> {
  const { nats, keys, log, isOurs } = ctx;
  const by =
    (kind: 'value' | 'command'): Which =>
    (message) =>
      ids.has(keyOf(message) ?? '') && keys.isGenuine(message, kind);
  let values = 0;
  for (const bucket of SEALED_BUCKETS) values += await sealBucketAgain(nats, bucket, by('value'), signal);
  const command = by('command');
  const commands = await sealCommandsAgain(
    nats,
    (message) => command(message) && isOurs(message.subject.slice(message.subject.lastIndexOf('.') + 1), message.data),
    signal,
  );
  log.info({ keys: [...ids], values, commands }, 'what these keys have signed is signed by another one');
}

/** The entry, which has to lie under its own id. */
export function entryIn(key: string, value: Uint8Array): CommandKeyEntry {
  const entry = decode(CommandKeyEntry, value);
  if (keyIdOf(entry.public_key) !== key) throw new KanadeError('bad_message', `${key} is not the id of this key`);
  return entry;
}
