import { KanadeError } from '#core/contract/errors.ts';
import type { HttpContext } from './context.ts';

/** Milliseconds an answer waits for the projection. */
const PATIENCE = 5000;

/**
 * Waits until this backend can show what was stored at `seq` of EXECUTIONS (0 = nothing was), but not for ever. What was
 * stored counts, whether or not the projection keeps up: an error here would make the caller send it again, and
 * without an Idempotency-Key it would run twice.
 */
export async function projected(ctx: Pick<HttpContext, 'projection' | 'log'>, seq: number, signal: AbortSignal): Promise<void> {
  if (seq === 0) return;
  try {
    await ctx.projection.passed('EXECUTIONS', seq, { signal, timeout: PATIENCE });
  } catch (error) {
    if (!signal.aborted && !(error instanceof KanadeError && error.code === 'not_ready')) throw error;
    ctx.log.warn({ seq }, 'answered before the projection had read it');
  }
}
