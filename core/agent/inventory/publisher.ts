import { encode } from '#core/contract/codec.ts';
import { messageOf } from '#core/contract/errors.ts';
import { deriveId } from '#core/contract/ids.ts';
import { INVENTORY_MAX, INVENTORY_REPEAT, type InventorySection } from '#core/contract/inventory.ts';
import type { Log } from '#core/contract/log.ts';
import { instant } from '#core/contract/time.ts';
import type { Kept } from '#core/files/state-file.ts';
import { Turns } from '#core/files/turns.ts';
import type { Standing } from '../intake/standing.ts';
import type { Outbox } from '../outbox/outbox.ts';
import { cutToSize } from './cut-to-size.ts';
import type { Reading } from './inventory-source.ts';
import { type InventoryState, stateFor } from './inventory-state.ts';
import { sectionHash } from './section-hash.ts';

export interface PublisherParts {
  pcId: string;
  ledgerId: string;
  standing: Standing;
  /** Milliseconds since 1970 of the broker's clock. */
  clock: () => number;
  outbox: Outbox;
  state: Kept<InventoryState>;
  log: Log;
}

export interface PublishedSection<S extends string = string> {
  section: S;
  hash: string;
  /** It is in the outbox now; otherwise it was said before. */
  changed: boolean;
  /** As the message says that was sent then. */
  collected_at?: string;
}

/** As long as any hash. */
const HASH_LIKE = '0'.repeat(64);

/**
 * Says what a section is when that is news: its hash is another than the last one said, or that was long ago, or to a
 * backend that has forgotten. First the outbox has it on disk, then it is remembered as said: a crash between the two says
 * it once more.
 */
export class Publisher {
  readonly #p: PublisherParts;
  readonly #turns = new Turns();

  constructor(parts: PublisherParts) {
    this.#p = parts;
  }

  /** When everything was last collected under this enrolment. */
  get collectedAt(): number | undefined {
    return this.#state().collected_at ?? undefined;
  }

  /** Everything has been collected just now. */
  async collected(): Promise<void> {
    await this.#keep({ ...this.#state(), collected_at: this.#p.clock() });
  }

  /** With `held` it is said also when one of these is another hash. Rejects with what the outbox rejects with. */
  publish<S extends string>(
    section: S,
    reading: Reading,
    from: Pick<InventorySection, 'job_id' | 'exec_id'> = {},
    held: readonly (string | undefined)[] = [],
  ): Promise<PublishedSection<S>> {
    return this.#turns.run(section, async () => {
      const { pcId, clock, outbox } = this.#p;
      const now = clock();
      const about = { pc_id: pcId, section, collected_at: instant(now), ...from };
      const frame = encode({ ...about, hash: HASH_LIKE, data: '', faults: '' });
      const kept = cutToSize(section, reading, INVENTORY_MAX - frame.length);
      const hash = sectionHash(kept);
      const said = this.#state().sections[section];
      const missed = held.some((other) => other !== hash);
      if (!missed && said?.hash === hash && said.published_at <= now && now < said.published_at + INVENTORY_REPEAT * 1000) {
        return { section, hash, changed: false };
      }
      await outbox.enqueue('inventory', section, encode({ ...about, hash, ...kept } satisfies InventorySection));
      const state = this.#state();
      await this.#keep({ ...state, sections: { ...state.sections, [section]: { hash, published_at: now } } });
      return { section, hash, changed: true, collected_at: about.collected_at };
    });
  }

  /** While nobody confirms this PC it is taken for what it was. */
  #state(): InventoryState {
    const { standing, ledgerId, state } = this.#p;
    if (!standing.confirmed) return state.value;
    const enrolment = deriveId('enrolment', ledgerId, instant(standing.enrolledAt));
    return stateFor(state.value, { enrolment, epoch: standing.epoch });
  }

  async #keep(state: InventoryState): Promise<void> {
    try {
      await this.#p.state.set(state);
    } catch (error) {
      const text = 'what was said of the inventory could not be written down: after a restart it is said again';
      this.#p.log.warn({ error: messageOf(error) }, text);
    }
  }
}
