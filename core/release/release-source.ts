import { setTimeout as sleepFor } from 'node:timers/promises';
import { KanadeError } from '#core/contract/errors.ts';
import { sha256 } from '#core/contract/ids.ts';
import { type ServerLine, type ServerOptions, serverLine } from '#core/http/server-line.ts';
import { ENVELOPE_MAX } from './envelope.ts';

export interface ReleaseSourceOptions extends Pick<ServerOptions, 'ca' | 'fingerprint' | 'proxy' | 'env' | 'patience'> {
  /** Of the servers that know this PC; the next one is asked when one is in trouble. */
  urls: readonly string[];
  random: () => number;
  sleep?: (ms: number, signal: AbortSignal) => Promise<unknown>;
}

/** Where a PC gets the files of a release from. Whatever comes is checked against its hash by whoever asked. */
export interface ReleaseSource extends Disposable {
  /** The envelope whose bytes have this hash. */
  envelope(sha256: string, signal: AbortSignal): Promise<Uint8Array>;
  /** For `stageRelease`. */
  fetch(sha256: string, size: number, signal: AbortSignal): AsyncGenerator<Uint8Array>;
}

/** Times in a row that nothing came, before it is given up. */
const TRIES = 8;
/** Milliseconds. */
const FIRST_PAUSE = 2000;
const LAST_PAUSE = 60_000;
const BUSY_PAUSE_MAX = 600_000;

/**
 * By HTTPS, through the proxy where there is one. What a server is too busy for is asked for again when it says, however often; what
 * fails is tried at the next server after a pause, and goes on where it broke off: a file is found by its hash, so that it is the
 * same anywhere and at any time. Rejects with why the last try failed.
 */
export function releaseSource({ urls, random, sleep = pause, ...options }: ReleaseSourceOptions): ReleaseSource {
  const lines = urls.map((url) => serverLine({ ...options, url }));
  let at = 0;

  async function* fetch(hash: string, _size: number, signal: AbortSignal): AsyncGenerator<Uint8Array> {
    let given = 0;
    for (let failures = 0; ; ) {
      const had = given;
      try {
        const busyFor = yield* partsFrom(lines[at]!, hash, given, (length) => (given += length), signal);
        if (busyFor === undefined) return;
        // Never earlier than it said, and not all at once.
        await sleep(Math.min(busyFor, BUSY_PAUSE_MAX) * (1 + random()), signal);
      } catch (error) {
        signal.throwIfAborted();
        failures = given > had ? 1 : failures + 1;
        if (failures >= TRIES) throw error;
        at = (at + 1) % lines.length;
        await sleep(Math.min(FIRST_PAUSE * 2 ** (failures - 1), LAST_PAUSE) * (0.5 + random()), signal);
      }
    }
  }

  return {
    fetch,
    async envelope(hash, signal) {
      const parts: Uint8Array[] = [];
      let size = 0;
      for await (const part of fetch(hash, ENVELOPE_MAX, signal)) {
        parts.push(part);
        size += part.length;
        if (size > ENVELOPE_MAX) break;
      }
      const bytes = Buffer.concat(parts);
      if (sha256(bytes) !== hash) throw new KanadeError('release_file_wrong', `the envelope ${hash} is not what the server gives`);
      return bytes;
    },
    [Symbol.dispose]: () => {
      for (const line of lines) line.close();
    },
  };
}

/** What comes after the first `given` bytes; milliseconds to wait when the server is too busy, undefined at the end of the file. */
async function* partsFrom(
  line: ServerLine,
  hash: string,
  given: number,
  onPart: (length: number) => void,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array, number | undefined> {
  const answer = await line.get(`/api/v1/releases/files/${hash}`, signal);
  if (answer.statusCode !== 200) {
    const seconds = Number(answer.headers['retry-after']);
    // Read to its end, so that the connection serves for the next question.
    answer.resume();
    if ((answer.statusCode === 503 || answer.statusCode === 429) && seconds > 0) return seconds * 1000;
    if (answer.statusCode === 404) throw new KanadeError('not_found', `the server has no file ${hash} of a release`);
    throw new KanadeError('server_unreachable', `the server answered ${answer.statusCode}`);
  }
  let passOver = given;
  for await (const part of answer as AsyncIterable<Buffer>) {
    const news = part.subarray(passOver);
    passOver -= part.length - news.length;
    if (news.length === 0) continue;
    onPart(news.length);
    yield news;
  }
  return undefined;
}

function pause(ms: number, signal: AbortSignal): Promise<unknown> {
  return sleepFor(ms, undefined, { signal });
}
