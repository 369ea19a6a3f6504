import { KanadeError } from '#core/contract/errors.ts';

export interface DownloadLimits {
  /** At once. */
  all: number;
  /** From one address: a site behind one is many PCs, whose line is the narrower one anyway. */
  perAddress: number;
  /** Milliseconds one may take: whoever reads drop by drop keeps nobody's place for longer. */
  patience: number;
  /** Bytes in a second. When no place is free, whoever is slower makes room. */
  slow: number;
  /** Milliseconds after its first bytes in which nobody is called slow. */
  grace: number;
}

export const DOWNLOAD_LIMITS: DownloadLimits = { all: 64, perAddress: 16, patience: 3_600_000, slow: 65_536, grace: 30_000 };

/** A place among the downloads. */
export interface Download {
  /** Aborts when it has taken too long, or others need the place more. */
  signal: AbortSignal;
  /** So many bytes more are on their way. */
  sent(bytes: number): void;
  leave(): void;
}

interface Place {
  cut: AbortController;
  bytes: number;
  /** Of its first bytes: until then it is we who are slow. */
  began: number | undefined;
  leave(): void;
}

/**
 * Places for PCs that fetch files, so few that the API answers meanwhile; the others are told to come again. While there is room a
 * slow line is nobody's trouble. When there is none the slowest one is cut for who comes, and goes on later where it was: else a
 * few who read a byte now and then would keep all PCs from their updates.
 */
export class Downloads {
  readonly #mono: () => number;
  readonly #limits: DownloadLimits;
  readonly #byAddress = new Map<string, number>();
  readonly #places = new Set<Place>();

  constructor(mono: () => number, limits: DownloadLimits = DOWNLOAD_LIMITS) {
    this.#mono = mono;
    this.#limits = limits;
  }

  get open(): number {
    return this.#places.size;
  }

  /** A place, to be left in the end. `downloads_busy`. */
  enter(address: string): Download {
    const ofAddress = this.#byAddress.get(address) ?? 0;
    // Nobody is cut for one of the same address: the PCs of a site with a slow line would cut each other for ever.
    if (ofAddress >= this.#limits.perAddress || (this.open >= this.#limits.all && !this.#cutSlowest()))
      throw new KanadeError('downloads_busy', `${this.open} files are being downloaded, ${ofAddress} of them by ${address}: come again`);
    const place: Place = { cut: new AbortController(), bytes: 0, began: undefined, leave: () => this.#leave(place, address) };
    this.#places.add(place);
    this.#byAddress.set(address, (this.#byAddress.get(address) ?? 0) + 1);
    return {
      signal: AbortSignal.any([place.cut.signal, AbortSignal.timeout(this.#limits.patience)]),
      sent: (bytes) => {
        place.began ??= this.#mono();
        place.bytes += bytes;
      },
      leave: place.leave,
    };
  }

  /** Whether there is room now. */
  #cutSlowest(): boolean {
    const now = this.#mono();
    let slowest: Place | undefined;
    let least = this.#limits.slow;
    for (const place of this.#places) {
      const took = now - (place.began ?? now);
      if (took <= this.#limits.grace) continue;
      const speed = (place.bytes * 1000) / took;
      if (speed >= least) continue;
      least = speed;
      slowest = place;
    }
    slowest?.leave();
    slowest?.cut.abort(new KanadeError('downloads_busy', 'its place is needed, and it was the slowest of all'));
    return slowest !== undefined;
  }

  #leave(place: Place, address: string): void {
    if (!this.#places.delete(place)) return;
    const left = this.#byAddress.get(address)! - 1;
    if (left === 0) this.#byAddress.delete(address);
    else this.#byAddress.set(address, left);
  }
}
