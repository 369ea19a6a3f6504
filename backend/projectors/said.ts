import { createHash } from 'node:crypto';
import type { Database } from 'better-sqlite3';
import { foldPcId, isId } from '#core/contract/ids.ts';
import { lastToken } from '#core/contract/subjects.ts';
import type { Dead, Fact, Place } from './fact.ts';

/** Dead letters kept of one PC and stream, the newest: whoever sends junk shall not fill the disk, nor hide what others sent. */
const LETTERS_OF_A_PC = 100;

/** What is only kept and listed: agent events, the audit, dead letters. */
export function prepareSaid(db: Database) {
  return {
    agentEvent: db.prepare(
      `INSERT INTO agent_events (recorded, seq, event_id, pc_id, kind, at, code, detail, subject, request_id, exec_id)
       VALUES (@recorded, @seq, @event_id, @pc_id, @kind, @at, @code, @detail, @subject, @request_id, @exec_id)
       ON CONFLICT DO NOTHING`,
    ),
    audit: db.prepare(
      `INSERT INTO audit (recorded, seq, audit_id, actor, action, target, body)
       VALUES (@recorded, @seq, @audit_id, @actor, @action, @target, @body) ON CONFLICT DO NOTHING`,
    ),
    deadLetter: db.prepare(
      `INSERT INTO dead_letters (id, stream, seq, recorded, subject, pc_id, code, detail, size, preview)
       VALUES (@id, @stream, @seq, @recorded, @subject, @pc_id, @code, @detail, @size, @preview)
       ON CONFLICT (id) DO UPDATE SET code = excluded.code, detail = excluded.detail`,
    ),
    forgetOlder: db.prepare<[string, string]>(
      `DELETE FROM dead_letters WHERE id IN (SELECT id FROM dead_letters
         WHERE stream = ? AND pc_id = ? ORDER BY recorded DESC, seq DESC LIMIT -1 OFFSET ${LETTERS_OF_A_PC})`,
    ),
    buried: db.prepare<[number]>('DELETE FROM dead_letters WHERE id = ?'),
  };
}

export type SaidStatements = ReturnType<typeof prepareSaid>;

export function applyAgentEvent(sql: SaidStatements, place: Place, { pc, body }: Extract<Fact, { kind: 'agent_event' }>): void {
  sql.agentEvent.run({
    recorded: place.recorded,
    seq: place.seq,
    event_id: body.event_id,
    pc_id: pc,
    kind: body.kind,
    at: body.at,
    code: body.code ?? null,
    detail: body.detail ?? null,
    subject: body.subject ?? null,
    request_id: body.request_id ?? null,
    exec_id: body.exec_id ?? null,
  });
}

export function applyAudit(sql: SaidStatements, place: Place, { body }: Extract<Fact, { kind: 'audit' }>): void {
  sql.audit.run({
    recorded: place.recorded,
    seq: place.seq,
    audit_id: body.audit_id,
    actor: body.actor,
    action: body.action,
    target: body.target ?? null,
    body: JSON.stringify(body),
  });
}

const PREVIEW = 16 * 1024;

/** What is kept of a message that is not projected: where it lies, its length and how it begins. */
export interface Letter extends Place {
  size: number;
  preview: string;
}

export function applyDead(sql: SaidStatements, letter: Letter, { code, detail }: Dead): void {
  const pc_id = senderOf(letter);
  sql.deadLetter.run({ ...letter, id: deadLetterId(letter), pc_id, code, detail: detail.slice(0, 4096) });
  if (pc_id !== null) sql.forgetOlder.run(letter.stream, pc_id);
}

/** Where each stream that PCs write to has their names; null of one that only backends write to. */
function senderOf({ stream, subject }: Pick<Place, 'stream' | 'subject'>): string | null {
  if (stream !== 'EVENTS' && stream !== 'RESULTS' && stream !== 'INVENTORY') return null;
  const pc = stream === 'INVENTORY' ? subject.split('.')[1] : lastToken(subject);
  return isId(pc) ? foldPcId(pc) : '';
}

export function previewOf(bytes: Uint8Array): string {
  return Buffer.from(bytes.subarray(0, PREVIEW)).toString();
}

/** A number that any backend and any replay gives the same message, also when its stream was deleted and made again. */
export function deadLetterId({ stream, seq, recorded }: Pick<Place, 'stream' | 'seq' | 'recorded'>): number {
  return createHash('sha256').update(`${stream}.${seq}.${recorded}`).digest().readUIntBE(0, 6);
}
