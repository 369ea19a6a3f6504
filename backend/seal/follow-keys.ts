import { setTimeout as sleep } from 'node:timers/promises';
import { encode } from '#core/contract/codec.ts';
import { ADOPTED_PREFIX, type CommandKeyEntry } from '#core/contract/command-key.ts';
import { messageOf } from '#core/contract/errors.ts';
import type { Log } from '#core/contract/log.ts';
import { keyIdOf } from '#core/contract/seal.ts';
import { KV_OPERATION, sealedSubject, unlessForged } from '#core/contract/sealed.ts';
import { lastToken } from '#core/contract/subjects.ts';
import type { Nats } from '#core/nats/connection.ts';
import { faultOf, isMarker, kvGet } from '#core/nats/direct-get.ts';
import type { JsMessage } from '#core/nats/js-message.ts';
import { kvPut } from '#core/nats/kv.ts';
import { REOPEN_PAUSE, Wake } from '#core/nats/retry.ts';
import { watchBucket } from '#core/nats/watch-bucket.ts';
import { adoptedIn } from './adopt.ts';
import { adoptedDigest } from './believes.ts';
import type { CommandKeys, CommandKeyView } from './command-keys.ts';
import { believe, keyMessages, takeMessage } from './hear-keys.ts';
import { bucketMessages, keyOf, SEALED_BUCKETS, sayAgain, type Which, waitingCommands } from './signed-again.ts';

export interface KeysContext {
  nats: Nats;
  keys: CommandKeys;
  /** Milliseconds since 1970. */
  clock: () => number;
  log: Log;
  newId: () => string;
  /** Whether we know a command of this execution by its bytes: what else was signed by a key that goes is not signed again. */
  isOurs: (execId: string, bytes: Uint8Array) => boolean;
  /** The same of a token for the API, under its key in `accounts`; without bytes, that there is none. */
  isToken: (key: string, bytes: Uint8Array | undefined) => boolean;
}

/** Milliseconds between two looks at whether a key's time has come. */
const LOOK_EVERY = 30_000;
/** Milliseconds that what a key has said takes to be said again, a broker that is away for a moment included. */
export const SAID_AGAIN_WITHIN = 600_000;

/**
 * Puts into the bucket what it does not say of the keys, for the other backends: of the own ones what is so, of others' what
 * we know where what is there counts no longer. Nothing of this bucket is signed again for what it says itself.
 */
export async function publishKeys({ nats, keys }: Pick<KeysContext, 'nats' | 'keys'>): Promise<void> {
  const { own, others, by } = keys.entries();
  // That a key counts is taken from its backend and from the first; that it counts no longer, from anybody.
  const told = others.filter((entry) => keys.isFirst || entry.retired_at !== undefined);
  // The newest first: who hears that one before it is to be retired knows whom it has vouched for.
  for (const entry of [...own.toReversed(), ...told]) {
    const key = keyIdOf(entry.public_key);
    const bytes = encode(entry);
    const there = await kvGet(nats, 'command_keys', key).catch(unlessForged);
    if (there !== undefined && (others.includes(entry) || Buffer.compare(there.value, bytes) === 0)) continue;
    const subject = `$KV.command_keys.${key}`;
    await nats.publishStored(subject, bytes, { headers: by.seal(subject, bytes, 'never'), asItCame: true });
  }
}

/** Vouches for the key of a backend that joins: from then on all backends believe it. */
export async function endorse({ nats, keys }: Pick<KeysContext, 'nats' | 'keys'>, entry: CommandKeyEntry): Promise<void> {
  await keys.learn(entry);
  await kvPut(nats, 'command_keys', keyIdOf(entry.public_key), encode(entry));
}

/**
 * Makes a further key, and tells the other backends of it. What those before it have said is said again before they go: by
 * `followKeys` in the time that they overlap, and here when they are to go at once.
 */
export async function makeKey(
  ctx: KeysContext,
  { activateIn, overlap }: { activateIn: number; overlap: number },
  signal: AbortSignal,
): Promise<CommandKeyView> {
  const { keys, clock } = ctx;
  const from = clock() + activateIn;
  const atOnce = activateIn === 0 && overlap < SAID_AGAIN_WITHIN;
  const made = await keys.rotate({ activeFrom: from, overlap: atOnce ? SAID_AGAIN_WITHIN : overlap });
  if (!atOnce) {
    await publishKeys(ctx);
    return made;
  }
  const before = keys.list().flatMap(({ id, own, state }) => (own && state === 'retiring' ? [id] : []));
  const going = keys.going();
  await signAgain(ctx, new Set(before.filter((id) => going.has(id))), signal);
  for (const id of before) await keys.retire(id, from + overlap);
  await publishKeys(ctx);
  return made;
}

/** Retires a key, of whatever backend. What it has signed and still counts is signed by another one before that. */
export async function retireKey(ctx: KeysContext, id: string, after: number, signal: AbortSignal): Promise<CommandKeyView> {
  const { nats, keys, clock } = ctx;
  keys.mayRetire(id);
  if (after === 0 && !keys.wasSaidAgain(id)) await signAgain(ctx, new Set([id]), signal);
  await keys.retire(id, clock() + after);
  const retired = keys.list().find((key) => key.id === id)!;
  await kvPut(nats, 'command_keys', id, encode(retired.entry));
  return retired;
}

