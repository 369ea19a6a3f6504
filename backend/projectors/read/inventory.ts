import type { KnownHashes } from '#core/contract/control.ts';
import { type InventoryFault, type InventoryRow, isCustomSection } from '#core/contract/inventory.ts';
import { instant } from '#core/contract/time.ts';
import type { InventoryChange } from '../inventory/diff.ts';
import { joinRow } from '../inventory/stored-row.ts';
import type { LinkRow, SectionRow } from '../inventory/tables.ts';
import { type Database, query } from './open-reader.ts';
import { pageOfRows } from './page.ts';

/**
 * What the PCs have said of themselves. Whatever may be long is read in portions: whoever asks is on the thread that
 * answers everybody, and pauses between two of them (inventory/slices.ts).
 */

/** A section of a PC without its data. */
export interface SectionAbout {
  section: string;
  /** When the data was collected; null when nothing could ever be read. */
  collected_at: string | null;
  /** When the PC last tried. */
  checked_at: string;
  /** Of the newest message. */
  hash: string;
  custom: boolean;
  job_id: string | null;
  exec_id: string | null;
  /** Of a list how many; null for an object. */
  rows: number | null;
  shape: 'object' | 'list' | null;
  faults: InventoryFault[];
}

export function sectionsOf(db: Database, pc: string): SectionAbout[] {
  return query<SectionRow>(db, 'SELECT * FROM inventory_sections WHERE pc_id = ? ORDER BY section').all(pc).map(about);
}

export function sectionOf(db: Database, pc: string, section: string): SectionAbout | undefined {
  const row = query<SectionRow>(db, 'SELECT * FROM inventory_sections WHERE pc_id = ? AND section = ?').get(pc, section);
  return row && about(row);
}

/** What the stream as it is now has of the sections that a PC collects: of one that is gone nothing counts, though it is still shown. */
export function hashesOf(db: Database, pc: string): KnownHashes {
  const rows = query<Pick<SectionRow, 'section' | 'hash'>>(
    db,
    'SELECT section, hash FROM inventory_sections WHERE pc_id = ? AND seq > 0',
  ).all(pc);
  return Object.fromEntries(rows.filter(({ section }) => !isCustomSection(section)).map(({ section, hash }) => [section, hash]));
}

function about(row: SectionRow): SectionAbout {
  const { section, collected_at, checked_at, hash, job_id, exec_id, shape, row_count } = row;
  return {
    section,
    collected_at,
    checked_at,
    hash,
    custom: isCustomSection(section),
    job_id,
    exec_id,
    rows: shape === 'list' ? row_count : null,
    shape,
    faults: JSON.parse(row.faults) as InventoryFault[],
  };
}

/** The sections that a PC collects by itself; of one that the stream has lost the sequence is 0. */
export function collectedSections(db: Database, pc: string): { section: string; seq: number }[] {
  const rows = query<{ section: string; seq: number }>(db, 'SELECT section, seq FROM inventory_sections WHERE pc_id = ?').all(pc);
  return rows.filter(({ section }) => !isCustomSection(section));
}

/** Of each section of a PC the first message in the stream that counts (projectors/inventory/quota.ts). `pc` as its subjects spell it. */
export function firstMessages(db: Database, pc: string): Map<string, number> {
  const rows = query<{ section: string; seq: number }>(
    db,
    'SELECT section, min(seq) AS seq FROM inventory_messages WHERE pc_id = ? GROUP BY section',
  ).all(pc);
  return new Map(rows.map(({ section, seq }) => [section, seq]));
}

/** A row of a PC with its number in the section and the id of what other PCs may have too. */
export interface NumberedRow {
  n: number;
  body: number;
  row: InventoryRow;
}

/** The rows of a section of a PC from number `from` on. */
export function rowsFrom(db: Database, pc: string, section: string, from: number, limit: number): NumberedRow[] {
  return query<{ n: number; body: number; own: string | null; text: string }>(
    db,
    `SELECT r.n, r.body, r.own, b.body AS text FROM inventory_rows r
       JOIN inventory_bodies b ON b.section = r.section AND b.id = r.body
     WHERE r.pc_id = ? AND r.section = ? AND r.n >= ? ORDER BY r.n LIMIT ?`,
  )
    .all(pc, section, from, limit)
    .map(({ n, body, own, text }) => ({ n, body, row: joinRow(section, { body: text, own }) }));
}

/** What the rows of a section of a PC are, without reading them, from number `from` on. */
export function linksFrom(db: Database, pc: string, section: string, from: number, limit: number): LinkRow[] {
  return query<LinkRow>(db, 'SELECT n, body, own FROM inventory_rows WHERE pc_id = ? AND section = ? AND n >= ? ORDER BY n LIMIT ?').all(
    pc,
    section,
    from,
    limit,
  );
}

/** The place of a change in the list, newest first. */
export interface ChangeCursor {
  recorded: number;
  seq: number;
  /** The number of the change within its message. */
  n: number;
}

export interface InventoryChangeView extends InventoryChange {
  recorded_at: string;
  collected_at: string;
  section: string;
}

