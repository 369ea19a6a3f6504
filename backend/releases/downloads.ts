import { KanadeError } from '#core/contract/errors.ts';

export interface DownloadLimits {
  /** At once. */
  all: number;
  /** From one address: a site behind one is many PCs, whose line is the narrower one anyway. */
  perAddress: number;
  /** Milliseconds one may take: whoever reads drop by drop keeps nobody's place for longer. */
  patience: number;
}

export const DOWNLOAD_LIMITS: DownloadLimits = { all: 64, perAddress: 16, patience: 3_600_000 };

/** Places for PCs that fetch files, so few that the API answers meanwhile; the others are told to come again. */
export class Downloads {
  readonly #limits: DownloadLimits;
  readonly #byAddress = new Map<string, number>();
  #open = 0;

  constructor(limits: DownloadLimits = DOWNLOAD_LIMITS) {
    this.#limits = limits;
  }

  get open(): number {
    return this.#open;
  }

  get patience(): number {
    return this.#limits.patience;
  }

  /** A place, to be left exactly once. `downloads_busy`. */
  enter(address: string): () => void {
    const ofAddress = this.#byAddress.get(address) ?? 0;
    if (this.#open >= this.#limits.all || ofAddress >= this.#limits.perAddress)
      throw new KanadeError('downloads_busy', `${this.#open} files are being downloaded, ${ofAddress} of them by ${address}: come again`);
    this.#open++;
    this.#byAddress.set(address, ofAddress + 1);
    return () => {
      this.#open--;
      const left = this.#byAddress.get(address)! - 1;
      if (left === 0) this.#byAddress.delete(address);
      else this.#byAddress.set(address, left);
    };
  }
}
