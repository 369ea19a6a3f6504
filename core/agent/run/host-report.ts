import type { Exit } from './judge.ts';
import type { RunLog } from './script.ts';
import type { Ended, EndedPart } from './started-script.ts';

/** Bytes of one line, and of all of them. Of one session kanade-host hands on 4 KiB (installer/host/session-report.h). */
const LINE_MAX = 16 * 1024;
const REPORT_MAX = 256 * 1024;
/** ERROR_PROCESS_ABORTED, with which kanade-host ends a job: no exit code of the script's own. */
const ENDED_BY_FORCE = 1067;

const WORDS = /^(?:session (?<session>\d{1,10}) )?(?<word>started|exit|killed|failed|skipped|note) (?<rest>.*)$/;
const ENDING = /^(?<code>\d{1,10}) left (?<left>-?\d{1,9})$/;

interface Told {
  started: boolean;
  failed?: string;
  ended?: { exit: Exit; left: number };
}

/** What kanade-host tells of a run on its file descriptor 3 (docs/windows-host.md), as far as it has come. */
export class HostReport {
  readonly #parts = new Map<number | undefined, Told>();
  readonly #log: RunLog;
  #skipped: string | undefined;
  #line = Buffer.alloc(0);
  #taken = 0;

  constructor(log: RunLog) {
    this.#log = log;
  }

  push(bytes: Uint8Array): void {
    const room = REPORT_MAX - this.#taken;
    this.#taken += bytes.length;
    if (room <= 0) return;
    this.#line = Buffer.concat([this.#line, bytes.subarray(0, room)]);
    for (let end = this.#line.indexOf(10); end >= 0; end = this.#line.indexOf(10)) {
      this.#take(this.#line.toString('utf8', 0, Math.min(end, LINE_MAX)));
      this.#line = this.#line.subarray(end + 1);
    }
  }

  /** What that makes, once kanade-host has ended. */
  ended(): Ended {
    const told = [...this.#parts].sort(([a], [b]) => (a ?? 0) - (b ?? 0));
    if (told.some(([, { started }]) => started)) return { parts: told.map(([session, part]) => endedPart(session, part)) };
    const [failed] = told.flatMap(([, part]) => part.failed ?? []);
    if (failed !== undefined) return { neverRan: { outcome: 'failed', reason: 'spawn_failed', detail: failed } };
    if (this.#skipped !== undefined) return { neverRan: { outcome: 'skipped', reason: this.#skipped } };
    return { neverRan: { outcome: 'failed', reason: 'spawn_failed', detail: 'kanade-host ended before it had started the script' } };
  }

  #take(line: string): void {
    const { session, word, rest } = WORDS.exec(line)?.groups ?? {};
    if (word === 'note') this.#log.warn({ said: line }, 'kanade-host has something to say about a script');
    else if (word === 'skipped' && session === undefined && rest === 'no_user_session') this.#skipped = rest;
    else if (word !== undefined) this.#tell(session === undefined ? undefined : Number(session), word, rest!);
  }

  #tell(session: number | undefined, word: string, rest: string): void {
    const part = this.#parts.get(session) ?? { started: false };
    this.#parts.set(session, part);
    if (word === 'started') part.started = true;
    if (word === 'failed') part.failed = rest.replace(/^spawn_failed /, '');
    const { code, left } = ENDING.exec(rest)?.groups ?? {};
    if (code === undefined || (word !== 'exit' && word !== 'killed')) return;
    part.ended = { exit: exitOf(word, Number(code)), left: Number(left) };
  }
}

function exitOf(word: 'exit' | 'killed', code: number): Exit {
  if (word === 'exit') return { code, signal: null };
  return { code: code === ENDED_BY_FORCE ? null : code, signal: 'SIGKILL' };
}

function endedPart(session: number | undefined, { started, failed, ended }: Told): EndedPart {
  return {
    ...(session === undefined ? {} : { session }),
    // Nothing said of its end: who watched it was ended, and it with him.
    exit: ended?.exit ?? { code: null, signal: 'SIGKILL' },
    ...(ended === undefined || ended.left < 0 ? {} : { left: ended.left }),
    ...(started ? {} : { failed: failed ?? 'it did not start' }),
  };
}
