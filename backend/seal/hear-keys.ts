import { decode } from '#core/contract/codec.ts';
import { ADOPTED_PREFIX, CommandKeyEntry } from '#core/contract/command-key.ts';
import { KanadeError } from '#core/contract/errors.ts';
import { keyIdOf } from '#core/contract/seal.ts';
import { lastToken } from '#core/contract/subjects.ts';
import type { Nats } from '#core/nats/connection.ts';
import { isMarker } from '#core/nats/direct-get.ts';
import type { JsMessage } from '#core/nats/js-message.ts';
import { readStream } from '#core/nats/read-stream.ts';
import { adoptedIn } from './adopt.ts';
import type { CommandKeys } from './command-keys.ts';

/**
 * All that is said of keys, what was said before of the same key included: once the key is retired that vouched for another one, the
 * last that is said of that one is sealed by itself, which tells nobody anything who was away.
 */
export async function keyMessages(nats: Nats, signal: AbortSignal): Promise<JsMessage[]> {
  const found: JsMessage[] = [];
  const all = readStream(nats, 'KV_command_keys', { filter_subject: '$KV.command_keys.*', deliver_policy: 'all' }, signal);
  for await (const messages of all) found.push(...messages);
  return found;
}

/**
 * Believes what is to be believed, in the order in which it was said, so that a key is heard for as long as it counted. Who is
 * vouched for may vouch for others: until nobody new is.
 */
export async function believe(
  keys: CommandKeys,
  said: readonly JsMessage[],
  take: (key: string, value: Uint8Array) => Promise<void>,
): Promise<void> {
  let open = said.filter((message) => !isMarker(message));
  for (let before = -1; before !== open.length; ) {
    before = open.length;
    const left: JsMessage[] = [];
    for (const message of open) {
      if (keys.believes(message, 'value')) await take(lastToken(message.subject), message.data);
      else left.push(message);
    }
    open = left;
  }
}

/** Takes in one entry that is to be believed. True when that is news of a key. */
export async function takeEntry(nats: Nats, keys: CommandKeys, key: string, value: Uint8Array): Promise<boolean> {
  if (!key.startsWith(ADOPTED_PREFIX)) return keys.learn(entryIn(key, value));
  keys.adopt(await adoptedIn(nats, value));
  return false;
}

/** The entry, which has to lie under its own id. */
export function entryIn(key: string, value: Uint8Array): CommandKeyEntry {
  const entry = decode(CommandKeyEntry, value);
  if (keyIdOf(entry.public_key) !== key) throw new KanadeError('bad_message', `${key} is not the id of this key`);
  return entry;
}
