import type { InventoryRow } from '#core/contract/inventory.ts';
import { sectionOf } from '../projectors/read/inventory.ts';
import type { Database } from '../projectors/read/open-reader.ts';
import { allRows } from './agent-inventory.ts';
import type { KnownGroup } from './dynamic-groups.ts';
import { isMeant } from './query.ts';
import type { Slice } from './slices.ts';

/** In which of these groups a PC is. Each section is read once for all of them. */
export async function lookAtPc<T extends Pick<KnownGroup, 'query' | 'sections'>>(
  db: Database,
  pc: string,
  groups: readonly T[],
  slice: Slice,
): Promise<(T & { meant: boolean })[]> {
  const rows = new Map<string, readonly InventoryRow[]>();
  for (const section of new Set(groups.flatMap(({ sections }) => [...sections]))) {
    const about = sectionOf(db, pc, section);
    // Without a shape it could never be read.
    if (about !== undefined && about.shape !== null) rows.set(section, await allRows(db, pc, section, slice));
  }
  const verdicts: (T & { meant: boolean })[] = [];
  for (const group of groups) {
    verdicts.push({ ...group, meant: isMeant(group.query, (section) => rows.get(section)) });
    if (slice.over) await slice.pause();
  }
  return verdicts;
}
