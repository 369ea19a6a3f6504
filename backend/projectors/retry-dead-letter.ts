import type { Database } from 'better-sqlite3';
import { KanadeError } from '#core/contract/errors.ts';
import { isJetStreamError, type Nats, NO_MESSAGE } from '#core/nats/connection.ts';
import { messageAt } from '#core/nats/jetstream.ts';
import { type ReadContext, readItems } from './read-items.ts';
import type { ProjectedStream } from './streams.ts';
import type { Committed, Writer } from './writer.ts';

interface Letter {
  stream: ProjectedStream;
  seq: number;
  recorded: number;
}

/** Reads the message again from its stream, which has the whole of it; `not_found` when it is no longer there. */
export async function retryDeadLetter(
  ctx: ReadContext & { db: Database; writer: Writer },
  id: number,
): Promise<{ letter: Letter; committed: Committed; projected: boolean }> {
  const letter = ctx.db.prepare<[number], Letter>('SELECT stream, seq, recorded FROM dead_letters WHERE id = ?').get(id);
  if (letter === undefined) throw new KanadeError('not_found', `there is no dead letter ${id}`);
  const message = await messageIn(ctx.nats, letter);
  if (message === undefined || message.stored !== letter.recorded) {
    throw new KanadeError('not_found', `message ${letter.seq} is no longer in ${letter.stream}`);
  }
  const [item] = await readItems(ctx, letter.stream, [message]);
  return { letter, ...ctx.writer.retry(item!) };
}

async function messageIn(nats: Nats, { stream, seq }: Letter) {
  try {
    return await messageAt(nats, stream, seq);
  } catch (error) {
    if (isJetStreamError(error, NO_MESSAGE)) return undefined;
    throw error;
  }
}
