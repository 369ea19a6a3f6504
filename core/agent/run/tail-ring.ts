import { ByteRing } from './byte-ring.ts';

const TAIL_BYTES = 64 * 1024;

export interface TailSlice {
  /** Offset of the first byte in `data`: later than asked for when what was between is gone. */
  from: number;
  data: Uint8Array;
  /** Where to read on. */
  next: number;
}

/** What a running script has written lately to one stream, for those who watch it live. */
export class TailRing {
  readonly #ring = new ByteRing(TAIL_BYTES);

  push(bytes: Uint8Array): void {
    this.#ring.push(bytes);
  }

  read(from: number): TailSlice {
    const next = this.#ring.total;
    const begin = Math.min(next, Math.max(from, this.#ring.start));
    return { from: begin, data: this.#ring.from(begin), next };
  }
}
