import { setTimeout as sleep } from 'node:timers/promises';
import { integer, object } from 'superstruct';
import { decode, encode } from '#core/contract/codec.ts';
import { KanadeError, messageOf } from '#core/contract/errors.ts';
import { Id } from '#core/contract/ids.ts';
import type { Log } from '#core/contract/log.ts';
import type { Nats } from '#core/nats/connection.ts';
import { kvGet } from '#core/nats/direct-get.ts';
import { kvCompareAndSet, kvCreate, kvDelete } from '#core/nats/kv.ts';

/** Milliseconds. A holder renews often enough that one lost renewal does not cost it the lease. */
const RENEW_EVERY = 4000;
/** A holder that has not renewed for this long stops by its own monotonic clock, before anybody else may start. */
const HOLDER_LIMIT = 10_000;
/** A watcher that has seen no renewal for this long, by its own monotonic clock, takes the lease. */
const TAKE_AFTER = 14_000;

const Holder = object({ backend_id: Id, renewals: integer() });

export interface LeaseOptions {
  nats: Nats;
  backendId: string;
  /** Milliseconds, monotonic: wall clocks of two machines are never compared. */
  mono: () => number;
  log: Log;
  /** Runs while this backend holds the lease; its signal aborts the moment it may not go on. */
  duties: (signal: AbortSignal) => Promise<void>;
}

/**
 * Which one of the backends does what only one may do. The lease is the key `leases/holder`, changed by compare-and-set
 * only. States: watching (somebody else holds it: remember its revision and when we first saw it) -> holding (duties
 * run; renewed every 4 s) -> watching again when a renewal finds another revision, or when none has gone through for
 * 10 s. A backend that restarts finds its own id in the key and goes on at once: its folder is locked, so it is alone.
 */
export async function runLease(options: LeaseOptions, signal: AbortSignal): Promise<void> {
  const { log, mono } = options;
  let seen: { revision: number; at: number; holder: string | undefined } | undefined;
  while (!signal.aborted) {
    try {
      const found = await kvGet(options.nats, 'leases', 'holder');
      if (found && seen?.revision !== found.revision) {
        seen = { revision: found.revision, at: mono(), holder: holderIn(found.value, log) };
      }
      const free = found === undefined || seen!.holder === options.backendId || mono() - seen!.at >= TAKE_AFTER;
      const revision = free ? await take(options, found?.revision) : undefined;
      if (revision !== undefined) await hold(options, revision, signal);
    } catch (error) {
      if (!signal.aborted) log.warn({ error: messageOf(error) }, 'the lease could not be looked at');
    }
    await sleep(1000, undefined, { signal }).catch(() => {});
  }
}

/** Whoever cannot be read is somebody else: that one keeps the lease for as long as it renews, and no longer. */
function holderIn(bytes: Uint8Array, log: Log): string | undefined {
  try {
    return decode(Holder, bytes).backend_id;
  } catch (error) {
    log.warn({ error: messageOf(error) }, 'the lease is held by an entry that cannot be read: it is taken if nobody renews it');
    return undefined;
  }
}

function value(options: LeaseOptions, renewals: number): Uint8Array {
  return encode({ backend_id: options.backendId, renewals });
}

async function take(options: LeaseOptions, revision: number | undefined): Promise<number | undefined> {
  if (revision === undefined) return kvCreate(options.nats, 'leases', 'holder', value(options, 0));
  return unlessChanged(kvCompareAndSet(options.nats, 'leases', 'holder', value(options, 0), revision));
}

async function hold(options: LeaseOptions, taken: number, signal: AbortSignal): Promise<void> {
  const { log, mono, nats } = options;
  const lost = new AbortController();
  const running = AbortSignal.any([signal, lost.signal]);
  log.info({ backend_id: options.backendId }, 'holding the lease');
  let revision = taken;
  let renewedAt = mono();
  const guard = setInterval(() => {
    if (mono() - renewedAt > HOLDER_LIMIT) lost.abort();
  }, 500);
  const duties = options.duties(running).catch((error) => {
    log.error({ error: messageOf(error) }, 'a duty of the lease holder failed: giving the lease back');
    lost.abort();
  });
  try {
    for (let n = 1; !running.aborted; n++) {
      await sleep(RENEW_EVERY, undefined, { signal: running }).catch(() => {});
      if (running.aborted) break;
      const began = mono();
      try {
        const next = await unlessChanged(kvCompareAndSet(nats, 'leases', 'holder', value(options, n), revision));
        if (next === undefined) break;
        revision = next;
        renewedAt = began;
      } catch (error) {
        log.warn({ error: messageOf(error) }, 'the lease could not be renewed: trying again');
      }
    }
  } finally {
    clearInterval(guard);
    lost.abort();
    await duties;
  }
  log.info({ backend_id: options.backendId }, 'no longer holding the lease');
  // An orderly stop hands it on at once; when it was lost this changes nothing, for the revision is another one.
  if (nats.connected) await unlessChanged(kvDelete(nats, 'leases', 'holder', revision));
}

async function unlessChanged(write: Promise<number>): Promise<number | undefined> {
  try {
    return await write;
  } catch (error) {
    if (error instanceof KanadeError && error.code === 'precondition_failed') return undefined;
    throw error;
  }
}
