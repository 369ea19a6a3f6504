import { sha256 } from '#core/contract/ids.ts';
import type { InventoryFault } from '#core/contract/inventory.ts';
import type { Reading } from './inventory-source.ts';

/**
 * What makes two readings of a section the same: what was read and what could not be, but not in which words. The order
 * of names says nothing, and neither does that of rows: whoever lists them may do so in another order each time.
 */
export function sectionHash({ data, faults }: Reading): string {
  const rows = Array.isArray(data) ? `[${data.map(canonical).toSorted().join()}]` : canonical(data);
  const troubles = faults.map(({ source, code }: InventoryFault) => canonical([source, code])).toSorted();
  return sha256(`{"data":${rows},"faults":[${troubles.join()}]}`);
}

function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join()}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const members = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return `{${members.map(([name, member]) => `${JSON.stringify(name)}:${canonical(member)}`).join()}}`;
}
