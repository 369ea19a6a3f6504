import { KanadeError } from '#core/contract/errors.ts';

/** Milliseconds that one piece of work may keep the thread, and everybody who is waited for on it. */
const SLICE = 8;

/**
 * Long work on the thread that answers all requests, in slices: between two of them everything else has its turn, however
 * many such works there are.
 */
export class Slices {
  readonly #mono: () => number;
  readonly #waiting: (() => void)[] = [];

  /** `mono` in milliseconds. */
  constructor(mono: () => number) {
    this.#mono = mono;
  }

  begin(signal: AbortSignal): Slice {
    return new Slice(() => this.#turn(), this.#mono, signal);
  }

  #turn(): Promise<void> {
    return new Promise((resolve) => {
      if (this.#waiting.push(resolve) === 1) setImmediate(this.#next);
    });
  }

  readonly #next = () => {
    // What it starts runs before the next look at the network, and no other of these does.
    this.#waiting.shift()!();
    if (this.#waiting.length > 0) setImmediate(this.#next);
  };
}

export class Slice {
  readonly #turn: () => Promise<void>;
  readonly #mono: () => number;
  readonly #signal: AbortSignal;
  #begun: number;

  constructor(turn: () => Promise<void>, mono: () => number, signal: AbortSignal) {
    this.#turn = turn;
    this.#mono = mono;
    this.#signal = signal;
    this.#begun = mono();
  }

  get over(): boolean {
    return this.#mono() - this.#begun > SLICE;
  }

  /** Does work that can be interrupted wherever it yields. */
  async through<T>(work: Generator<void, T>): Promise<T> {
    for (;;) {
      const { done, value } = work.next();
      if (done) return value;
      if (this.over) await this.pause();
    }
  }

  /** Lets everything else have its turn. Rejects when nobody waits for this work any more. */
  async pause(): Promise<void> {
    await this.#turn();
    if (this.#signal.aborted) throw new KanadeError('not_ready', 'nobody waits for this any more');
    this.#begun = this.#mono();
  }
}
