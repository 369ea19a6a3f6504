import { KanadeError } from '#core/contract/errors.ts';
import { subjects } from '#core/contract/subjects.ts';
import { lastMessage } from '#core/nats/jetstream.ts';
import { type ExecutionView, getExecution } from '../projectors/read/executions.ts';
import type { HttpContext } from './context.ts';

/**
 * The execution; `not_found` when there is none. One that was submitted, and that this backend has not projected yet, is
 * `not_ready`: another backend may show it already, and a caller that is told of no such execution could run it again.
 */
export async function knownExecution(ctx: HttpContext, id: string): Promise<ExecutionView> {
  const execution = getExecution(ctx.db, id, ctx.clock()) ?? (await justSubmitted(ctx, id));
  if (execution === undefined) throw new KanadeError('not_found', `there is no execution ${id}`);
  return execution;
}

async function justSubmitted(ctx: HttpContext, id: string): Promise<ExecutionView | undefined> {
  const stored = await lastMessage(ctx.nats, 'EXECUTIONS', subjects.submitted(id));
  if (stored === undefined) return undefined;
  // What is not there although it was read is past its retention, or a dead letter.
  const read = ctx.projection.status().streams.EXECUTIONS.seq >= stored.seq;
  if (!read) throw new KanadeError('not_ready', `execution ${id} is submitted, and not projected yet`);
  return getExecution(ctx.db, id, ctx.clock());
}
