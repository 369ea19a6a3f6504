import { fieldOf, type InventoryData, type InventoryRow, type InventoryValue, sectionKeys } from '#core/contract/inventory.ts';

/** What one version of a section has that the one before it has not. Of a changed row only the fields that differ. */
export interface InventoryChange {
  change: 'added' | 'removed' | 'changed';
  /** The fields that name the row; null for a section that is one object. */
  key: InventoryRow | null;
  before: InventoryRow | null;
  after: InventoryRow | null;
}

/** What left first, in the order it was in, then what is new or changed, in the order it is in. Pure. A null value is as good as none. */
export function diffSection(section: string, before: InventoryData, after: InventoryData): InventoryChange[] {
  if (isList(before) && isList(after)) return diffLists(keyFields(section, before, after), before, after);
  // A custom section may be an object once and a list the next time.
  if (isList(before))
    return [...diffSection(section, before, []), { change: 'added', key: null, before: null, after: after as InventoryRow }];
  if (isList(after)) return [{ change: 'removed', key: null, before, after: null }, ...diffSection(section, [], after)];
  const differing = differingFields(before, after);
  return differing === undefined ? [] : [{ change: 'changed', key: null, ...differing }];
}

const isList = (data: InventoryData): data is readonly InventoryRow[] => Array.isArray(data);

/** Undefined: the whole row is its name. */
function keyFields(section: string, before: readonly InventoryRow[], after: readonly InventoryRow[]): readonly string[] | undefined {
  const ours = sectionKeys(section);
  if (ours !== undefined) return ours;
  const name = ['id', 'name'].find((field) => [before, after].every((rows) => tellsApart(field, rows)));
  return name === undefined ? undefined : [name];
}

function tellsApart(field: string, rows: readonly InventoryRow[]): boolean {
  const values = rows.map((row) => fieldOf(row, field));
  return values.every((value) => value !== null && !Array.isArray(value)) && new Set(values).size === values.length;
}

function diffLists(key: readonly string[] | undefined, before: readonly InventoryRow[], after: readonly InventoryRow[]): InventoryChange[] {
  const same = counted(after.map(textOf));
  const left = before.filter((row) => !take(same, textOf(row)));
  const kept = counted(before.map(textOf));
  const fresh = after.filter((row) => !take(kept, textOf(row)));
  const nameOf = (row: InventoryRow) => (key === undefined ? row : Object.fromEntries(key.map((field) => [field, fieldOf(row, field)])));
  // Rows of one name are told apart by their number: the first here is the first there, and lies at the end.
  const partners = Map.groupBy(fresh.toReversed(), (row) => textOf(nameOf(row)));
  const removed: InventoryChange[] = [];
  const changed = new Map<InventoryRow, InventoryChange>();
  for (const row of left) {
    const partner = partners.get(textOf(nameOf(row)))?.pop();
    const name = nameOf(row);
    if (partner === undefined) removed.push({ change: 'removed', key: name, before: row, after: null });
    else changed.set(partner, { change: 'changed', key: name, ...differingFields(row, partner)! });
  }
  return [...removed, ...fresh.map((row) => changed.get(row) ?? { change: 'added' as const, key: nameOf(row), before: null, after: row })];
}

function counted(texts: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const text of texts) counts.set(text, (counts.get(text) ?? 0) + 1);
  return counts;
}

function take(counts: Map<string, number>, text: string): boolean {
  const n = counts.get(text) ?? 0;
  if (n > 0) counts.set(text, n - 1);
  return n > 0;
}

/** One text for all spellings of a row. */
function textOf(row: InventoryRow): string {
  const fields = Object.entries(row).filter(([, value]) => value !== null);
  return JSON.stringify(fields.sort(([a], [b]) => (a < b ? -1 : 1)));
}

function differingFields(before: InventoryRow, after: InventoryRow): { before: InventoryRow; after: InventoryRow } | undefined {
  const fields = [...new Set([...Object.keys(before), ...Object.keys(after)])].filter(
    (field) => JSON.stringify(fieldOf(before, field)) !== JSON.stringify(fieldOf(after, field)),
  );
  if (fields.length === 0) return undefined;
  const only = (row: InventoryRow) => Object.fromEntries(fields.map((field): [string, InventoryValue] => [field, fieldOf(row, field)]));
  return { before: only(before), after: only(after) };
}
