import { decode, encode } from '#core/contract/codec.ts';
import { KanadeError, messageOf } from '#core/contract/errors.ts';
import { Rollout } from '#core/contract/rollout.ts';
import { isSealFault } from '#core/contract/sealed.ts';
import { isJetStreamError, type Nats, STREAM_FULL } from '#core/nats/connection.ts';
import { kvGet } from '#core/nats/direct-get.ts';
import { kvCompareAndSet, kvCreate } from '#core/nats/kv.ts';

export interface KeptRollout {
  rollout: Rollout;
  revision: number;
}

/** A rollout as the bucket holds it under `key`; `bad_message` when that is none, or another one. */
export function decodeRollout(bytes: Uint8Array, key: string): Rollout {
  const rollout = decode(Rollout, bytes);
  if (rollout.id !== key) throw new KanadeError('bad_message', `/id: is ${rollout.id}, stored under ${key}`);
  if (rollout.wave >= rollout.waves.length) throw new KanadeError('bad_message', `/wave: there are only ${rollout.waves.length}`);
  return rollout;
}

/** undefined when there is none, `rollout_corrupt` when what is there is no rollout. */
export async function readRollout(nats: Nats, id: string): Promise<KeptRollout | undefined> {
  try {
    const found = await kvGet(nats, 'rollouts', id);
    return found && { rollout: decodeRollout(found.value, id), revision: found.revision };
  } catch (error) {
    if (!isSealFault(error) && !(error instanceof KanadeError && error.code === 'bad_message')) throw error;
    throw new KanadeError('rollout_corrupt', `rollout ${id}: ${messageOf(error)}`, { cause: error });
  }
}

/** undefined when there is one of this id. `exec_full` when the bucket has no room. */
export async function createRollout(nats: Nats, rollout: Rollout): Promise<KeptRollout | undefined> {
  try {
    const revision = await kvCreate(nats, 'rollouts', rollout.id, encode(rollout));
    return revision === undefined ? undefined : { rollout, revision };
  } catch (error) {
    if (isJetStreamError(error, STREAM_FULL)) throw new KanadeError('exec_full', 'the store of rollouts is full', { cause: error });
    throw error;
  }
}

/** Writes `next` over what was read; `precondition_failed` when it was changed since. */
export async function writeRollout(nats: Nats, { revision }: KeptRollout, next: Rollout): Promise<KeptRollout> {
  return { rollout: next, revision: await kvCompareAndSet(nats, 'rollouts', next.id, encode(next), revision) };
}

/** Changes the rollout as it is now, whoever else changes it at the same time. Nothing is written when `change` gives back what it got. */
export async function changeRollout(nats: Nats, id: string, change: (rollout: Rollout) => Rollout): Promise<KeptRollout> {
  for (;;) {
    const kept = await readRollout(nats, id);
    if (kept === undefined) throw new KanadeError('not_found', `there is no rollout ${id}`);
    const next = change(kept.rollout);
    if (next === kept.rollout) return kept;
    try {
      return await writeRollout(nats, kept, next);
    } catch (error) {
      if (!(error instanceof KanadeError && error.code === 'precondition_failed')) throw error;
    }
  }
}
