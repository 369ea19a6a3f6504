import type { Database } from 'better-sqlite3';

/**
 * Sections whose newest message lies before the first one that the stream has: somebody purged it, for its own rules leave that
 * one. What was known is still told; but to a PC that is asked it does not count, so that it says it again.
 */
export function forgetPurged(db: Database, firstSeq: number): number {
  return db
    .transaction(() => {
      db.prepare('DELETE FROM inventory_messages WHERE seq < ?').run(firstSeq);
      return db.prepare('UPDATE inventory_sections SET seq = 0 WHERE seq > 0 AND seq < ?').run(firstSeq).changes;
    })
    .immediate();
}
