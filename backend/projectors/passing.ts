import { KanadeError } from '#core/contract/errors.ts';
import type { ProjectedStream } from './streams.ts';

interface Waiter {
  seq: number;
  settle(error?: Error): void;
}

const DEFAULT_TIMEOUT = 10_000;

/** Who waits for a sequence of a stream to be in the database, and how far each stream is. */
export class Passing {
  readonly #at = new Map<ProjectedStream, number>();
  readonly #waiting = new Map<ProjectedStream, Set<Waiter>>();
  #ended: Error | undefined;

  /** `seq` is in the database. `anew`: the stream is another one, whose sequences count from 1 again. */
  at(stream: ProjectedStream, seq: number, anew: boolean): void {
    const now = anew ? seq : Math.max(seq, this.#at.get(stream) ?? 0);
    this.#at.set(stream, now);
    for (const waiter of this.#waiting.get(stream) ?? []) if (waiter.seq <= now) waiter.settle();
  }

  async passed(stream: ProjectedStream, seq: number, { signal, timeout }: { signal?: AbortSignal; timeout?: number }): Promise<void> {
    signal?.throwIfAborted();
    if (this.#ended) throw this.#ended;
    if ((this.#at.get(stream) ?? 0) >= seq) return;
    const waiters = this.#waiting.get(stream) ?? new Set();
    this.#waiting.set(stream, waiters);
    await new Promise<void>((resolve, reject) => {
      const waiter: Waiter = {
        seq,
        settle: (error) => {
          clearTimeout(timer);
          signal?.removeEventListener('abort', aborted);
          waiters.delete(waiter);
          if (error) reject(error);
          else resolve();
        },
      };
      const late = () => waiter.settle(new KanadeError('not_ready', `message ${seq} of ${stream} is not projected yet`));
      const timer = setTimeout(late, timeout ?? DEFAULT_TIMEOUT);
      const aborted = () => waiter.settle(signal?.reason as Error);
      signal?.addEventListener('abort', aborted, { once: true });
      waiters.add(waiter);
    });
  }

  end(error: Error): void {
    this.#ended = error;
    for (const waiters of this.#waiting.values()) for (const waiter of waiters) waiter.settle(error);
  }
}
