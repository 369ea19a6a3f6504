import { KanadeError } from '#core/contract/errors.ts';
import type { Nats } from '#core/nats/connection.ts';
import { streamInfo } from '#core/nats/jetstream.ts';
import type { Projection } from '../projectors/projection.ts';
import type { ProjectedStream } from '../projectors/streams.ts';

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
    const end = await endReached(ctx, stream, signal);
    if (stream === 'EXECUTIONS') executions = end;
  }
  return { executions };
}

/** The same of one stream, with its end. */
export async function endReached(
  ctx: { nats: Nats; projection: Pick<Projection, 'passed' | 'status'> },
  stream: ProjectedStream,
  signal: AbortSignal,
): Promise<number> {
  for (;;) {
    const { state } = await streamInfo(ctx.nats, stream);
    // Purged, or all of it is too old: its last sequence is one that nobody will read.
    if (state.messages === 0 || (await passed(ctx, stream, state.last_seq, signal))) return state.last_seq;
    const { caughtUp: allRead, lag, error } = ctx.projection.status().streams[stream];
    // The same of a last message that was deleted by itself.
    if (allRead && lag === 0 && error === undefined) return state.last_seq;
  }
}

async function passed(
  { projection }: { projection: Pick<Projection, 'passed'> },
  stream: ProjectedStream,
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
