import type { Database } from 'better-sqlite3';
import {
  INVENTORY_CUSTOM_MAX,
  INVENTORY_HOUR_MAX,
  INVENTORY_PC_MAX,
  INVENTORY_VERSIONS,
  isCustomSection,
} from '#core/contract/inventory.ts';
import { pcAndSection, subjects } from '#core/contract/subjects.ts';
import type { Dead, Place } from '../fact.ts';

/**
 * What one PC may have in INVENTORY, so that it cannot fill the stream for all others: the sections of ours and so many of its
 * own, so many bytes in all, and so many within an hour. Judged by the messages alone, so that a replay judges the same; what
 * does not count here the lease holder takes out of the stream (backend/quota/).
 */
export interface Surplus {
  /** As the subject spells it. */
  pc: string;
  /** Messages that do not count though their section does. */
  refused: number[];
}

const HOUR = 3_600_000;

interface MessageRow {
  section: string;
  seq: number;
  size: number;
}

export function prepareQuota(db: Database) {
  return {
    hasPlace: db.prepare<[string, string], number>('SELECT 1 FROM inventory_messages WHERE pc_id = ? AND section = ? LIMIT 1').pluck(),
    sections: db.prepare<[string], string>('SELECT DISTINCT section FROM inventory_messages WHERE pc_id = ?').pluck(),
    sizes: db.prepare<[number, string, number], { all: number; lately: number }>(
      `SELECT coalesce(sum(size), 0) AS "all", coalesce(sum(CASE WHEN recorded > ? THEN size END), 0) AS lately
       FROM inventory_messages WHERE pc_id = ? AND seq <> ?`,
    ),
    add: db.prepare<[string, string, number, number, number]>(
      'INSERT INTO inventory_messages (pc_id, section, seq, recorded, size) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING',
    ),
    dropVersions: db.prepare<[string, string, string, string]>(
      `DELETE FROM inventory_messages WHERE pc_id = ? AND section = ? AND seq IN (SELECT seq FROM inventory_messages
         WHERE pc_id = ? AND section = ? ORDER BY seq DESC LIMIT -1 OFFSET ${INVENTORY_VERSIONS})`,
    ),
    messages: db.prepare<[string], MessageRow>('SELECT section, seq, size FROM inventory_messages WHERE pc_id = ? ORDER BY seq DESC'),
    drop: db.prepare<[string, string, number]>('DELETE FROM inventory_messages WHERE pc_id = ? AND section = ? AND seq = ?'),
  };
}

export type QuotaStatements = ReturnType<typeof prepareQuota>;

/** Why a message does not count; undefined when it does. Whose messages are too many by now is added to `surplus`. */
export function admit(sql: QuotaStatements, place: Place, size: number, surplus: Map<string, number[]>): Dead | undefined {
  const { subject, seq, recorded } = place;
  const about = pcAndSection(subject);
  if (about === undefined || subject !== subjects.inventory(about.pc, about.section)) {
    // What it is told is why its subject is none.
    surplusOf(surplus, subject.split('.')[1]!);
    return undefined;
  }
  const { pc, section } = about;
  if (isCustomSection(section) && sql.hasPlace.get(pc, section) === undefined) {
    if (sql.sections.all(pc).filter(isCustomSection).length >= INVENTORY_CUSTOM_MAX) {
      surplusOf(surplus, pc);
      return full(`${pc} has ${INVENTORY_CUSTOM_MAX} custom sections already, and ${section} would be one more`);
    }
  }
  const { all, lately } = sql.sizes.get(recorded - HOUR, pc, seq)!;
  if (lately + size > INVENTORY_HOUR_MAX) {
    surplusOf(surplus, pc).push(seq);
    return full(`${pc} has said more than ${INVENTORY_HOUR_MAX / 2 ** 20} MiB within an hour`);
  }
  sql.add.run(pc, section, seq, recorded, size);
  sql.dropVersions.run(pc, section, pc, section);
  if (all + size > INVENTORY_PC_MAX) {
    surplusOf(surplus, pc);
    for (const { section, seq } of beyondHalf(sql.messages.all(pc))) sql.drop.run(pc, section, seq);
  }
  return undefined;
}

/** Of messages, the newest first, those that are not the newest of their section and more than half of what a PC may have. */
function beyondHalf(messages: readonly MessageRow[]): MessageRow[] {
  const newest = new Map<string, MessageRow>();
  for (const message of messages) if (!newest.has(message.section)) newest.set(message.section, message);
  let kept = [...newest.values()].reduce((sum, { size }) => sum + size, 0);
  const older = messages.filter((message) => newest.get(message.section) !== message);
  const first = older.findIndex(({ size }) => {
    kept += size;
    return kept > INVENTORY_PC_MAX / 2;
  });
  return first < 0 ? [] : older.slice(first);
}

function surplusOf(surplus: Map<string, number[]>, pc: string): number[] {
  const there = surplus.get(pc) ?? [];
  surplus.set(pc, there);
  return there;
}

function full(detail: string): Dead {
  return { kind: 'dead', code: 'inventory_full', detail };
}
