import { KanadeError } from '#core/contract/errors.ts';

/** So many at work at once, the others in line in the order they came. Whoever has left the line is passed over. */
export class Gate {
  readonly #width: number;
  readonly #line: (() => void)[] = [];
  #working = 0;

  constructor(width: number) {
    this.#width = width;
  }

  get waiting(): number {
    return this.#line.length;
  }

  async through<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> {
    if (this.#working < this.#width) this.#working++;
    else await new Promise<void>((resolve) => this.#line.push(resolve));
    try {
      if (signal.aborted) throw new KanadeError('not_ready', 'whoever asked is gone');
      return await work();
    } finally {
      const next = this.#line.shift();
      // The place goes on to the next.
      if (next) next();
      else this.#working--;
    }
  }
}
