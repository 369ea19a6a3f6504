import { statfs } from 'node:fs/promises';
import { messageOf } from '#core/contract/errors.ts';
import { STREAMS } from '#core/contract/streams.ts';
import type { Nats } from '#core/nats/connection.ts';
import { streamInfo } from '#core/nats/jetstream.ts';

export interface StreamFill {
  name: string;
  bytes: number;
  /** -1 = no limit. */
  max_bytes: number;
  /** 0 to 1; null when there is no limit. */
  fill: number | null;
}

export interface Fill {
  streams: StreamFill[];
  disk: { free_bytes: number; total_bytes: number; fill: number };
  /** Why something of this could not be read. */
  error?: string;
}

/** Milliseconds. */
const GOOD_FOR = 5000;

/** How full streams and disk are, asked at most every 5 s however many ask. */
export class FillReader {
  readonly #nats: Nats;
  readonly #dataDir: string;
  readonly #mono: () => number;
  #last: { at: number; fill: Promise<Fill> } | undefined;

  constructor(nats: Nats, dataDir: string, mono: () => number) {
    this.#nats = nats;
    this.#dataDir = dataDir;
    this.#mono = mono;
  }

  read(): Promise<Fill> {
    const now = this.#mono();
    if (this.#last === undefined || now - this.#last.at > GOOD_FOR) this.#last = { at: now, fill: this.#ask() };
    return this.#last.fill;
  }

  async #ask(): Promise<Fill> {
    const disk = await diskFill(this.#dataDir);
    try {
      return { disk, streams: await Promise.all(Object.values(STREAMS).map(({ name }) => fillOf(this.#nats, name))) };
    } catch (error) {
      return { disk, streams: [], error: messageOf(error) };
    }
  }
}

export async function diskFill(dir: string): Promise<Fill['disk']> {
  const { bsize, blocks, bavail } = await statfs(dir);
  return { free_bytes: bavail * bsize, total_bytes: blocks * bsize, fill: blocks === 0 ? 0 : 1 - bavail / blocks };
}

async function fillOf(nats: Nats, name: string): Promise<StreamFill> {
  const { config, state } = await streamInfo(nats, name);
  const limited = config.max_bytes > 0;
  return { name, bytes: state.bytes, max_bytes: limited ? config.max_bytes : -1, fill: limited ? state.bytes / config.max_bytes : null };
}
