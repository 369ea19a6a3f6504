import { KanadeError } from '#core/contract/errors.ts';
import {
  INVENTORY_FIELDS_MAX,
  INVENTORY_ROWS_MAX,
  type InventoryData,
  type InventoryRow,
  isCustomSection,
  isFieldName,
  SECTION_KEYS,
} from '#core/contract/inventory.ts';

/**
 * What a message holds of a section, as the contract has it, or `bad_message` with the place of what is not so. A section
 * of ours is always of one shape, so that nobody who reads it has to ask.
 */
export function checkData(section: string, data: unknown): InventoryData | null {
  if (data === null) return null;
  const wanted = isCustomSection(section) ? undefined : section in SECTION_KEYS ? 'a list' : 'an object';
  const found = Array.isArray(data) ? 'a list' : typeof data === 'object' ? 'an object' : typeof data;
  if (found !== (wanted ?? (Array.isArray(data) ? 'a list' : 'an object'))) {
    throw bad('/data', `is ${found}, and ${section} is ${wanted ?? 'an object or a list of them'}`);
  }
  if (!Array.isArray(data)) return checkRow('/data', data);
  if (data.length > INVENTORY_ROWS_MAX) throw bad('/data', `has ${data.length} rows, ${INVENTORY_ROWS_MAX} are the most`);
  return data.map((row, n) => checkRow(`/data/${n}`, row));
}

function checkRow(pointer: string, row: unknown): InventoryRow {
  if (typeof row !== 'object' || row === null || Array.isArray(row)) throw bad(pointer, 'is not an object');
  const fields = Object.entries(row);
  if (fields.length > INVENTORY_FIELDS_MAX) throw bad(pointer, `has ${fields.length} fields, ${INVENTORY_FIELDS_MAX} are the most`);
  for (const [name, value] of fields) {
    if (!isFieldName(name)) throw bad(pointer, `${JSON.stringify(name.slice(0, 100))} is not a name in snake_case`);
    if (isScalar(value) || (Array.isArray(value) && value.every(isScalar))) continue;
    throw bad(`${pointer}/${name}`, 'is not text, a number, true, false, null or a list of these');
  }
  return row as InventoryRow;
}

/** JSON has numbers that are none any more once they are read: 1e999. */
function isScalar(value: unknown): boolean {
  return value === null || typeof value === 'string' || typeof value === 'boolean' || Number.isFinite(value);
}

function bad(pointer: string, message: string): KanadeError {
  return new KanadeError('bad_message', `${pointer}: ${message}`, { faults: [{ pointer, message }] });
}
