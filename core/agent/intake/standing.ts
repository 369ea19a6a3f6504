import type { Sync } from '#core/contract/control.ts';
import { Wake } from '#core/nats/retry.ts';

/**
 * Whether the backend counts this PC, with this ledger, as the one it enrolled. Unconfirmed at each start and after each
 * disconnection, for another PC may have taken this id meanwhile; confirmed by a sync that names our ledger; refused by
 * one that names another or says why. Nothing runs unless it is confirmed.
 */
export class Standing {
  /** Fires at every sync. */
  readonly synced = new Wake();
  readonly #ledgerId: string;
  #enrolledAt: number | undefined;
  #epoch = '';
  #refused: string | undefined;

  constructor(ledgerId: string) {
    this.#ledgerId = ledgerId;
  }

  get confirmed(): boolean {
    return this.#enrolledAt !== undefined;
  }

  /** Milliseconds since 1970; only when confirmed. */
  get enrolledAt(): number {
    return this.#enrolledAt ?? Number.POSITIVE_INFINITY;
  }

  /** When the EXEC stream was made that sequences now belong to. */
  get epoch(): string {
    return this.#epoch;
  }

  /** Why this PC may not run anything, as the backend said it. */
  get refused(): string | undefined {
    return this.#refused;
  }

  /** The connection was lost: what was said over it counts no more. */
  doubt(): void {
    this.#enrolledAt = undefined;
  }

  take(sync: Sync): void {
    const ours = sync.ledger_id === this.#ledgerId && sync.refused === undefined;
    this.#enrolledAt = ours ? Date.parse(sync.enrolled_at) : undefined;
    this.#refused = ours ? undefined : (sync.refused ?? 'another PC is enrolled under this id');
    this.#epoch = sync.epoch;
    this.synced.fire();
  }
}
