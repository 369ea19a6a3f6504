import Sqlite, { type Database, type Statement } from 'better-sqlite3';

export type { Database };

/** A connection that can only read, for the threads that answer requests. The file must be there (startProjection makes it). */
export function openReader(path: string): Database {
  const db = new Sqlite(path, { readonly: true, fileMustExist: true, timeout: 5000 });
  db.pragma('cache_size = -32768');
  return db;
}

const prepared = new WeakMap<Database, Map<string, Statement>>();

/** The statement of this text on this connection, prepared once. `R` is the row's shape. */
export function query<R>(db: Database, sql: string): Statement<unknown[], R> {
  let statements = prepared.get(db);
  if (statements === undefined) {
    statements = new Map();
    prepared.set(db, statements);
  }
  let statement = statements.get(sql);
  if (statement === undefined) {
    statement = db.prepare(sql);
    statements.set(sql, statement);
  }
  return statement as Statement<unknown[], R>;
}

/** `?, ?, ?` for a list of parameters. */
export function marks(values: readonly unknown[]): string {
  return values.map(() => '?').join(', ');
}
