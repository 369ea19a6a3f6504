import { ADOPTED_PREFIX, type CommandKeyEntry } from '#core/contract/command-key.ts';
import { KanadeError } from '#core/contract/errors.ts';
import type { Log } from '#core/contract/log.ts';
import { keyIdOf } from '#core/contract/seal.ts';
import { lastToken } from '#core/contract/subjects.ts';
import type { Nats } from '#core/nats/connection.ts';
import { faultOf, isMarker } from '#core/nats/direct-get.ts';
import type { JsMessage } from '#core/nats/js-message.ts';
import { writeAudit } from '../audit/write-audit.ts';
import { adopt } from './adopt.ts';
import type { CommandKeys } from './command-keys.ts';
import { publishKeys } from './follow-keys.ts';
import { believe, entryIn, keyMessages, takeMessage } from './hear-keys.ts';
import { HOW_TO_REPLACE } from './key-file.ts';
import { bucketMessages, SEALED_BUCKETS } from './signed-again.ts';

export interface BeginContext {
  nats: Nats;
  keys: CommandKeys;
  clock: () => number;
  newId: () => string;
  log: Log;
  /** `--new-command-key`. */
  replace: boolean;
  /** Whether this backend was let in, where it is known who was. */
  isAdmitted?: ((backendId: string) => boolean) | undefined;
}

/**
 * What has to be right before anything is read of the broker: the key is on disk, the keys of the other backends are
 * known, and what was there before there was a key is adopted. What only a retired key has said is said to be there, and not believed.
 * `command_key_lost` when the broker knows backends and this one has no key, for then this is no first start, and when it knows
 * more of this one's keys than this one does.
 */
export async function beginKeys(ctx: BeginContext, signal: AbortSignal): Promise<void> {
  const { nats, keys, log, replace } = ctx;
  const all = await keyMessages(nats, signal);
  const said = [...new Map(all.map((message) => [message.subject, message])).values()].filter((message) => !isMarker(message));
  if (keys.isNew && !replace && said.some(({ subject }) => !lastToken(subject).startsWith(ADOPTED_PREFIX))) {
    throw new KanadeError(
      'command_key_lost',
      `this broker obeys command keys and this backend has none: ${HOW_TO_REPLACE}, or let it join`,
    );
  }
  await keys.save();
  const hearing = { ...ctx, begun: false, refused: new Set<string>() };
  await believe(keys, all, (message) => takeMessage(hearing, message));
  const later = saidSince(keys, said);
  if (replace) await keys.disown([...later, ...unadmitted(ctx)]);
  else if (later.length > 0) {
    const words = `the broker knows command key ${keyIdOf(later[0]!.public_key)} of this backend as something that its file does not`;
    throw new KanadeError('command_key_lost', `${words}: that is an older copy, whose keys may be retired since; ${HOW_TO_REPLACE}`);
  }
  await publishKeys(ctx);
  if (!keys.adopted) {
    const adopted = await adopt(ctx, signal);
    await keys.save({ adopted: true });
    await sayAdopted(ctx, adopted, replace);
  }
  await sayDoubted(ctx, signal);
  log.info({ key: keys.sealingId }, 'commands are signed');
}

/** Keys of whom nobody has let in: somebody had one of ours, or of those that we have, and vouched for his own. */
function unadmitted({ keys, isAdmitted = () => true }: BeginContext): CommandKeyEntry[] {
  const others = keys.list().filter(({ own, state, entry }) => !own && state !== 'retired' && entry.backend_id !== keys.backendId);
  return others.flatMap(({ entry }) => (isAdmitted(entry.backend_id) ? [] : [entry]));
}

/**
 * What is said of this backend's own keys and its file does not know: keys it has made, and retirements, after that file was written. With
 * the copy from before a key would count again that was retired because somebody else has it.
 */
function saidSince(keys: CommandKeys, said: readonly JsMessage[]): CommandKeyEntry[] {
  const known = new Map(keys.list().map((view) => [view.id, view]));
  const entries = said.flatMap(({ subject, data }) => {
    const key = lastToken(subject);
    const entry = key.startsWith(ADOPTED_PREFIX) ? undefined : readableEntry(key, data);
    return entry === undefined ? [] : [{ entry, here: known.get(key) }];
  });
  // A restored backend may have another id than it had; its keys say which.
  const names = new Set([keys.backendId, ...entries.flatMap(({ entry, here }) => (here?.own ? [entry.backend_id] : []))]);
  return entries.flatMap(({ entry, here }) => {
    if (!names.has(entry.backend_id)) return [];
    if (here === undefined || (!here.own && here.state !== 'retired')) return [entry];
    return entry.retired_at !== undefined && isEarlier(entry.retired_at, here.entry.retired_at) ? [entry] : [];
  });
}

function readableEntry(key: string, data: Uint8Array): CommandKeyEntry | undefined {
  try {
    return entryIn(key, data);
  } catch (error) {
    if (error instanceof KanadeError) return undefined;
    throw error;
  }
}

function isEarlier(at: string, than: string | undefined): boolean {
  return than === undefined || Date.parse(at) < Date.parse(than);
}

async function sayAdopted(ctx: BeginContext, adopted: Awaited<ReturnType<typeof adopt>>, replace: boolean): Promise<void> {
  const { keys, log } = ctx;
  const some = adopted.values + adopted.commands + adopted.executions > 0;
  if (!some && !replace) return;
  log.warn(
    { ...adopted, key: keys.sealingId },
    'what this broker held before there was this key was adopted: this backend vouches for it now',
  );
  await audit(ctx, 'broker_adopt', { ...adopted, new_command_key: replace });
}

/** Somebody else may have a retired key, and nobody knows since when: what has no other seal takes an admin's word to be believed. */
async function sayDoubted(ctx: BeginContext, signal: AbortSignal): Promise<void> {
  const { nats, keys, log } = ctx;
  if (!keys.list().some(({ state }) => state === 'retired')) return;
  const values: Record<string, number> = {};
  for (const bucket of SEALED_BUCKETS) {
    for await (const messages of bucketMessages(nats, bucket, signal)) {
      const found = messages.filter((message) => faultOf(nats, message, 'value')?.code === 'retired_key').length;
      if (found > 0) values[bucket] = (values[bucket] ?? 0) + found;
    }
  }
  if (Object.keys(values).length === 0) return;
  const what =
    'the broker holds what only a retired key has signed: it is not believed. Put it again, or have all that is there believed by --new-command-key';
  log.warn({ code: 'retired_key', values }, what);
  await audit(ctx, 'broker_doubt', { values });
}

async function audit(ctx: BeginContext, action: 'broker_adopt' | 'broker_doubt', after: unknown): Promise<void> {
  const actor = { kind: 'system', name: 'backend' } as const;
  const draft = { target: `command-keys/${ctx.keys.sealingId}`, after };
  await writeAudit(ctx, { actor, action, draft, result: 'ok', requestId: ctx.newId(), sourceIp: undefined });
}
