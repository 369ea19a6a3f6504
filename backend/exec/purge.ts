import { setTimeout as sleep } from 'node:timers/promises';
import { messageOf } from '#core/contract/errors.ts';
import { lastToken, subjects } from '#core/contract/subjects.ts';
import { inParallel } from '#core/nats/in-parallel.ts';
import { purgeStream, subjectsOf } from '#core/nats/jetstream.ts';
import type { Projection } from '../projectors/projection.ts';
import { isClosed, wasBroadcast } from '../projectors/read/executions.ts';
import type { ExecContext } from './context.ts';

const SWEEP_EVERY = 600_000;

/**
 * Lease holder only: once all PCs of an execution are final its commands are purged, so that EXEC holds what somebody
 * still waits for and nothing else. What a crash leaves behind the sweep finds.
 */
export async function runPurges(ctx: ExecContext, projection: Pick<Projection, 'onCommit'>, signal: AbortSignal): Promise<void> {
  const touched = new Set<string>();
  const stop = projection.onCommit(({ execIds }) => {
    for (const id of execIds) touched.add(id);
  });
  try {
    let sweepAt = 0;
    while (!signal.aborted) {
      try {
        if (performance.now() >= sweepAt) {
          for (const id of await executionsInExec(ctx)) touched.add(id);
          sweepAt = performance.now() + SWEEP_EVERY;
        }
        const ids = [...touched];
        touched.clear();
        const closed = ids.filter((id) => isClosed(ctx.db, id, ctx.clock()));
        await inParallel(closed, 8, (id) => purgeCommands(ctx, id));
      } catch (error) {
        ctx.log.warn({ error: messageOf(error) }, 'purging finished commands failed: the next sweep finds them');
      }
      await sleep(1000, undefined, { signal }).catch(() => {});
    }
  } finally {
    stop();
  }
}

/** Each purge makes the broker look at every PC's durable: one that can find nothing is spared. */
async function purgeCommands(ctx: ExecContext, execId: string): Promise<void> {
  if (wasBroadcast(ctx.db, execId)) await purgeStream(ctx.nats, 'EXEC', subjects.commandAll(execId));
  await purgeStream(ctx.nats, 'EXEC', subjects.commandPc('*', execId));
}

/** The executions that EXEC still holds commands of. The seeds' forms carry no execution id and are left to their age. */
async function executionsInExec({ nats }: ExecContext): Promise<Set<string>> {
  const found = await Promise.all(['commands.all.*', 'commands.pc.*.*'].map((filter) => subjectsOf(nats, 'EXEC', filter)));
  return new Set(found.flat().map(lastToken));
}
