import { senderOf } from '#core/contract/quota.ts';
import { isJetStreamError } from '#core/nats/connection.ts';
import { inParallel } from '#core/nats/in-parallel.ts';
import { deleteMessage, streamInfo } from '#core/nats/jetstream.ts';
import { readStream } from '#core/nats/read-stream.ts';
import { endReached } from '../lease/caught-up.ts';
import { pcsWithSurplus, surplusOf } from '../projectors/read/surplus.ts';
import type { WeighedStream } from '../projectors/volumes.ts';
import type { Remover } from './keep-quota.ts';

/** Each is a request of its own, and a flood has many of them. */
const AT_ONCE = 64;

const SUBJECTS: Record<WeighedStream, (pc: string) => string[]> = {
  EVENTS: (pc) => [`events.started.*.${pc}`, `events.agent.*.${pc}`],
  RESULTS: (pc) => [`results.*.${pc}`],
};

/** Of EVENTS and RESULTS those messages go that came while their PC had said too much; what it has said before stays. */
export function refusedSurplus(stream: WeighedStream): Remover {
  /** Up to where nothing is left of each PC, in the stream that was made then. */
  const done = new Map<string, { epoch: string; seq: number }>();
  return {
    stream,
    leftBehind: async (ctx, signal) => {
      await endReached(ctx, stream, signal);
      return pcsWithSurplus(ctx.db, stream);
    },
    remove: async ({ nats, db }, pc, _named, signal) => {
      const { created: epoch } = await streamInfo(nats, stream);
      const before = done.get(pc);
      const behind = before?.epoch === epoch ? before.seq : 0;
      const runs = surplusOf(db, stream, pc, behind);
      const end = runs.at(-1)?.last ?? 0;
      if (end <= behind) return 0;
      let removed = 0;
      const from = Math.max(behind + 1, runs[0]!.first);
      const what = {
        deliver_policy: 'by_start_sequence',
        opt_start_seq: from,
        filter_subjects: SUBJECTS[stream](pc),
        headers_only: true,
      } as const;
      for await (const messages of readStream(nats, stream, what, signal)) {
        const surplus = messages.filter(({ seq, subject }) => {
          while (runs.length > 0 && runs[0]!.last < seq) runs.shift();
          // A PC that is spelt as a wildcard would be everybody.
          return runs.length > 0 && seq >= runs[0]!.first && senderOf(stream, subject) === pc;
        });
        await inParallel(surplus, AT_ONCE, async ({ seq }) => {
          try {
            await deleteMessage(nats, stream, seq);
            removed++;
          } catch (error) {
            // It is gone already.
            if (!isJetStreamError(error)) throw error;
          }
        });
        if (runs.length === 0) break;
      }
      done.set(pc, { epoch, seq: end });
      return removed;
    },
  };
}
