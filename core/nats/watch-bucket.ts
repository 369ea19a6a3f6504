import { setTimeout as sleep } from 'node:timers/promises';
import { type KanadeError, messageOf } from '#core/contract/errors.ts';
import { SEAL_HEADERS } from '#core/contract/seal.ts';
import { isSealedBucket } from '#core/contract/sealed.ts';
import type { BucketName } from '#core/contract/streams.ts';
import type { Nats } from './connection.ts';
import { faultOf, isMarker } from './direct-get.ts';
import { createConsumer } from './jetstream.ts';
import { pull } from './pull.ts';
import { REOPEN_PAUSE } from './retry.ts';

export interface BucketEntry {
  key: string;
  /** undefined when the key was deleted. */
  value: Uint8Array | undefined;
  revision: number;
  created: number;
  /** Id of the key that has sealed it. */
  sealedBy: string | undefined;
}

/**
 * Follows a whole bucket for as long as `signal` allows. Whenever it has to open anew (reconnect, consumer gone, bucket
 * made again) it reads everything again and `onSnapshot` gets the keys that are there, so that what was deleted
 * meanwhile is noticed too: the seeds' scheduler lost its watch for good (reference-system section 8).
 */
export async function watchBucket(
  nats: Nats,
  bucket: BucketName,
  options: {
    onEntry(entry: BucketEntry): void;
    /** What nobody sealed whom we believe: passed over, as if it had not come, but for whoever wants to say so. */
    onFault?(entry: { key: string; fault: KanadeError; revision: number }): void;
    /** After each full reading. */
    onSnapshot(keys: ReadonlySet<string>): void;
    log: { warn(o: object, m: string): void };
    signal: AbortSignal;
  },
): Promise<void> {
  const { onEntry, onFault, onSnapshot, log, signal } = options;
  const prefix = `$KV.${bucket}.`;
  while (!signal.aborted) {
    // Whose key was not known may be somebody we trust in a moment: then everything is read anew.
    const again = new AbortController();
    let leave: (() => void) | undefined;
    try {
      const name = `watch_${crypto.randomUUID().replaceAll('-', '')}`;
      const info = await createConsumer(nats, `KV_${bucket}`, {
        name,
        filter_subject: `${prefix}>`,
        deliver_policy: 'last_per_subject',
        ack_policy: 'none',
        mem_storage: true,
        num_replicas: 1,
        inactive_threshold: 60e9,
      });
      const keys = new Set<string>();
      let snapshot = false;
      const done = () => {
        snapshot = true;
        onSnapshot(keys);
      };
      if (info.num_pending === 0) done();
      for await (const batch of pull(nats, `KV_${bucket}`, name, { batch: 512, signal: AbortSignal.any([signal, again.signal]) })) {
        for (const m of batch) {
          // A broker may deliver what is another bucket's.
          if (!m.subject.startsWith(prefix)) continue;
          const deleted = isMarker(m);
          const key = m.subject.slice(prefix.length);
          const fault = isSealedBucket(bucket) ? faultOf(nats, m, 'value') : undefined;
          if (!deleted || fault !== undefined) keys.add(key);
          if (fault === undefined)
            onEntry({ key, value: deleted ? undefined : m.data, revision: m.seq, created: m.stored, sealedBy: m.header(SEAL_HEADERS.key) });
          else {
            log.warn({ bucket, key, code: fault.code, error: fault.message }, 'an entry that is not to be believed is passed over');
            onFault?.({ key, fault, revision: m.seq });
            if (fault.code === 'unknown_key') leave ??= nats.seal?.changed.join(() => again.abort());
          }
          if (!snapshot && m.pending === 0) done();
        }
      }
    } catch (error) {
      if (signal.aborted) return;
      log.warn({ bucket, error: messageOf(error) }, 'the watch of a bucket ended: opening it again');
    } finally {
      leave?.();
    }
    await sleep(REOPEN_PAUSE, undefined, { signal }).catch(() => {});
  }
}
