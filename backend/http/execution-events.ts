import { setTimeout as sleep } from 'node:timers/promises';
import { KanadeError } from '#core/contract/errors.ts';
import { sleepOrWake, Wake } from '#core/nats/retry.ts';
import { type ExecutionView, getExecution } from '../projectors/read/executions.ts';
import { changedTargets, listTargets, type Progress } from '../projectors/read/targets.ts';
import type { HttpContext } from './context.ts';
import type { EventStream } from './event-stream.ts';

/** Milliseconds between two readings, however fast the results come. */
const PACE = 50;
/** Milliseconds after which an execution is looked at again even if nothing was said of it. */
const LOOK_AGAIN = 60_000;
const PAGE = 500;

/** A position as a Last-Event-ID: where the projection had read to. Good on every backend. */
export function positionText({ epoch, executions, events, results }: Progress): string {
  return `${epoch}.${executions}.${events}.${results}`;
}

/** The position in a Last-Event-ID; undefined, and so everything from the start, when it is none of ours. */
export function parsePosition(text: string | undefined): Progress | undefined {
  const match = /^([0-9a-f]{1,64})\.(\d{1,15})\.(\d{1,15})\.(\d{1,15})$/.exec(text ?? '');
  if (match === null) return undefined;
  const [, epoch, executions, events, results] = match;
  return { epoch: epoch!, executions: Number(executions), events: Number(events), results: Number(results) };
}

/**
 * What becomes of an execution, as events: `target` for each row that changed, `execution` when the counts did, `done`
 * when no PC is queued or running any more, which ends the stream.
 *
 * Catching up, cutting over and being live are one loop: commits only say that there is something to read, and what is
 * read are the rows that changed since the position that was sent last. So nothing is missed between the phases, and a
 * slow client gets the newest state of each row instead of a backlog. Only the last event of a reading carries an id:
 * a client that breaks off in the middle of one gets all of it again.
 */
export async function streamExecution(
  ctx: HttpContext,
  execId: string,
  since: Progress | undefined,
  stream: EventStream,
  signal: AbortSignal,
): Promise<void> {
  const wake = new Wake();
  let news = true;
  const stop = ctx.projection.onCommit(({ execIds }) => {
    if (!execIds.has(execId)) return;
    news = true;
    wake.fire();
  });
  try {
    let position = since;
    let told = '';
    let expiryTold = false;
    for (;;) {
      news = false;
      const now = ctx.clock();
      const { items, all, progress } = changedTargets(ctx.db, execId, position, now);
      const execution = getExecution(ctx.db, execId, now);
      if (execution === undefined) throw new KanadeError('not_found', `there is no execution ${execId}`);
      for (const item of items) await stream.send({ event: 'target', data: item });
      const expired = hasExpired(execution, now);
      // Expiry is no message: no row changes by it, it only reads differently from then on.
      if (expired && !expiryTold && !all) await sendExpired(ctx, execId, now, stream);
      expiryTold = expired;
      const counts = JSON.stringify(execution.counts);
      position = progress;
      const id = positionText(progress);
      if (counts !== told || items.length > 0) await stream.send({ id, event: 'execution', data: summaryOf(execution) });
      told = counts;
      if (execution.status === 'done') {
        await stream.send({ id, event: 'done', data: summaryOf(execution) });
        return;
      }
      if (!news) await sleepOrWake(untilExpiry(execution, now), wake, signal);
      await sleep(PACE, undefined, { signal });
    }
  } finally {
    stop();
  }
}

function summaryOf({ exec_id, status, target_count, counts }: ExecutionView) {
  return { exec_id, status, target_count, counts };
}

function hasExpired({ expires_at }: ExecutionView, now: number): boolean {
  return expires_at !== null && Date.parse(expires_at) <= now;
}

function untilExpiry(execution: ExecutionView, now: number): number {
  if (execution.expires_at === null || hasExpired(execution, now)) return LOOK_AGAIN;
  return Math.min(LOOK_AGAIN, Date.parse(execution.expires_at) - now + 1);
}

async function sendExpired(ctx: HttpContext, execId: string, now: number, stream: EventStream): Promise<void> {
  let after: string | undefined;
  do {
    const page = listTargets(ctx.db, execId, { states: ['expired'], after, limit: PAGE, now });
    for (const item of page.items) await stream.send({ event: 'target', data: item });
    after = page.next;
  } while (after !== undefined);
}
