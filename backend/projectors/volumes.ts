import type { Database } from 'better-sqlite3';
import { FULL_CODES, MESSAGES_AN_HOUR, quotaOf, senderOf, weightOf } from '#core/contract/quota.ts';
import { STREAMS } from '#core/contract/streams.ts';
import type { BeginOf } from './begins.ts';
import type { Dead, Place } from './fact.ts';

/** The streams that PCs fill by what they do. */
export const WEIGHED = ['EVENTS', 'RESULTS'] as const;
export type WeighedStream = (typeof WEIGHED)[number];

export function isWeighed(stream: string): stream is WeighedStream {
  return (WEIGHED as readonly string[]).includes(stream);
}

const HOUR = 3_600_000;
export const WEEK = 7 * 86_400_000;
/** PCs that are remembered between transactions. */
const REMEMBERED = 50_000;

/** Weeks of which messages may lie in the stream, this one and one that is nearly over among them. */
export function weeksKept(stream: WeighedStream): number {
  return Math.ceil((STREAMS[stream].maxAge * 1000) / WEEK) + 1;
}

interface Row {
  week: number;
  bytes: number;
  hour: number;
  messages: number;
  /** When the first of the messages was stored that are added up: since then the name is of whoever has it. */
  since: number;
}

/** Of one PC in one stream. */
interface Volume extends Row {
  stream: WeighedStream;
  pc: string;
  /** Bytes of the weeks before this one. */
  before: number;
  /** Runs of its messages of which none counts; the last goes on until one does. */
  refused: { first: number; last: number; recorded: number }[];
  refusing: boolean;
}

export function prepareVolumes(db: Database) {
  return {
    rows: db.prepare<[string, string, number], Row>(
      'SELECT week, bytes, hour, messages, since FROM volumes WHERE stream = ? AND pc_id = ? AND week > ? ORDER BY week',
    ),
    put: db.prepare<[string, string, number, number, number, number, number]>(
      `INSERT INTO volumes (stream, pc_id, week, bytes, hour, messages, since) VALUES (?, ?, ?, ?, ?, ?, ?)
       ON CONFLICT DO UPDATE SET bytes = excluded.bytes, hour = excluded.hour, messages = excluded.messages, since = excluded.since`,
    ),
    refused: db.prepare<[string, string, number, number, number]>(
      `INSERT INTO surplus (stream, pc_id, first_seq, last_seq, recorded) VALUES (?, ?, ?, ?, ?)
       ON CONFLICT DO UPDATE SET last_seq = excluded.last_seq, recorded = excluded.recorded`,
    ),
  };
}

/**
 * How much each PC has in EVENTS and RESULTS, judged message by message and before any is read: so many bytes in all and so many messages
 * within an hour. What is beyond does not count; the lease holder takes it out of the stream (backend/quota/), and a replay,
 * which sees the rest only, judges the same. It is added up in memory, for the messages of a flood cost a look each. A PC that
 * has taken over the name of another one answers for what it says itself: where that one's share is used up its own begins.
 */
export class Volumes {
  readonly #sql: ReturnType<typeof prepareVolumes>;
  readonly #known = new Map<string, Volume>();
  readonly #changed = new Set<Volume>();
  readonly #room = new Map<WeighedStream, number>();

  readonly #begin: BeginOf;

  constructor(db: Database, begin: BeginOf) {
    this.#sql = prepareVolumes(db);
    this.#begin = begin;
  }

  /** A stream is read from here on, and may hold so many bytes. */
  opened(stream: WeighedStream, streamBytes: number): void {
    this.#room.set(stream, quotaOf(stream, streamBytes));
    this.forget();
  }

  /** Why a message does not count; undefined when it does. */
  judge({ subject, seq, recorded }: Place, stream: WeighedStream, size: number): { pc: string; refusal: Dead } | undefined {
    const pc = senderOf(stream, subject);
    if (pc === undefined) return undefined;
    const volume = this.#of(stream, pc, recorded);
    const hour = Math.floor(recorded / HOUR);
    const judged = () => {
      const messages = volume.hour === hour ? volume.messages : 0;
      const bytes = volume.bytes + weightOf(size);
      return { bytes, messages, refusal: this.#refusal(volume, volume.before + bytes, messages) };
    };
    let { bytes, messages, refusal } = judged();
    if (refusal !== undefined && volume.since < this.#begin(pc, recorded)) {
      Object.assign(volume, { before: 0, bytes: 0, messages: 0, since: recorded });
      ({ bytes, messages, refusal } = judged());
    }
    this.#changed.add(volume);
    if (refusal === undefined) {
      Object.assign(volume, { hour, bytes, messages: messages + 1, refusing: false });
      return undefined;
    }
    if (volume.refusing) Object.assign(volume.refused.at(-1)!, { last: seq, recorded });
    else volume.refused.push({ first: seq, last: seq, recorded });
    volume.refusing = true;
    return { pc, refusal };
  }

  /** What was added up, into the database. */
  flush(): void {
    for (const { stream, pc, week, bytes, hour, messages, since, refused } of this.#changed) {
      if (messages > 0) this.#sql.put.run(stream, pc, week, bytes, hour, messages, since);
      for (const { first, last, recorded } of refused) this.#sql.refused.run(stream, pc, first, last, recorded);
      refused.splice(0, refused.length - 1);
    }
    this.#changed.clear();
    if (this.#known.size > REMEMBERED) this.#known.clear();
  }

  /** The database may hold something else than was added up. */
  forget(): void {
    this.#changed.clear();
    this.#known.clear();
  }

  #refusal({ stream, pc }: Volume, bytes: number, messages: number): Dead | undefined {
    const room = this.#room.get(stream) ?? quotaOf(stream, STREAMS[stream].maxBytes);
    if (bytes > room) return full(stream, `${pc} has more than ${Math.floor(room / 2 ** 20)} MiB in ${stream}`);
    if (messages >= MESSAGES_AN_HOUR) return full(stream, `${pc} has said more than ${MESSAGES_AN_HOUR} messages within an hour`);
    return undefined;
  }

  #of(stream: WeighedStream, pc: string, recorded: number): Volume {
    const week = Math.floor(recorded / WEEK);
    const key = `${stream} ${pc}`;
    const known = this.#known.get(key);
    if (known?.week === week) return known;
    if (known !== undefined) this.flush();
    const rows = this.#sql.rows.all(stream, pc, week - weeksKept(stream));
    const since = rows.at(-1)?.since ?? recorded;
    const last = rows.at(-1)?.week === week ? rows.pop()! : { week, bytes: 0, hour: 0, messages: 0, since };
    const before = rows.reduce((sum, row) => (row.since === since ? sum + row.bytes : sum), 0);
    const volume = { stream, pc, ...last, before, refused: [], refusing: false };
    this.#known.set(key, volume);
    return volume;
  }
}

function full(stream: WeighedStream, detail: string): Dead {
  return { kind: 'dead', code: FULL_CODES[stream], detail };
}
