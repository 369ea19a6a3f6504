import { decode } from '#core/contract/codec.ts';
import { AgentGroups } from '#core/contract/registry.ts';
import type { Nats } from '#core/nats/connection.ts';
import { kvGet } from '#core/nats/direct-get.ts';

/**
 * What this agent reads from KV, each key by direct get. A value counts for one generation; every connect and every
 * sync begins a new one, for the backend sends a sync whenever it changed something that concerns this PC.
 * A key that is not there is an answer; a refusal or a time-out is none, and is thrown.
 */
export class Knowledge {
  readonly #nats: () => Nats;
  readonly #pcId: string;
  readonly #read = new Map<string, Promise<Uint8Array | undefined>>();
  #generation = 0;

  constructor(nats: () => Nats, pcId: string) {
    this.#nats = nats;
    this.#pcId = pcId;
  }

  get generation(): number {
    return this.#generation;
  }

  /** Everything is to be read again when it is needed next. */
  renew(): void {
    this.#generation++;
    this.#read.clear();
  }

  /** Whether this execution is cancelled, wholly or for this PC. Never remembered: only a fresh answer counts. */
  async cancelled(execId: string): Promise<boolean> {
    const nats = this.#nats();
    const [whole, mine] = await Promise.all([kvGet(nats, 'cancelled', execId), kvGet(nats, 'cancelled', `${execId}.${this.#pcId}`)]);
    return whole !== undefined || mine !== undefined;
  }

  async revoked(jobId: string): Promise<boolean> {
    return textOf(await this.#once('script_status', jobId)) === 'REVOKED';
  }

  /** The version of a job that may run; undefined when none is named. */
  async currentVersion(jobId: string): Promise<string | undefined> {
    return textOf(await this.#once('script_current', jobId));
  }

  /** The groups of this PC, read anew: membership decides whether a command is run, so a memory of it will not do. */
  async groups(): Promise<readonly string[]> {
    const found = await kvGet(this.#nats(), 'agent_groups', this.#pcId);
    return found ? decode(AgentGroups, found.value).groups : [];
  }

  #once(bucket: 'script_status' | 'script_current', key: string): Promise<Uint8Array | undefined> {
    const name = `${bucket}/${key}`;
    const known = this.#read.get(name);
    if (known) return known;
    const reading = kvGet(this.#nats(), bucket, key).then((found) => found?.value);
    this.#read.set(name, reading);
    // No answer is not to be remembered as one.
    reading.catch(() => this.#read.delete(name));
    return reading;
  }
}

function textOf(bytes: Uint8Array | undefined): string | undefined {
  return bytes && new TextDecoder().decode(bytes);
}
