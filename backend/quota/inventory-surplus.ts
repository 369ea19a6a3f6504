import { setImmediate as yieldToOthers } from 'node:timers/promises';
import { isJetStreamError } from '#core/nats/connection.ts';
import { inParallel } from '#core/nats/in-parallel.ts';
import { deleteMessage, purgeStream, streamInfo, subjectsOf } from '#core/nats/jetstream.ts';
import { endReached } from '../lease/caught-up.ts';
import { firstMessages } from '../projectors/read/inventory.ts';
import type { KeepQuotaContext, Remover } from './keep-quota.ts';

const AT_ONCE = 16;

/** Of INVENTORY whole sections go, what is older than the first message of a section that counts, and single messages. */
export const inventorySurplus: Remover = { stream: 'INVENTORY', leftBehind, remove };

/** The PCs that have subjects in the stream of which nothing counts. */
async function leftBehind(ctx: KeepQuotaContext, signal: AbortSignal): Promise<Set<string>> {
  const subjects = await subjectsOf(ctx.nats, 'INVENTORY', 'inventory.*.>');
  await endReached(ctx, 'INVENTORY', signal);
  const found = new Set<string>();
  for (const [pc, some] of Map.groupBy(subjects, (subject) => subject.split('.')[1]!)) {
    await yieldToOthers();
    const counting = firstMessages(ctx.db, pc);
    if (some.some((subject) => !counting.has(sectionIn(subject, pc)))) found.add(pc);
  }
  return found;
}

async function remove({ nats, db, projection }: KeepQuotaContext, pc: string, refused: ReadonlySet<number>): Promise<number> {
  // Of what came behind this nothing is judged yet.
  const { epoch, seq } = projection.status().streams.INVENTORY;
  const { created } = await streamInfo(nats, 'INVENTORY');
  if (created !== epoch) return 0;
  const counting = firstMessages(db, pc);
  let removed = 0;
  await inParallel(await subjectsOf(nats, 'INVENTORY', `inventory.${pc}.>`), AT_ONCE, async (subject) => {
    const first = counting.get(sectionIn(subject, pc)) ?? seq + 1;
    removed += (await purgeStream(nats, 'INVENTORY', subject, first)).purged;
  });
  await inParallel([...refused], AT_ONCE, async (message) => {
    try {
      await deleteMessage(nats, 'INVENTORY', message);
      removed++;
    } catch (error) {
      // Newer ones have pushed it out.
      if (!isJetStreamError(error)) throw error;
    }
  });
  return removed;
}

function sectionIn(subject: string, pc: string): string {
  return subject.slice(`inventory.${pc}.`.length);
}