/** Follows what the other backends say of their keys, and says again what a key has said that goes, until `signal` aborts. */
export async function followKeys(ctx: KeysContext, signal: AbortSignal): Promise<void> {
  const said = new Wake();
  const onEntry = () => said.fire();
  // Whose key is not known may be vouched for by what was said before.
  const watch = { onEntry, onFault: onEntry, onSnapshot: () => {}, log: ctx.log, signal };
  await Promise.all([hearKeys(ctx, said, signal), watchBucket(ctx.nats, 'command_keys', watch), replaceGoing(ctx, signal)]);
}

/** Each time that something is said all is heard, for whoever was away has missed what he goes by to believe it. */
async function hearKeys(ctx: KeysContext, said: Wake, signal: AbortSignal): Promise<void> {
  const { nats, keys, log } = ctx;
  const hearing = { ...ctx, begun: true, refused: new Set<string>() };
  const take = async (message: JsMessage) => {
    try {
      await takeMessage(hearing, message);
    } catch (error) {
      log.error({ key: lastToken(message.subject), error: messageOf(error) }, 'what is said of a command key cannot be followed');
    }
  };
  let more = said.next(signal);
  for (;;) {
    await more;
    if (signal.aborted) return;
    more = said.next(signal);
    try {
      await believe(keys, await keyMessages(nats, signal), take);
    } catch (error) {
      if (signal.aborted) return;
      log.warn({ error: messageOf(error) }, 'what is said of command keys could not be read: trying again');
      await sleep(REOPEN_PAUSE, undefined, { signal }).catch(() => {});
      said.fire();
    }
  }
}

async function replaceGoing(ctx: KeysContext, signal: AbortSignal): Promise<void> {
  const { keys, log } = ctx;
  const retired = () => keys.list().filter(({ state }) => state === 'retired').length;
  let published = retired();
  while (!signal.aborted) {
    try {
      const going = keys.going();
      if (going.size > 0) await signAgain(ctx, going, signal);
      const now = retired();
      // What such a key has said of others is to be said by one that stays.
      if (now !== published) await publishKeys(ctx);
      published = now;
    } catch (error) {
      if (signal.aborted) return;
      log.warn({ error: messageOf(error) }, 'not all that a retiring key has signed was signed again: trying on');
    }
    await sleep(LOOK_EVERY, undefined, { signal }).catch(() => {});
  }
}

/**
 * Says again by the key that seals now what these have said and still counts, so that they may be retired. Once for each, and
 * only what is there before anybody hears of it: whoever has such a key as well, and the broker, may answer to its going.
 */
async function signAgain(ctx: KeysContext, ids: ReadonlySet<string>, signal: AbortSignal): Promise<void> {
  const { nats, keys, log } = ctx;
  const noted = await wordsOf(ctx, ids, signal);
  await publishKeys(ctx);
  const which: Which = (message) => noted.has(digestOf(message));
  let values = 0;
  for (const bucket of SEALED_BUCKETS) values += await sayAgain(nats, bucketMessages(nats, bucket, signal), which);
  const commands = await sayAgain(nats, waitingCommands(nats, signal), which);
  await keys.noteSaidAgain(ids);
  log.info({ keys: [...ids], values, commands }, 'what these keys have signed is signed by another one');
}

/** The digests of what these keys have said and is to be said again. */
async function wordsOf({ nats, keys, isOurs, isToken }: KeysContext, ids: ReadonlySet<string>, signal: AbortSignal): Promise<Set<string>> {
  const noted = new Set<string>();
  const counts = (message: JsMessage, kind: 'value' | 'command') =>
    ids.has(keyOf(message) ?? '') && faultOf(nats, message, kind) === undefined;
  for (const bucket of SEALED_BUCKETS) {
    for await (const messages of bucketMessages(nats, bucket, signal)) {
      for (const message of messages) {
        if (!counts(message, 'value')) continue;
        const key = message.subject.slice(`$KV.${bucket}.`.length);
        const value = isMarker(message) ? undefined : message.data;
        // Who may command is known here, and nothing that is only there.
        if (bucket === 'accounts' && !isToken(key, value)) continue;
        if (bucket === 'command_keys' && !(value !== undefined && (await isAdopted(nats, keys, key, value)))) continue;
        noted.add(digestOf(message));
      }
    }
  }
  for await (const messages of waitingCommands(nats, signal))
    for (const message of messages)
      if (counts(message, 'command') && isOurs(lastToken(message.subject), message.data)) noted.add(digestOf(message));
  return noted;
}

async function isAdopted(nats: Nats, keys: CommandKeys, key: string, value: Uint8Array): Promise<boolean> {
  return key.startsWith(ADOPTED_PREFIX) && keys.hasAdopted(await adoptedIn(nats, value));
}

function digestOf(message: JsMessage): string {
  return adoptedDigest(sealedSubject(message.subject, message.header(KV_OPERATION)), message.data);
}
