import type { Heartbeat } from '#core/contract/heartbeat.ts';

/** A PC is online while its last heartbeat, sent every 30 s, is younger than this. Milliseconds. */
export const ONLINE_FOR = 90_000;

/** What this backend has heard of one PC since it started; memory only (design section 5). */
export interface Beat {
  heartbeat: Heartbeat;
  /** When it came, by our monotonic clock and by our wall clock. Milliseconds. */
  heardMono: number;
  heardAt: number;
  /** The instances heard of, newest last: one that comes back after another is a copy of this PC. */
  instances: string[];
}

/** The last heartbeat of each PC. */
export class Beats {
  readonly #beats = new Map<string, Beat>();
  readonly #mono: () => number;
  readonly #clock: () => number;

  constructor(mono: () => number, clock: () => number) {
    this.#mono = mono;
    this.#clock = clock;
  }

  /** Takes a heartbeat; true when an earlier instance of the same ledger came back after another one. */
  take(heartbeat: Heartbeat): boolean {
    const before = this.#beats.get(heartbeat.pc_id);
    const instances = before?.instances ?? [];
    const { instance } = heartbeat;
    const copy = instance !== undefined && instances.includes(instance) && instances.at(-1) !== instance;
    const known =
      instance === undefined || instances.at(-1) === instance
        ? instances
        : [...instances.filter((i) => i !== instance), instance].slice(-4);
    this.#beats.set(heartbeat.pc_id, { heartbeat, heardMono: this.#mono(), heardAt: this.#clock(), instances: known });
    return copy;
  }

  get(pc: string): Beat | undefined {
    return this.#beats.get(pc);
  }

  online(pc: string): boolean {
    const beat = this.#beats.get(pc);
    return beat !== undefined && !beat.heartbeat.stopping && this.#mono() - beat.heardMono < ONLINE_FOR;
  }

  forget(pc: string): void {
    this.#beats.delete(pc);
  }

  /** The PCs heard of, online or not. */
  pcs(): Iterable<string> {
    return this.#beats.keys();
  }
}
