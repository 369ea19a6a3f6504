import {
  INVENTORY_LIST_MAX,
  INVENTORY_NAMES_MAX,
  INVENTORY_ROWS_MAX,
  INVENTORY_TEXT_MAX,
  type InventoryFault,
  type InventoryRow,
  type InventoryValue,
} from '#core/contract/inventory.ts';
import type { SectionData } from '#core/contract/inventory-data.ts';
import type { Reading } from './inventory-source.ts';

/** Faults told of one section, and characters of what is said of each. */
const FAULTS_MAX = 50;
const SOURCE_MAX = 256;
const MESSAGE_MAX = 1024;

/**
 * A reading whose data and faults take at most `room` bytes as JSON, within all that a section may have. Texts and lists are cut
 * first: a user of a PC may name a program as long as he likes, which shall not hide the others. Then rows that do not fit are left out,
 * those at the end first, and a `too_large` says how many. Of an object, or when not even a row fits, nothing is left.
 */
export function cutToSize(section: string, { data: read, faults }: Reading, room: number): Reading {
  const tooLarge = (message: string): InventoryFault => ({ source: section, code: 'too_large', message });
  const { data, cut } = withShortValues(read);
  const said = faults.slice(0, FAULTS_MAX).map(shortened);
  if (cut > 0)
    said.push(
      tooLarge(`${cut} values are cut: ${INVENTORY_TEXT_MAX} characters of a text and ${INVENTORY_LIST_MAX} values of a list are the most`),
    );
  if (!Array.isArray(data)) {
    if (bytesOf(data) + bytesOf(said) <= room) return { data, faults: said };
    return { data: null, faults: [...said, tooLarge(`it is ${bytesOf(data)} bytes long: more than a message holds`)] };
  }
  const rows = data as readonly InventoryRow[];
  const all = rowsThatFit(rows, room - bytesOf(said));
  if (all.length === rows.length) return { data: all, faults: said };
  const leftOut = (count: number) => [
    ...said,
    tooLarge(`${count} of ${rows.length} rows are left out: they are more than a message holds`),
  ];
  const kept = rowsThatFit(rows, room - bytesOf(leftOut(rows.length)));
  return { data: kept.length === 0 ? null : kept, faults: leftOut(rows.length - kept.length) };
}

/** As many rows as a section may have, with as many names of fields, in so many bytes. */
function rowsThatFit(rows: readonly InventoryRow[], room: number): InventoryRow[] {
  const kept: InventoryRow[] = [];
  const names = new Set<string>();
  let left = room - '[]'.length;
  for (const row of rows) {
    if (kept.length === INVENTORY_ROWS_MAX) break;
    const bytes = bytesOf(row) + (kept.length === 0 ? 0 : ','.length);
    const fresh = Object.keys(row).filter((name) => !names.has(name));
    if (bytes > left || names.size + fresh.length > INVENTORY_NAMES_MAX) continue;
    left -= bytes;
    for (const name of fresh) names.add(name);
    kept.push(row);
  }
  return kept;
}

/** How many values had to be cut, too. */
function withShortValues(data: SectionData): { data: SectionData; cut: number } {
  let cut = 0;
  const short = (value: InventoryValue): InventoryValue => {
    if (isLong(value)) cut++;
    if (typeof value === 'string') return shortText(value);
    return Array.isArray(value) ? value.slice(0, INVENTORY_LIST_MAX).map((one) => (typeof one === 'string' ? shortText(one) : one)) : value;
  };
  const shortRow = (row: InventoryRow): InventoryRow =>
    Object.values(row).some(isLong) ? Object.fromEntries(Object.entries(row).map(([name, value]) => [name, short(value)])) : row;
  if (data === null) return { data, cut };
  return { data: Array.isArray(data) ? data.map(shortRow) : shortRow(data as InventoryRow), cut };
}

function isLong(value: InventoryValue): boolean {
  if (Array.isArray(value)) return value.length > INVENTORY_LIST_MAX || value.some(isLong);
  return typeof value === 'string' && value.length > INVENTORY_TEXT_MAX;
}

function shortText(text: string): string {
  return text.length > INVENTORY_TEXT_MAX ? text.slice(0, INVENTORY_TEXT_MAX).toWellFormed() : text;
}

function shortened({ source, code, message }: InventoryFault): InventoryFault {
  return { source: source.slice(0, SOURCE_MAX).toWellFormed(), code, message: message.slice(0, MESSAGE_MAX).toWellFormed() };
}

function bytesOf(value: unknown): number {
  return Buffer.byteLength(JSON.stringify(value));
}
