import type { InventoryRow } from '#core/contract/inventory.ts';
import { pcsWithSection, rowsFrom } from '../projectors/read/inventory.ts';
import type { Database } from '../projectors/read/open-reader.ts';
import { type Found, rowsThatFit } from './search.ts';
import type { Slice } from './slices.ts';

export interface FleetRow {
  pc_id: string;
  row: InventoryRow;
}

/** Where a page ended: a PC, and the number of the row in its section. */
export interface FleetCursor {
  pc: string;
  n: number;
}

const AT_ONCE = 200;

/** The rows of one section on the PCs that were found, by PC and in each PC's order; those that fit, when a rule is about them. */
export async function fleetRows(
  db: Database,
  section: string,
  found: Found,
  { after, limit }: { after?: FleetCursor; limit: number },
  slice: Slice,
): Promise<{ items: FleetRow[]; next?: FleetCursor }> {
  const rule = [...found.bodies].find(([{ section: about }]) => about === section);
  const places: (FleetCursor & { row: InventoryRow })[] = [];
  const take = async (pc: string, from: number) => {
    const range = { from, limit: limit + 1 - places.length };
    const rows = rule ? await slice.through(rowsThatFit(db, pc, ...rule, range)) : rowsFrom(db, pc, section, from, range.limit);
    for (const { n, row } of rows) places.push({ pc, n, row });
  };
  if (after !== undefined && found.pcs.has(after.pc)) await take(after.pc, after.n + 1);
  for (let last = after?.pc ?? '', more = true; more && places.length <= limit; ) {
    const page = pcsWithSection(db, section, last, AT_ONCE);
    more = page.length === AT_ONCE;
    last = page.at(-1)?.pc ?? last;
    for (const { pc } of page) {
      if (places.length > limit) break;
      if (!found.pcs.has(pc)) continue;
      await take(pc, 0);
      if (slice.over) await slice.pause();
    }
    if (slice.over) await slice.pause();
  }
  const items = places.slice(0, limit).map(({ pc, row }) => ({ pc_id: pc, row }));
  if (places.length <= limit) return { items };
  const { pc, n } = places[limit - 1]!;
  return { items, next: { pc, n } };
}
