import { setTimeout as sleep } from 'node:timers/promises';
import type { ErrorCode, KanadeError } from '#core/contract/errors.ts';
import { SEAL_HEADERS } from '#core/contract/seal.ts';
import { BUCKETS } from '#core/contract/streams.ts';
import type { SealedMessage } from '#core/nats/seal.ts';

export interface Forgery {
  subject: string;
  code: ErrorCode;
  detail: string;
}

export interface ForgeriesOptions {
  /** Tells an admin. Rejects when that cannot be done now. */
  say: (forgery: Forgery) => Promise<void>;
  /** Whether we know a key by now. */
  isKnown: (keyId: string) => boolean;
  /** Milliseconds, monotonic. */
  mono: () => number;
  /** Milliseconds between two looks at what is to be said. */
  every?: number;
}

const LOOK_EVERY = 2000;
/** Milliseconds for which the same subject is not said again. */
const QUIET = 60_000;
/** Said of all subjects in that time; whoever may write one may write a million. */
const SAID_AT_MOST = 20;
/** Subjects that wait to be said; what comes on top is counted only. */
const WAITING_MAX = 200;
/** Milliseconds in which we hear of a key that another backend has just made. */
const KEY_HEARD_WITHIN = 35_000;
/** Characters of what a hostile broker can make long. */
const TEXT_MAX = 500;

/**
 * What was found at the broker and nobody has signed whom we believe: counted for monitoring, each time that it is met, and said as
 * an event, at most once a minute for each subject.
 */
export class Forgeries {
  readonly #o: ForgeriesOptions;
  readonly #counts = new Map<string, { code: ErrorCode; bucket: string; count: number }>();
  readonly #waiting = new Map<string, Forgery & { key: string; since: number }>();
  readonly #saidAt = new Map<string, number>();

  constructor(options: ForgeriesOptions) {
    this.#o = options;
  }

  counts(): Iterable<{ code: ErrorCode; bucket: string; count: number }> {
    return this.#counts.values();
  }

  /** It was passed over. */
  readonly met = (message: SealedMessage, { code, message: detail }: KanadeError): void => {
    const bucket = placeOf(message.subject);
    const counted = this.#counts.get(`${code} ${bucket}`);
    if (counted === undefined) this.#counts.set(`${code} ${bucket}`, { code, bucket, count: 1 });
    else counted.count++;
    const subject = message.subject.slice(0, TEXT_MAX);
    if (this.#waiting.has(subject) || this.#saidAt.has(subject) || this.#waiting.size >= WAITING_MAX) return;
    const key = message.header(SEAL_HEADERS.key) ?? '';
    this.#waiting.set(subject, { subject, code, detail: detail.slice(0, TEXT_MAX), key, since: this.#o.mono() });
  };

  /** Says what is to be said for as long as `signal` allows. Never rejects. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await this.look();
      await sleep(this.#o.every ?? LOOK_EVERY, undefined, { signal }).catch(() => {});
    }
  }

  async look(): Promise<void> {
    const { say, isKnown, mono } = this.#o;
    for (const [subject, at] of this.#saidAt) if (mono() - at >= QUIET) this.#saidAt.delete(subject);
    for (const [subject, { key, since, ...forgery }] of this.#waiting) {
      if (this.#saidAt.size >= SAID_AT_MOST) return;
      if (forgery.code === 'unknown_key' && !isKnown(key) && mono() - since < KEY_HEARD_WITHIN) continue;
      if (forgery.code !== 'unknown_key' || !isKnown(key)) {
        try {
          await say(forgery);
        } catch {
          // There is no way to the broker now: the next look tries again.
          return;
        }
        this.#saidAt.set(subject, mono());
      }
      this.#waiting.delete(subject);
    }
  }
}

/** The bucket, or the stream; a few words, whatever the broker says. */
function placeOf(subject: string): string {
  if (subject.startsWith('executions.')) return 'EXECUTIONS';
  const bucket = /^\$KV\.([^.]+)\./.exec(subject)?.[1] ?? '';
  return Object.hasOwn(BUCKETS, bucket) ? bucket : 'other';
}
