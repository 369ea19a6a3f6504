import type { InventoryData, InventoryRow } from '#core/contract/inventory.ts';
import { rowsFrom, type SectionAbout } from '../projectors/read/inventory.ts';
import type { Database } from '../projectors/read/open-reader.ts';
import type { Slice, Slices } from './slices.ts';

export interface InventoryContext {
  db: Database;
  slices: Slices;
}

/** A section of a PC: what it last could read, and when and how its last try went. */
export type SectionView = Omit<SectionAbout, 'shape'> & { data: InventoryData | null };

const ROWS_AT_ONCE = 500;

/** These sections with their data, as long as that may be. */
export async function withData(
  { db, slices }: InventoryContext,
  pc: string,
  sections: readonly SectionAbout[],
  signal: AbortSignal,
): Promise<SectionView[]> {
  const slice = slices.begin(signal);
  const views: SectionView[] = [];
  for (const { shape, ...about } of sections) {
    const rows = await allRows(db, pc, about.section, slice);
    views.push({ ...about, data: shape === null ? null : shape === 'list' ? rows : (rows[0] ?? {}) });
  }
  return views;
}

/** The rows of a section of a PC, as many as there may be. */
export async function allRows(db: Database, pc: string, section: string, slice: Slice): Promise<InventoryRow[]> {
  const rows: InventoryRow[] = [];
  for (let from = 0; ; ) {
    const some = rowsFrom(db, pc, section, from, ROWS_AT_ONCE);
    for (const { row } of some) rows.push(row);
    if (slice.over) await slice.pause();
    if (some.length < ROWS_AT_ONCE) return rows;
    from = some.at(-1)!.n + 1;
  }
}

/** When anything of it was collected last; null when nothing was. */
export function newest(sections: readonly Pick<SectionAbout, 'collected_at'>[]): string | null {
  const times = sections.flatMap(({ collected_at }) => collected_at ?? []);
  return times.reduce<string | null>((last, at) => (last === null || Date.parse(at) > Date.parse(last) ? at : last), null);
}
