import { KanadeError } from '#core/contract/errors.ts';
import type { Nats } from '#core/nats/connection.ts';
import { streamInfo } from '#core/nats/jetstream.ts';
import type { Projection } from '../projectors/projection.ts';

/** Milliseconds until it is looked at again what the stream holds and how far the projector is. */
const LOOK_AGAIN = 10_000;

/**
 * Resolves when this backend's projection holds all that the streams held at this moment, with the end of EXECUTIONS then.
 * Whoever has just taken the lease decides nothing before: what its predecessor did last may not be projected here yet.
 * Rejects when `signal` aborts.
 */
export async function caughtUp(
  ctx: { nats: Nats; projection: Pick<Projection, 'passed' | 'status'> },
  signal: AbortSignal,
): Promise<{ executions: number }> {
  let executions = 0;
  for (const stream of ['EXECUTIONS', 'EVENTS', 'RESULTS', 'KV_completions'] as const) {
    for (;;) {
      const { state } = await streamInfo(ctx.nats, stream);
      if (stream === 'EXECUTIONS') executions = state.last_seq;
      // Purged, or all of it is too old: its last sequence is one that nobody will read.
      if (state.messages === 0 || (await passed(ctx, stream, state.last_seq, signal))) break;
      const { caughtUp: allRead, lag, error } = ctx.projection.status().streams[stream];
      // The same of a last message that was deleted by itself.
      if (allRead && lag === 0 && error === undefined) break;
    }
  }
  return { executions };
}

async function passed(
  { projection }: { projection: Pick<Projection, 'passed'> },
  stream: Parameters<Projection['passed']>[0],
  seq: number,
  signal: AbortSignal,
): Promise<boolean> {
  try {
    await projection.passed(stream, seq, { signal, timeout: LOOK_AGAIN });
    return true;
  } catch (error) {
    if (error instanceof KanadeError && error.code === 'not_ready') return false;
    throw error;
  }
}
