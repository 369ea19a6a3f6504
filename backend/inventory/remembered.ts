/** So much longer than it took to find out is it told again although something has changed: completion asks at every key. */
const GOOD_FOR = 10;
/** Milliseconds. What goes with its age is told to nobody. */
const AGAIN_AFTER = 3_600_000;

/** What takes a while to find out: asked for again when something has changed since, and not while it is being found out. */
export class Remembered<T> {
  readonly #find: () => Promise<T>;
  readonly #mono: () => number;
  #last: { stale: boolean; done: boolean; until: number; again: number; found: Promise<T> } | undefined;

  /** `mono` in milliseconds. */
  constructor(find: () => Promise<T>, mono: () => number) {
    this.#find = find;
    this.#mono = mono;
  }

  /** Something has changed. */
  touch(): void {
    if (this.#last !== undefined) this.#last.stale = true;
  }

  read(): Promise<T> {
    const begun = this.#mono();
    if (this.#last !== undefined) {
      const { stale, done, until, again, found } = this.#last;
      if (!done || begun < until || (!stale && begun < again)) return found;
    }
    return this.#begin(begun);
  }

  /** The same, but never as it was before a change: for what is remembered in its turn. */
  fresh(): Promise<T> {
    const begun = this.#mono();
    const last = this.#last;
    return last !== undefined && !last.stale && begun < last.again ? last.found : this.#begin(begun);
  }

  #begin(begun: number): Promise<T> {
    const last = { stale: false, done: false, until: 0, again: begun + AGAIN_AFTER, found: this.#find() };
    this.#last = last;
    const ended = () => {
      last.done = true;
      last.until = this.#mono() + GOOD_FOR * (this.#mono() - begun);
    };
    last.found.then(ended, () => {
      if (this.#last === last) this.#last = undefined;
    });
    return last.found;
  }
}
