import type { ErrorCode } from '#core/contract/errors.ts';
import type { Log } from '#core/contract/log.ts';
import type { EventWriter } from '#core/process/event-log.ts';
import type { Reports } from './reports.ts';

export interface Refusal {
  code: ErrorCode;
  detail: string;
  subject: string;
  request_id?: string;
}

interface RefusalsParts {
  reports: Reports;
  mono: () => number;
  writeEvent: EventWriter;
  log: Log;
}

/** Milliseconds between two reports of the same trouble where anybody may make it as often as he likes. */
const SAY_AGAIN = 60_000;
const REMEMBERED = 10_000;
/** Reports within an hour, milliseconds: a broker in other hands makes up as many commands as it likes, and this PC is not to flood others for it. */
const AN_HOUR = 1000;
const HOUR = 3_600_000;

/** What this PC did not obey, for an admin to see: each once, and a thousand an hour; the log has all. */
export class Refusals {
  readonly #p: RefusalsParts;
  /** What was reported, by what makes it one. */
  readonly #reported = new Set<string>();
  readonly #saidAt = new Map<string, number>();
  #hour = { since: Number.NEGATIVE_INFINITY, reports: 0 };

  constructor(parts: RefusalsParts) {
    this.#p = parts;
  }

  /** `about` tells this refusal from others. True once it is on disk, or is one too many. */
  async report({ code, detail, subject, request_id }: Refusal, about: string): Promise<boolean> {
    const { reports, writeEvent, log } = this.#p;
    log.warn({ subject, code, detail }, 'something was refused');
    if (this.#reported.has(about)) return true;
    const left = this.#left();
    if (left === 0) return true;
    const last = left === 1 ? `; this is the ${AN_HOUR}th within an hour, and more are not told before it is over` : '';
    const what = { code, detail: detail + last, subject, ...(request_id === undefined ? {} : { request_id }) };
    if (!(await reports.event('refused', what, about))) return false;
    writeEvent('refused', { code, subject, request: request_id });
    this.#hour.reports++;
    this.#reported.add(about);
    if (this.#reported.size > REMEMBERED) this.#reported.delete(this.#reported.values().next().value!);
    return true;
  }

  /** How many may be reported in this hour. */
  #left(): number {
    const now = this.#p.mono();
    if (now - this.#hour.since >= HOUR) this.#hour = { since: now, reports: 0 };
    return Math.max(0, AN_HOUR - this.#hour.reports);
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
