import { setTimeout as sleep } from 'node:timers/promises';
import { messageOf } from '#core/contract/errors.ts';
import { isId } from '#core/contract/ids.ts';
import type { Log } from '#core/contract/log.ts';
import { quotaOf, weightOf } from '#core/contract/quota.ts';
import type { Nats } from '#core/nats/connection.ts';
import { createConsumer, deleteConsumer, purgeStream, streamInfo } from '#core/nats/jetstream.ts';
import { pull } from '#core/nats/pull.ts';
import { OutputWeights } from './output-weights.ts';
import type { OverQuota } from './over-quota.ts';

/** Milliseconds. */
const TRY_AGAIN = 1000;
const BATCH = 1024;

/**
 * Lease holder only: of a PC that has more in OUTPUT than a PC may, the oldest goes, before it pushes out that of others. Nothing
 * projects OUTPUT: how long each message is, is read from the stream, without what it holds.
 */
export async function keepOutput({ nats, log }: { nats: Nats; log: Log }, over: OverQuota, signal: AbortSignal): Promise<void> {
  const at: Reading = { epoch: '', next: 1, weights: new OutputWeights() };
  while (!signal.aborted) {
    try {
      await weigh(nats, at, over, signal);
    } catch (error) {
      if (!signal.aborted) log.warn({ error: messageOf(error) }, 'how much output PCs have is not known: trying again');
      await sleep(TRY_AGAIN, undefined, { signal }).catch(() => {});
    }
  }
}

/** How far the stream that was made then has been read. */
interface Reading {
  epoch: string;
  next: number;
  weights: OutputWeights;
}

async function weigh(nats: Nats, at: Reading, over: OverQuota, signal: AbortSignal): Promise<void> {
  const { created, state, config } = await streamInfo(nats, 'OUTPUT');
  // Another stream, or one that was put back from an older copy.
  if (created !== at.epoch || state.last_seq + 1 < at.next) Object.assign(at, { epoch: created, next: 1, weights: new OutputWeights() });
  let quota = quotaOf('OUTPUT', config.max_bytes);
  const name = `output_quota_${crypto.randomUUID().replaceAll('-', '')}`;
  await createConsumer(nats, 'OUTPUT', {
    name,
    deliver_policy: 'by_start_sequence',
    opt_start_seq: at.next,
    ack_policy: 'none',
    headers_only: true,
    filter_subject: 'output.>',
    mem_storage: true,
    num_replicas: 1,
    inactive_threshold: 60e9,
  });
  try {
    for await (const messages of pull(nats, 'OUTPUT', name, { batch: BATCH, signal })) {
      const heavy = new Set<string>();
      for (const message of messages) {
        const pc = message.subject.split('.')[1]!;
        at.next = message.seq + 1;
        // Nobody else's are below the subjects of an id, as they are below those of a wildcard.
        if (isId(pc) && at.weights.add(pc, message.seq, weightOf(Number(message.header('Nats-Msg-Size') ?? 0))) > quota) heavy.add(pc);
      }
      if (heavy.size === 0) continue;
      const now = await streamInfo(nats, 'OUTPUT');
      quota = quotaOf('OUTPUT', now.config.max_bytes);
      for (const pc of heavy) {
        const before = at.weights.cut(pc, quota, now.state.first_seq);
        if (before === undefined) continue;
        const { purged } = await purgeStream(nats, 'OUTPUT', `output.${pc}.>`, before);
        if (purged > 0) await over.say('OUTPUT', pc, purged);
      }
    }
  } finally {
    // It goes by itself after a minute; when the broker is away there is nobody to tell.
    await deleteConsumer(nats, 'OUTPUT', name).catch(() => {});
  }
}