/** A page of changes, newest first. Yields after each message, of which one may be long and nearly all unwanted. */
export function* inventoryChanges(
  db: Database,
  q: { pc: string; sections?: readonly string[]; since?: number; after?: ChangeCursor; limit: number },
): Generator<void, { items: InventoryChangeView[]; next?: ChangeCursor }> {
  const { pc, sections, since = 0, after, limit } = q;
  const newest = query<VersionPlace>(db, newestVersion(''));
  const newestOf = query<VersionPlace>(db, newestVersion('AND section = ?'));
  const version = query<{ collected_at: string; changes: string }>(
    db,
    'SELECT collected_at, changes FROM inventory_versions WHERE pc_id = ? AND section = ? AND rank = ?',
  );
  const found: { place: ChangeCursor; view: InventoryChangeView }[] = [];
  let from = { recorded: after?.recorded ?? Number.MAX_SAFE_INTEGER, seq: after?.seq ?? Number.MAX_SAFE_INTEGER };
  // One message at a time: what one of them changed may be long, and of those that nobody asked for none is read.
  while (found.length <= limit) {
    const at = [pc, since, from.recorded, from.seq] as const;
    const places = sections === undefined ? [newest.get(...at)] : sections.map((section) => newestOf.get(...at, section));
    const [place] = places.filter((one) => one !== undefined).sort((a, b) => b.recorded - a.recorded || b.seq - a.seq);
    if (place === undefined) break;
    const { section, rank, recorded, seq } = place;
    const { collected_at, changes } = version.get(pc, section, rank)!;
    from = { recorded, seq: seq - 1 };
    const behind = after?.recorded === recorded && after.seq === seq ? after.n : -1;
    for (const [n, change] of (JSON.parse(changes) as InventoryChange[]).entries()) {
      if (found.length > limit) break;
      if (n > behind)
        found.push({ place: { recorded, seq, n }, view: { recorded_at: instant(recorded), collected_at, section, ...change } });
    }
    yield;
  }
  const { rows, last } = pageOfRows(found.slice(0, limit + 1), limit);
  return { items: rows.map(({ view }) => view), ...(last === undefined ? {} : { next: last.place }) };
}

interface VersionPlace {
  section: string;
  rank: number;
  recorded: number;
  seq: number;
}

function newestVersion(more: string): string {
  return `SELECT section, rank, recorded, seq FROM inventory_versions
    WHERE pc_id = ? AND recorded >= ? AND (recorded, seq) <= (?, ?) ${more} ORDER BY recorded DESC, seq DESC LIMIT 1`;
}

/** The next name behind `after` of a section that any PC has. */
export function sectionAfter(db: Database, after: string): string | undefined {
  return query<{ section: string }>(db, 'SELECT section FROM inventory_sections WHERE section > ? ORDER BY section LIMIT 1').get(after)
    ?.section;
}

/** The PCs behind `after` that have a section, and whether anything of it could be read. */
export function pcsWithSection(db: Database, section: string, after: string, limit: number): { pc: string; read: boolean }[] {
  return query<{ pc: string; read: number }>(
    db,
    `SELECT pc_id AS pc, shape IS NOT NULL AS read FROM inventory_sections
     WHERE section = ? AND pc_id > ? ORDER BY pc_id LIMIT ?`,
  )
    .all(section, after, limit)
    .map(({ pc, read }) => ({ pc, read: read === 1 }));
}

/** A section of a PC of which something could not be read the last time. */
export interface FaultyRow {
  pc_id: string;
  section: string;
  collected_at: string | null;
  checked_at: string;
  faults: string;
}

/** Those behind `after`, by PC. */
export function sectionsWithFaults(db: Database, after: { pc: string; section: string }, limit: number): FaultyRow[] {
  return query<FaultyRow>(
    db,
    `SELECT pc_id, section, collected_at, checked_at, faults FROM inventory_sections
     WHERE faults <> '[]' AND (pc_id, section) > (?, ?) ORDER BY pc_id, section LIMIT ?`,
  ).all(after.pc, after.section, limit);
}

/** The rows of a section as they are stored once for all PCs, behind `after`. */
export function bodiesAfter(db: Database, section: string, after: number, limit: number): { id: number; body: string }[] {
  return query<{ id: number; body: string }>(
    db,
    'SELECT id, body FROM inventory_bodies WHERE section = ? AND id > ? ORDER BY id LIMIT ?',
  ).all(section, after, limit);
}

export function bodyOf(db: Database, section: string, id: number): InventoryRow | undefined {
  const found = query<{ body: string }>(db, 'SELECT body FROM inventory_bodies WHERE section = ? AND id = ?').get(section, id);
  return found && (JSON.parse(found.body) as InventoryRow);
}

/** The PCs behind `after` that have such a row, each once. */
export function pcsWithBody(db: Database, section: string, body: number, after: string, limit: number): string[] {
  return query<{ pc_id: string }>(
    db,
    'SELECT DISTINCT pc_id FROM inventory_rows WHERE body = ? AND section = ? AND pc_id > ? ORDER BY pc_id LIMIT ?',
  )
    .all(body, section, after, limit)
    .map((row) => row.pc_id);
}

/** The same link by link, with what is each PC's own. */
export function linksToBody(
  db: Database,
  section: string,
  body: number,
  after: { pc: string; n: number },
  limit: number,
): { pc: string; n: number; own: string | null }[] {
  return query<{ pc: string; n: number; own: string | null }>(
    db,
    `SELECT pc_id AS pc, n, own FROM inventory_rows WHERE body = ? AND section = ? AND (pc_id, n) > (?, ?)
     ORDER BY pc_id, n LIMIT ?`,
  ).all(body, section, after.pc, after.n, limit);
}
