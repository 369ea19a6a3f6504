import type { Heartbeat } from '#core/contract/heartbeat.ts';
import { instant } from '#core/contract/time.ts';

/** A PC is online while its last heartbeat, sent every 30 s, is younger than this. Milliseconds. */
export const ONLINE_FOR = 90_000;

/** Ledgers remembered of one PC: two are a conflict already, and whoever makes up more shall cost nothing. */
const LEDGERS_MAX = 4;

/** What this backend has heard of one PC since it started; memory only (design section 5). */
export interface Beat {
  heartbeat: Heartbeat;
  /** When it came, by our monotonic clock, in milliseconds. */
  heardMono: number;
  /** The same by our wall clock, as it is shown: the list of 10,000 PCs would write 10,000 dates each time. */
  heardAt: string;
  /** The instances heard of, newest last: one that comes back after another is a copy of this PC. */
  instances: string[];
  /** When each ledger that answers to this id was last heard of, by our monotonic clock, until it said that it stops. */
  ledgers: ReadonlyMap<string, number>;
}

/** The last heartbeat of each PC. */
export class Beats {
  readonly #beats = new Map<string, Beat>();
  readonly #mono: () => number;
  readonly #clock: () => number;
  readonly #since: number;

  constructor(mono: () => number, clock: () => number) {
    this.#since = mono();
    this.#mono = mono;
    this.#clock = clock;
  }

  /**
   * Takes a heartbeat; true when an earlier instance of the same ledger came back after another one. While the PC whose
   * ledger is `enrolled` is about, what another one says under its id is not shown as the PC's.
   */
  take(heartbeat: Heartbeat, enrolled?: string): boolean {
    const pc = heartbeat.pc_id;
    const before = this.#beats.get(pc);
    const ledgers = this.#ledgersWith(heartbeat, before, enrolled);
    if (before && enrolled !== undefined && heartbeat.ledger_id !== enrolled && ledgers.has(enrolled)) {
      this.#beats.set(pc, { ...before, ledgers });
      return false;
    }
    const instances = before?.instances ?? [];
    const { instance } = heartbeat;
    const copy = instance !== undefined && instances.includes(instance) && instances.at(-1) !== instance;
    const known =
      instance === undefined || instances.at(-1) === instance
        ? instances
        : [...instances.filter((i) => i !== instance), instance].slice(-4);
    this.#beats.set(pc, { heartbeat, heardMono: this.#mono(), heardAt: instant(this.#clock()), instances: known, ledgers });
    return copy;
  }

  /** Whether a PC with this ledger has been heard of lately under this id and has not stopped since. */
  heardLately(pc: string, ledgerId: string): boolean {
    const at = this.#beats.get(pc)?.ledgers.get(ledgerId);
    return at !== undefined && this.#mono() - at < ONLINE_FOR;
  }

  /** Whether another ledger than this one has been heard of lately under this id. */
  hasRival(pc: string, ledgerId: string | undefined): boolean {
    const now = this.#mono();
    return [...(this.#beats.get(pc)?.ledgers ?? [])].some(([id, at]) => id !== ledgerId && now - at < ONLINE_FOR);
  }

  get(pc: string): Beat | undefined {
    return this.#beats.get(pc);
  }

  online(pc: string): boolean {
    return this.heardWithin(pc, ONLINE_FOR);
  }

  /** Whether it was heard of so lately, in milliseconds, and has not stopped since. */
  heardWithin(pc: string, ms: number): boolean {
    const beat = this.#beats.get(pc);
    return beat !== undefined && !beat.heartbeat.stopping && this.#mono() - beat.heardMono < ms;
  }

  /** Known not to be online: heard of no more, or never while this backend has listened for long enough. */
  off(pc: string): boolean {
    return !this.online(pc) && (this.#beats.has(pc) || this.#mono() - this.#since >= ONLINE_FOR);
  }

  forget(pc: string): void {
    this.#beats.delete(pc);
  }

  /** The PCs heard of, online or not. */
  pcs(): Iterable<string> {
    return this.#beats.keys();
  }

  #ledgersWith({ ledger_id, stopping }: Heartbeat, before: Beat | undefined, enrolled: string | undefined): Map<string, number> {
    const now = this.#mono();
    const ledgers = new Map([...(before?.ledgers ?? [])].filter(([id, at]) => id !== ledger_id && now - at < ONLINE_FOR));
    if (ledger_id !== undefined && !stopping) ledgers.set(ledger_id, now);
    const oldest = ledgers.keys().find((id) => id !== enrolled);
    if (ledgers.size > LEDGERS_MAX && oldest !== undefined) ledgers.delete(oldest);
    return ledgers;
  }
}
