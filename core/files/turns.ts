/** Runs the tasks of one key one after another, in the order they came; those of different keys at once. */
export class Turns {
  readonly #last = new Map<string, Promise<unknown>>();

  /** Settles as `task` does. */
  run<T>(key: string, task: () => Promise<T>): Promise<T> {
    const before = this.#last.get(key);
    // A failure is told to whoever asked for that task; the next one starts all the same.
    const mine = before ? before.then(task, task) : task();
    this.#last.set(key, mine);
    const forget = () => {
      if (this.#last.get(key) === mine) this.#last.delete(key);
    };
    mine.then(forget, forget);
    return mine;
  }
}
