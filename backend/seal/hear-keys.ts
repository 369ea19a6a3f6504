import { decode, encode } from '#core/contract/codec.ts';
import { ADOPTED_PREFIX, CommandKeyEntry } from '#core/contract/command-key.ts';
import { KanadeError } from '#core/contract/errors.ts';
import type { Log } from '#core/contract/log.ts';
import { keyIdOf } from '#core/contract/seal.ts';
import { lastToken } from '#core/contract/subjects.ts';
import type { Nats } from '#core/nats/connection.ts';
import { isMarker } from '#core/nats/direct-get.ts';
import type { JsMessage } from '#core/nats/js-message.ts';
import { kvPut } from '#core/nats/kv.ts';
import { readStream } from '#core/nats/read-stream.ts';
import { writeAudit } from '../audit/write-audit.ts';
import { adoptedIn } from './adopt.ts';
import type { CommandKeys } from './command-keys.ts';
import { keyOf } from './signed-again.ts';

export interface Hearing {
  nats: Nats;
  keys: CommandKeys;
  clock: () => number;
  newId: () => string;
  log: Log;
  /**
   * Whether we know our own file for the newest. From then on a key that our own key has vouched for without us is taken back for
   * everybody.
   */
  begun: boolean;
  /** What was not believed, and said to be so, by key and sealer: all is heard again and again. */
  refused: Set<string>;
}

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
export async function believe(keys: CommandKeys, said: readonly JsMessage[], take: (message: JsMessage) => Promise<void>): Promise<void> {
  let open = said.filter((message) => !isMarker(message));
  for (let before = -1; before !== open.length; ) {
    before = open.length;
    const left: JsMessage[] = [];
    for (const message of open) {
      if (keys.believes(message, 'value')) await take(message);
      else left.push(message);
    }
    open = left;
  }
}

/** Takes in one message that is to be believed. */
export async function takeMessage(ctx: Hearing, message: JsMessage): Promise<void> {
  const key = lastToken(message.subject);
  if (key.startsWith(ADOPTED_PREFIX)) ctx.keys.adopt(await adoptedIn(ctx.nats, message.data));
  else await takeEntry(ctx, entryIn(key, message.data), keyOf(message) ?? '');
}

/**
 * What an entry of the bucket says, which `by` has sealed. Of a key that is known its end, by whomever. Another key counts if the one that
 * sealed it may tell of it: whoever has got hold of one key would else make himself a backend that stays when that key goes.
 */
async function takeEntry(ctx: Hearing, entry: CommandKeyEntry, by: string): Promise<void> {
  const { nats, keys, log, begun, refused } = ctx;
  const key = keyIdOf(entry.public_key);
  const about = { key, backend_id: entry.backend_id, sealed_by: by };
  if (keys.isKnown(key)) {
    if (await keys.learn(entry)) log.info(about, 'a command key is being retired');
    return;
  }
  const mayTell = keys.mayTell(entry, by);
  if (mayTell) {
    await keys.learn(entry);
    log.warn(about, 'a command key of another backend was learnt of');
  } else {
    if (refused.has(`${key} ${by}`)) return;
    refused.add(`${key} ${by}`);
    if (begun && keys.isOwn(by)) {
      await keys.disown([entry]);
      await kvPut(nats, 'command_keys', key, encode(keys.list().find(({ id }) => id === key)!.entry));
    }
    log.error(about, 'a command key is not believed, for who has sealed it may not vouch for it: somebody else may have the key that did');
  }
  await writeAudit(ctx, {
    actor: { kind: 'system', name: 'backend' },
    action: 'command_key_learn',
    draft: { target: `command-keys/${key}`, after: { ...entry, sealed_by: by, told_to: keys.backendId } },
    result: mayTell ? 'ok' : 'unknown_key',
    requestId: ctx.newId(),
    sourceIp: undefined,
  });
}

/** The entry, which has to lie under its own id. */
export function entryIn(key: string, value: Uint8Array): CommandKeyEntry {
  const entry = decode(CommandKeyEntry, value);
  if (keyIdOf(entry.public_key) !== key) throw new KanadeError('bad_message', `${key} is not the id of this key`);
  return entry;
}
