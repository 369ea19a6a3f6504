import { OUTPUT_MAX } from '#core/contract/streams.ts';
import { ByteRing } from './byte-ring.ts';

/** What is kept of one stream of a script. */
export interface Captured {
  bytes: Uint8Array;
  /** Bytes the script wrote. */
  total: number;
  truncated: boolean;
}

/** Bytes set aside for the sentence that stands for what was left out. */
const MARKER_ROOM = 128;
const FIRST_BUFFER = 16 * 1024;

/**
 * Keeps at most `max` bytes of a stream however long it is: the first two thirds, which say how it began, and the last
 * third, which says how it ended. Memory grows with what is written and never beyond that.
 */
export class Capture {
  readonly #headMax: number;
  readonly #tailMax: number;
  #head = Buffer.alloc(0);
  #headLength = 0;
  #tail: ByteRing | undefined;

  constructor(max: number = OUTPUT_MAX) {
    this.#headMax = Math.floor((max * 2) / 3);
    this.#tailMax = max - this.#headMax - MARKER_ROOM;
  }

  get total(): number {
    return this.#headLength + (this.#tail?.total ?? 0);
  }

  push(bytes: Uint8Array): void {
    const first = bytes.subarray(0, this.#headMax - this.#headLength);
    this.#appendHead(first);
    if (first.length === bytes.length) return;
    this.#tail ??= new ByteRing(this.#tailMax);
    this.#tail.push(bytes.subarray(first.length));
  }

  take(): Captured {
    const total = this.total;
    const head = this.#head.subarray(0, this.#headLength);
    if (!this.#tail) return { bytes: head, total, truncated: false };
    const tail = this.#tail.from(0);
    if (this.#tail.start === 0) return { bytes: Buffer.concat([head, tail]), total, truncated: false };
    const begin = head.subarray(0, wholeCharacters(head));
    const end = tail.subarray(continuationBytes(tail));
    const left = total - begin.length - end.length;
    const marker = Buffer.from(`\n[Kanade: ${left} of ${total} bytes left out here]\n`);
    return { bytes: Buffer.concat([begin, marker, end]), total, truncated: true };
  }

  #appendHead(bytes: Uint8Array): void {
    const needed = this.#headLength + bytes.length;
    if (needed > this.#head.length) {
      const grown = Buffer.alloc(Math.min(this.#headMax, Math.max(FIRST_BUFFER, needed, this.#head.length * 2)));
      grown.set(this.#head.subarray(0, this.#headLength));
      this.#head = grown;
    }
    this.#head.set(bytes, this.#headLength);
    this.#headLength = needed;
  }
}

/** Length without a UTF-8 character that the cut split: one half would make the whole text count as no UTF-8. */
function wholeCharacters(bytes: Uint8Array): number {
  for (let back = 1; back <= Math.min(4, bytes.length); back++) {
    const byte = bytes[bytes.length - back]!;
    if ((byte & 0xc0) === 0x80) continue;
    const needed = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc0 ? 2 : 1;
    return needed > back ? bytes.length - back : bytes.length;
  }
  return bytes.length;
}

/** How many bytes at the beginning belong to a UTF-8 character whose beginning was cut off: at most three can. */
function continuationBytes(bytes: Uint8Array): number {
  let count = 0;
  while (count < 3 && count < bytes.length && (bytes[count]! & 0xc0) === 0x80) count++;
  return count;
}
