import { KanadeError } from '#core/contract/errors.ts';

/**
 * A release as an admin carries it: one tar (ustar), stored. First the envelope, then each content once, by its hash. What stands
 * in it beside names, sizes and times is written and never read.
 */
export const ENVELOPE_ENTRY = 'envelope.json';
const FILES = 'files/';
const BLOCK = 512;
/** Of files that are only read: nobody's, for anybody. */
const MODE = '0000644';

export interface ArchiveEntry {
  name: string;
  size: number;
  /** How old it says that it is, milliseconds since 1970. */
  time: number;
  /** To be read to its end before the next entry; what is left of it is passed over. */
  content: AsyncIterable<Uint8Array>;
}

export function fileEntry(sha256: string): string {
  return `${FILES}${sha256}`;
}

/** The hash that an entry is named by; undefined when it is named otherwise. */
export function hashOfEntry(name: string): string | undefined {
  return name.startsWith(FILES) ? name.slice(FILES.length) : undefined;
}

/** The same entries give the same bytes. `at` in milliseconds since 1970. */
export function* archiveParts(entries: Iterable<{ name: string; bytes: Uint8Array }>, at: number): Generator<Uint8Array> {
  for (const { name, bytes } of entries) {
    yield headerOf(name, bytes.length, at);
    yield bytes;
    yield Buffer.alloc(padding(bytes.length));
  }
  yield Buffer.alloc(2 * BLOCK);
}

/** The entries of an archive as it comes in, nothing of it kept. Rejects with `release_malformed`. */
export async function* readArchive(parts: AsyncIterable<Uint8Array>): AsyncGenerator<ArchiveEntry> {
  const source = new Source(parts[Symbol.asyncIterator]());
  for (;;) {
    const header = await source.exactly(BLOCK);
    if (header.every((byte) => byte === 0)) return;
    const { name, size, time } = readHeader(header);
    const left = { bytes: size };
    yield { name, size, time, content: source.some(left) };
    // Whatever its reader has left of it.
    for await (const _ of source.some(left));
    await source.exactly(padding(size));
  }
}

function headerOf(name: string, size: number, at: number): Buffer {
  const header = Buffer.alloc(BLOCK);
  header.write(name, 0, 100, 'ascii');
  header.write(`${MODE}\0${octal(0, 7)}\0${octal(0, 7)}\0`, 100, 'ascii');
  header.write(`${octal(size, 11)}\0${octal(Math.floor(at / 1000), 11)}\0`, 124, 'ascii');
  header.write('        0', 148, 'ascii');
  header.write('ustar\x0000', 257, 'ascii');
  header.write(`${octal(sumOf(header), 6)}\0 `, 148, 'ascii');
  return header;
}

function readHeader(header: Buffer): Omit<ArchiveEntry, 'content'> {
  const text = (from: number, length: number) => header.toString('latin1', from, from + length).split('\0')[0]!;
  const [sum, size, time] = [text(148, 8).trim(), text(124, 12).trim(), text(136, 12).trim()];
  const summed = Buffer.from(header).fill(' ', 148, 156);
  if (!/^[0-7]{1,7}$/.test(sum) || Number.parseInt(sum, 8) !== sumOf(summed)) throw malformed('it is no tar archive');
  if (![size, time].every((each) => /^[0-7]{1,11}$/.test(each))) throw malformed('a size or a time in it is none');
  if (text(156, 1) !== '0') throw malformed(`${JSON.stringify(text(0, 100))} is not a plain file`);
  return { name: text(0, 100), size: Number.parseInt(size, 8), time: Number.parseInt(time, 8) * 1000 };
}

function sumOf(header: Buffer): number {
  return header.reduce((sum, byte) => sum + byte, 0);
}

function octal(value: number, digits: number): string {
  return value.toString(8).padStart(digits, '0');
}

function padding(size: number): number {
  return (BLOCK - (size % BLOCK)) % BLOCK;
}

function malformed(why: string): KanadeError {
  return new KanadeError('release_malformed', `the release cannot be read: ${why}`);
}

/** Bytes by as many as are asked for, however they come. */
class Source {
  readonly #parts: AsyncIterator<Uint8Array>;
  #rest: Uint8Array = new Uint8Array();

  constructor(parts: AsyncIterator<Uint8Array>) {
    this.#parts = parts;
  }

  async exactly(length: number): Promise<Buffer> {
    const got: Uint8Array[] = [];
    for await (const part of this.some({ bytes: length })) got.push(part);
    return Buffer.concat(got);
  }

  /** Counts `left` down to nothing. */
  async *some(left: { bytes: number }): AsyncGenerator<Uint8Array> {
    while (left.bytes > 0) {
      if (this.#rest.length === 0) {
        const { done, value } = await this.#parts.next();
        if (done) throw malformed('it breaks off');
        this.#rest = value;
        continue;
      }
      const part = this.#rest.subarray(0, left.bytes);
      this.#rest = this.#rest.subarray(part.length);
      left.bytes -= part.length;
      yield part;
    }
  }
}
