import type { ErrorCode } from '#core/contract/errors.ts';
import type { Log } from '#core/contract/log.ts';
import type { Reports } from './reports.ts';

export interface Refusal {
  code: ErrorCode;
  detail: string;
  subject: string;
  request_id?: string;
}

/** Milliseconds between two reports of the same trouble where anybody may make it as often as he likes. */
const SAY_AGAIN = 60_000;
const REMEMBERED = 10_000;

/** What this PC did not obey, for an admin to see: each once. */
export class Refusals {
  readonly #p: { reports: Reports; mono: () => number; log: Log };
  /** What was reported, by what makes it one. */
  readonly #reported = new Set<string>();
  readonly #saidAt = new Map<string, number>();

  constructor(parts: { reports: Reports; mono: () => number; log: Log }) {
    this.#p = parts;
  }

  /** `about` tells this refusal from others. True once it is on disk. */
  async report({ code, detail, subject, request_id }: Refusal, about: string): Promise<boolean> {
    const { reports, log } = this.#p;
    log.warn({ subject, code, detail }, 'something was refused');
    if (this.#reported.has(about)) return true;
    if (!(await reports.event('refused', { code, detail, subject, ...(request_id === undefined ? {} : { request_id }) }, about)))
      return false;
    this.#reported.add(about);
    if (this.#reported.size > REMEMBERED) this.#reported.delete(this.#reported.values().next().value!);
    return true;
  }

  /** Of what is not delivered again: at most once a minute for a subject and a code, so that nobody fills this PC's disk. */
  async mention(refusal: Refusal): Promise<void> {
    const { mono } = this.#p;
    const key = `${refusal.code} ${refusal.subject}`;
    const now = mono();
    for (const [each, at] of this.#saidAt) if (now - at >= SAY_AGAIN) this.#saidAt.delete(each);
    if (this.#saidAt.has(key) || this.#saidAt.size >= REMEMBERED) return;
    this.#saidAt.set(key, now);
    await this.report(refusal, `${key} ${crypto.randomUUID()}`);
  }
}
