import { hash } from 'node:crypto';
import type { Database } from 'better-sqlite3';

/** What is known of one section of one PC. Columns of `inventory_sections`. */
export interface SectionRow {
  pc_id: string;
  section: string;
  /** Of the newest message; 0 once the stream is another one than it came from. */
  seq: number;
  recorded: number;
  /** Counts the messages of this section, so that it is known what the stream has dropped. */
  rank: number;
  checked_at: string;
  hash: string;
  faults: string;
  job_id: string | null;
  exec_id: string | null;
  /** Of the newest message that could be read; all five null when there is none. */
  data_rank: number | null;
  data_recorded: number | null;
  collected_at: string | null;
  shape: 'object' | 'list' | null;
  row_count: number | null;
}

export interface LinkRow {
  n: number;
  body: number;
  own: string | null;
}

const SECTION_COLUMNS = `pc_id, section, seq, recorded, rank, checked_at, hash, faults, job_id, exec_id,
  data_rank, data_recorded, collected_at, shape, row_count`;

export function prepareInventory(db: Database) {
  return {
    section: db.prepare<[string, string], SectionRow>(`SELECT ${SECTION_COLUMNS} FROM inventory_sections WHERE pc_id = ? AND section = ?`),
    putSection: db.prepare<[SectionRow]>(
      `INSERT OR REPLACE INTO inventory_sections (${SECTION_COLUMNS})
       VALUES (@pc_id, @section, @seq, @recorded, @rank, @checked_at, @hash, @faults, @job_id, @exec_id,
         @data_rank, @data_recorded, @collected_at, @shape, @row_count)`,
    ),
    dropSection: db.prepare<[string, string]>('DELETE FROM inventory_sections WHERE pc_id = ? AND section = ?'),
    links: db.prepare<[string, string], LinkRow>('SELECT n, body, own FROM inventory_rows WHERE pc_id = ? AND section = ? ORDER BY n'),
    putLink: db.prepare<[string, string, number, number, string | null]>(
      `INSERT INTO inventory_rows (pc_id, section, n, body, own) VALUES (?, ?, ?, ?, ?)
       ON CONFLICT (pc_id, section, n) DO UPDATE SET body = excluded.body, own = excluded.own`,
    ),
    cutLinks: db.prepare<[string, string, number]>('DELETE FROM inventory_rows WHERE pc_id = ? AND section = ? AND n >= ?'),
    body: db.prepare<[string, number], string>('SELECT body FROM inventory_bodies WHERE section = ? AND id = ?').pluck(),
    addBody: db.prepare<[string, number, string]>('INSERT INTO inventory_bodies (section, id, body) VALUES (?, ?, ?)'),
    dropBody: db.prepare<[string, number, number, string]>(
      `DELETE FROM inventory_bodies WHERE section = ? AND id = ?
         AND NOT EXISTS (SELECT 1 FROM inventory_rows WHERE body = ? AND section = ?)`,
    ),
    addVersion: db.prepare(
      `INSERT INTO inventory_versions (pc_id, section, rank, seq, recorded, collected_at, base_rank, base_recorded, changes)
       VALUES (@pc_id, @section, @rank, @seq, @recorded, @collected_at, @base_rank, @base_recorded, @changes)`,
    ),
    dropVersions: db.prepare<[string, string, number]>('DELETE FROM inventory_versions WHERE pc_id = ? AND section = ? AND base_rank <= ?'),
  };
}

export type InventoryStatements = ReturnType<typeof prepareInventory>;

/** The id of a body, which is stored when it is not there. It is made of the text, so that every replay gives the same. */
export function placeBody(sql: InventoryStatements, section: string, text: string): number {
  for (let id = idOf(section, text); ; id++) {
    const there = sql.body.get(section, id);
    if (there === text) return id;
    if (there !== undefined) continue;
    sql.addBody.run(section, id, text);
    return id;
  }
}

function idOf(section: string, text: string): number {
  return hash('sha256', `${section} ${text}`, 'buffer').readUIntBE(0, 6);
}

/** Takes those of these bodies away that nobody links to any more. */
export function dropBodies(sql: InventoryStatements, section: string, ids: readonly number[]): void {
  for (const id of new Set(ids)) sql.dropBody.run(section, id, id, section);
}
