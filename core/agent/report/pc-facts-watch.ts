import { rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { array, string, type } from 'superstruct';
import { check } from '#core/contract/codec.ts';
import { messageOf } from '#core/contract/errors.ts';
import { PcFacts } from '#core/contract/heartbeat.ts';
import type { Log } from '#core/contract/log.ts';

export interface PcFactsOptions {
  /** Loads into this process what reads the facts. Throws where that is not there. */
  open: () => () => Promise<unknown>;
  /** The agent's own folder. */
  dataDir: string;
  /** Milliseconds since 1970. */
  wall: () => number;
  log: Log;
  /** Milliseconds between two looks, and for one of them. */
  every?: number;
  patience?: number;
}

const EVERY = 120_000;
const PATIENCE = 10_000;
/** Milliseconds for which nothing is loaded after it has ended the agent. */
const REST = 86_400_000;

const Answer = type({ faults: array(string()) });

/**
 * Keeps what the heartbeat says of the PC: who works at it, whether it wants to be restarted, Defender. Heartbeats never wait for it,
 * and the agent needs none of it: where it cannot be had, nothing is said of it, and the log says once why.
 */
export class PcFactsWatch {
  readonly #o: Required<PcFactsOptions>;
  /** There while something is being tried that may end the whole process: foreign code runs in it. */
  readonly #trial: string;
  #facts: PcFacts = {};
  #read: (() => Promise<unknown>) | undefined;
  #tried = false;
  #reading: Promise<unknown> | undefined;
  #said = '';

  constructor(options: PcFactsOptions) {
    this.#o = { every: EVERY, patience: PATIENCE, ...options };
    this.#trial = join(options.dataDir, 'pc-facts.trial');
  }

  get latest(): PcFacts {
    return this.#facts;
  }

  /** Looks every two minutes until `signal` aborts. */
  async run(signal: AbortSignal): Promise<void> {
    if (!this.#tried) await this.#open();
    while (this.#read !== undefined && !signal.aborted) {
      await this.#look(this.#read, signal);
      await this.#survived();
      await sleep(this.#o.every, undefined, { signal }).catch(() => {});
    }
  }

  /** Once for each process: what is not there now is not there later. */
  async #open(): Promise<void> {
    this.#tried = true;
    const { open, wall } = this.#o;
    try {
      const last = await stat(this.#trial).catch(() => undefined);
      if (last !== undefined && Math.abs(wall() - last.mtimeMs) < REST) throw new Error('the agent ended over this less than a day ago');
      await writeFile(this.#trial, '');
    } catch (error) {
      this.#say(messageOf(error));
      return;
    }
    try {
      this.#read = open();
    } catch (error) {
      this.#say(messageOf(error));
      await this.#survived();
    }
  }

  async #survived(): Promise<void> {
    await rm(this.#trial, { force: true }).catch((error) => this.#say(messageOf(error)));
  }

  async #look(read: () => Promise<unknown>, signal: AbortSignal): Promise<void> {
    // The last one has not come back: another would wait with it.
    if (this.#reading !== undefined) return;
    const answered = new AbortController();
    const stop = AbortSignal.any([signal, answered.signal]);
    try {
      const reading = read();
      this.#reading = reading;
      const over = () => {
        this.#reading = undefined;
      };
      void reading.then(over, over);
      const late = async () => {
        await sleep(this.#o.patience, undefined, { signal: stop });
        throw new Error(`no answer within ${this.#o.patience / 1000} s`);
      };
      this.#take(await Promise.race([reading, late()]));
    } catch (error) {
      if (signal.aborted) return;
      this.#facts = {};
      this.#say(messageOf(error));
    } finally {
      answered.abort();
    }
  }

  #take(answer: unknown): void {
    const { faults } = check(Answer, answer);
    const { logged_on_user, pending_reboot, defender } = check(PcFacts, answer);
    this.#facts = {
      ...(logged_on_user === undefined ? {} : { logged_on_user }),
      ...(pending_reboot === undefined ? {} : { pending_reboot }),
      ...(defender === undefined ? {} : { defender }),
    };
    if (faults.length === 0) this.#said = '';
    else this.#say(faults.join('; '));
  }

  #say(why: string): void {
    if (why === this.#said) return;
    this.#said = why;
    this.#o.log.warn({ error: why.slice(0, 1000) }, 'not all is known of this PC that the heartbeat could tell');
  }
}
