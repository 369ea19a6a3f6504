import { INVENTORY_VERSIONS, type InventoryData, type InventoryRow } from '#core/contract/inventory.ts';
import { pcAndSection, subjects } from '#core/contract/subjects.ts';
import type { Fact, Place } from '../fact.ts';
import { diffSection } from './diff.ts';
import { joinRow, splitRow } from './stored-row.ts';
import { dropBodies, type InventoryStatements, placeBody, type SectionRow } from './tables.ts';

/**
 * One section of one PC. The broker keeps the order of a section's messages, and the last hundred of them: what the tables say is
 * what these hundred say, so that a replay gives the same. A message that could read nothing leaves the data as it was.
 */
export function applyInventory(
  sql: InventoryStatements,
  place: Place,
  { pc, section, body, data }: Extract<Fact, { kind: 'inventory' }>,
): void {
  const known = sql.section.get(pc, section);
  const passed = known !== undefined && wasPassed(place, known);
  if (known !== undefined && !passed && !isNews(place, known)) return;
  const row: SectionRow = {
    ...(known ?? NO_DATA),
    pc_id: pc,
    section,
    seq: place.seq,
    recorded: place.recorded,
    rank: (known?.rank ?? 0) + (passed ? 0 : 1),
    checked_at: body.collected_at,
    hash: body.hash,
    faults: JSON.stringify(body.faults.map(({ source, code, message }) => ({ source, code, message }))),
    job_id: body.job_id ?? null,
    exec_id: body.exec_id ?? null,
  };
  const base = forgetDropped(sql, row);
  if (data === null) {
    sql.putSection.run(base);
    return;
  }
  const before = writeData(sql, base, data);
  const changes = before === undefined ? [] : diffSection(section, before, data);
  if (changes.length > 0) {
    const { rank, seq, recorded, data_rank, data_recorded } = base;
    const about = { pc_id: pc, section, rank, seq, recorded, collected_at: body.collected_at };
    sql.addVersion.run({ ...about, base_rank: data_rank, base_recorded: data_recorded, changes: JSON.stringify(changes) });
  }
  sql.putSection.run({
    ...base,
    data_rank: row.rank,
    data_recorded: row.recorded,
    collected_at: body.collected_at,
    shape: shapeOf(data),
    row_count: rowsOf(data).length,
  });
}

/** A message of this section that cannot be projected: it takes its place in the stream all the same. `recorded` stays that of what was read. */
export function passInventory(sql: InventoryStatements, place: Place): void {
  const about = pcAndSection(place.subject);
  const known = about && sql.section.get(about.pc, about.section);
  if (known === undefined || !isNews(place, known) || place.subject !== subjects.inventory(known.pc_id, known.section)) return;
  sql.putSection.run(forgetDropped(sql, { ...known, seq: place.seq, rank: known.rank + 1 }));
}

const NO_DATA = { data_rank: null, data_recorded: null, collected_at: null, shape: null, row_count: null };

/** Of another stream than the one before, sequences tell nothing. */
function isNews(place: Place, known: SectionRow): boolean {
  return known.seq === 0 ? place.recorded > known.recorded : place.seq > known.seq;
}

/** A dead letter that can be projected now. */
function wasPassed(place: Place, known: SectionRow): boolean {
  return place.seq === known.seq && place.recorded !== known.recorded;
}

/** What is compared with a message that the stream has dropped goes with it. */
function forgetDropped(sql: InventoryStatements, row: SectionRow): SectionRow {
  const dropped = row.rank - INVENTORY_VERSIONS;
  if (dropped <= 0) return row;
  sql.dropVersions.run(row.pc_id, row.section, dropped);
  return row.data_rank !== null && row.data_rank <= dropped ? withoutData(sql, row) : row;
}

/** The section once it is not known any more what was read last. */
export function withoutData(sql: InventoryStatements, row: SectionRow): SectionRow {
  const links = sql.links.all(row.pc_id, row.section);
  sql.cutLinks.run(row.pc_id, row.section, 0);
  dropBodies(
    sql,
    row.section,
    links.map((link) => link.body),
  );
  return { ...row, ...NO_DATA };
}

/** Writes the rows that differ from those that are there. Gives what was there, when that was something else. */
function writeData(sql: InventoryStatements, row: SectionRow, data: InventoryData): InventoryData | undefined {
  const { pc_id: pc, section } = row;
  const old = sql.links.all(pc, section);
  const rows = rowsOf(data).map((one) => splitRow(section, one));
  const ids = rows.map(({ body }) => placeBody(sql, section, body));
  const differing = ids.flatMap((id, n) => (old[n]?.body === id && old[n].own === rows[n]!.own ? [] : [n]));
  if (differing.length === 0 && old.length === ids.length && row.shape === shapeOf(data)) return undefined;
  const before = old.map(({ body, own }) => joinRow(section, { body: sql.body.get(section, body)!, own }));
  for (const n of differing) sql.putLink.run(pc, section, n, ids[n]!, rows[n]!.own);
  sql.cutLinks.run(pc, section, ids.length);
  dropBodies(
    sql,
    section,
    old.map((link) => link.body),
  );
  if (row.shape === null) return undefined;
  return row.shape === 'list' ? before : before[0]!;
}

function shapeOf(data: InventoryData): 'list' | 'object' {
  return Array.isArray(data) ? 'list' : 'object';
}

function rowsOf(data: InventoryData): readonly InventoryRow[] {
  return Array.isArray(data) ? (data as readonly InventoryRow[]) : [data as InventoryRow];
}
