/** The last `capacity` bytes of a stream, with absolute offsets. */
export class ByteRing {
  readonly #buffer: Buffer;
  #total = 0;

  constructor(capacity: number) {
    this.#buffer = Buffer.allocUnsafe(capacity);
  }

  /** Bytes ever pushed: the offset after the last one. */
  get total(): number {
    return this.#total;
  }

  /** The offset of the first byte that is still here. */
  get start(): number {
    return Math.max(0, this.#total - this.#buffer.length);
  }

  push(bytes: Uint8Array): void {
    const capacity = this.#buffer.length;
    const kept = bytes.subarray(Math.max(0, bytes.length - capacity));
    const at = (this.#total + bytes.length - kept.length) % capacity;
    const untilEnd = kept.subarray(0, capacity - at);
    this.#buffer.set(untilEnd, at);
    this.#buffer.set(kept.subarray(untilEnd.length), 0);
    this.#total += bytes.length;
  }

  /** A copy of what is here from that offset on. */
  from(offset: number): Buffer {
    const capacity = this.#buffer.length;
    const length = Math.max(0, this.#total - Math.max(offset, this.start));
    const at = (this.#total - length) % capacity;
    const untilEnd = this.#buffer.subarray(at, Math.min(capacity, at + length));
    return Buffer.concat([untilEnd, this.#buffer.subarray(0, length - untilEnd.length)]);
  }
}
