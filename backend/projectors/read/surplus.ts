import type { WeighedStream } from '../volumes.ts';
import { type Database, query } from './open-reader.ts';

/** What does not count of EVENTS and RESULTS (projectors/volumes.ts). PCs as their subjects spell them. */

export function pcsWithSurplus(db: Database, stream: WeighedStream): string[] {
  return query<{ pc_id: string }>(db, 'SELECT DISTINCT pc_id FROM surplus WHERE stream = ?')
    .all(stream)
    .map(({ pc_id }) => pc_id);
}

/** The runs of sequences, in order, in which no message of a PC counts and that do not end before `behind`. */
export function surplusOf(db: Database, stream: WeighedStream, pc: string, behind: number): { first: number; last: number }[] {
  return query<{ first: number; last: number }>(
    db,
    'SELECT first_seq AS first, last_seq AS last FROM surplus WHERE stream = ? AND pc_id = ? AND last_seq > ? ORDER BY first_seq',
  ).all(stream, pc, behind);
}
