import { setTimeout as sleep } from 'node:timers/promises';
import { messageOf } from '#core/contract/errors.ts';
import type { BucketName } from '#core/contract/streams.ts';
import type { Nats } from './connection.ts';
import { createConsumer } from './jetstream.ts';
import { pull } from './pull.ts';
import { REOPEN_PAUSE } from './retry.ts';

export interface BucketEntry {
  key: string;
  /** undefined when the key was deleted. */
  value: Uint8Array | undefined;
  revision: number;
  created: number;
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
    /** After each full reading. */
    onSnapshot(keys: ReadonlySet<string>): void;
    log: { warn(o: object, m: string): void };
    signal: AbortSignal;
  },
): Promise<void> {
  const { onEntry, onSnapshot, log, signal } = options;
  while (!signal.aborted) {
    try {
      const name = `watch_${crypto.randomUUID().replaceAll('-', '')}`;
      const info = await createConsumer(nats, `KV_${bucket}`, {
        name,
        filter_subject: `$KV.${bucket}.>`,
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
      for await (const batch of pull(nats, `KV_${bucket}`, name, { batch: 512, signal })) {
        for (const m of batch) {
          const operation = m.header('KV-Operation');
          const deleted = operation === 'DEL' || operation === 'PURGE';
          const key = m.subject.slice(`$KV.${bucket}.`.length);
          if (!deleted) keys.add(key);
          onEntry({ key, value: deleted ? undefined : m.data, revision: m.seq, created: m.stored });
          if (!snapshot && m.pending === 0) done();
        }
      }
    } catch (error) {
      if (signal.aborted) return;
      log.warn({ bucket, error: messageOf(error) }, 'the watch of a bucket ended: opening it again');
    }
    await sleep(REOPEN_PAUSE, undefined, { signal }).catch(() => {});
  }
}
