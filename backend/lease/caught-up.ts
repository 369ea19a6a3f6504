import { KanadeError } from '#core/contract/errors.ts';
import type { Nats } from '#core/nats/connection.ts';
import { streamInfo } from '#core/nats/jetstream.ts';
import type { Projection } from '../projectors/projection.ts';

/** Milliseconds until the stream is looked at again: it may have been deleted and made anew, and count from 1. */
const LOOK_AGAIN = 60_000;

/**
 * Resolves when this backend's projection holds all that the streams held at this moment. Whoever has just taken the lease
 * decides nothing before: what its predecessor did last may not be projected here yet. Rejects when `signal` aborts.
 */
export async function caughtUp(ctx: { nats: Nats; projection: Pick<Projection, 'passed'> }, signal: AbortSignal): Promise<void> {
  for (const stream of ['EXECUTIONS', 'EVENTS', 'RESULTS', 'KV_completions'] as const) {
    for (let done = false; !done; ) {
      const { state } = await streamInfo(ctx.nats, stream);
      done = await ctx.projection.passed(stream, state.last_seq, { signal, timeout: LOOK_AGAIN }).then(
        () => true,
        (error: unknown) => {
          if (error instanceof KanadeError && error.code === 'not_ready') return false;
          throw error;
        },
      );
    }
  }
}
