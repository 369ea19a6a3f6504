import { existsSync, rmSync, writeFileSync } from 'node:fs';
import Sqlite, { type Database } from 'better-sqlite3';
import { messageOf } from '#core/contract/errors.ts';
import type { Log } from '#core/contract/log.ts';
import { SCHEMA, SCHEMA_VERSION } from './schema.ts';

/**
 * The one writing connection. A file of another schema, or one that is no database, is deleted and comes back by replay:
 * everything in it was read from streams.
 *
 * `synchronous = NORMAL`: a power cut may take the last commits away, but each batch's sequence goes with it, and
 * whatever the durable says then, reading starts behind the stored sequence.
 */
export function openWriter(path: string, log: Pick<Log, 'warn'>): Database {
  if (existsSync(corruptMark(path))) {
    log.warn({ path }, 'the projection was found corrupt: it is deleted and read again from the streams');
    discard(path);
  }
  try {
    const db = open(path);
    if (db !== undefined) return db;
    log.warn({ path, version: SCHEMA_VERSION }, 'the projection has another schema: it is deleted and read again from the streams');
  } catch (error) {
    if (!isCorrupt(error)) throw error;
    log.warn({ path, error: messageOf(error) }, 'the projection is corrupt: it is deleted and read again from the streams');
  }
  discard(path);
  return open(path)!;
}

/** Undefined: another schema. */
function open(path: string): Database | undefined {
  const db = new Sqlite(path, { timeout: 5000 });
  try {
    db.pragma('journal_mode = WAL');
    db.pragma('synchronous = NORMAL');
    db.pragma('temp_store = MEMORY');
    db.pragma('cache_size = -65536');
    // 32 MB: a checkpoint writes each page once, however often the commits before it did.
    db.pragma('wal_autocheckpoint = 8192');
    db.pragma('journal_size_limit = 67108864');
    const version = db.pragma('user_version', { simple: true });
    const empty = db.prepare('SELECT count(*) AS n FROM sqlite_schema').pluck().get() === 0;
    if (empty) {
      db.transaction(() => {
        db.exec(SCHEMA);
        db.pragma(`user_version = ${SCHEMA_VERSION}`);
      })();
    } else if (version !== SCHEMA_VERSION) {
      db.close();
      return undefined;
    }
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
}

/** Found while running: the readers have the file open, so it is deleted by the next start, which this tells. */
export function markCorrupt(path: string): void {
  writeFileSync(corruptMark(path), '');
}

function discard(path: string): void {
  for (const file of [path, `${path}-wal`, `${path}-shm`, corruptMark(path)]) rmSync(file, { force: true, maxRetries: 5 });
}

const corruptMark = (path: string) => `${path}.corrupt`;

function sqliteCode(error: unknown): string | undefined {
  return error instanceof Sqlite.SqliteError ? error.code : undefined;
}

export function isCorrupt(error: unknown): boolean {
  return /^SQLITE_(CORRUPT|NOTADB)/.test(sqliteCode(error) ?? '');
}

/** The disk, a lock, the machine: the same statement may do later. Anything else comes from what was to be written. */
export function isPassing(error: unknown): boolean {
  return /^SQLITE_(BUSY|LOCKED|FULL|IOERR|READONLY|CANTOPEN|NOMEM|PERM|PROTOCOL|INTERRUPT)/.test(sqliteCode(error) ?? '');
}
