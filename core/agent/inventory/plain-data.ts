import { INVENTORY_FIELDS_MAX, type InventoryData, isFieldName } from '#core/contract/inventory.ts';

/** The data of a section; null when nothing could be read. */
export type SectionData = InventoryData | null;

/** What is wrong with the data of a section, beginning with the RFC 6901 pointer of where; undefined when nothing is. */
export function wrongWith(data: unknown): string | undefined {
  if (data === null) return undefined;
  if (!Array.isArray(data)) return wrongWithRow(data, '');
  for (const [n, row] of data.entries()) {
    const wrong = wrongWithRow(row, `/${n}`);
    if (wrong !== undefined) return wrong;
  }
  return undefined;
}

function wrongWithRow(row: unknown, at: string): string | undefined {
  if (!isObject(row)) return `${at || '/'} is not an object`;
  const fields = Object.entries(row);
  if (fields.length > INVENTORY_FIELDS_MAX) return `${at || '/'} has ${fields.length} fields, ${INVENTORY_FIELDS_MAX} are the most`;
  for (const [name, value] of fields) {
    if (!isFieldName(name)) return `${at || '/'} has the field ${JSON.stringify(name.slice(0, 100))}, which is not a name in snake_case`;
    if (isScalar(value) || (Array.isArray(value) && value.every(isScalar))) continue;
    return `${at}/${name} is not text, a number, true, false, null or a list of these`;
  }
  return undefined;
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** JSON has numbers that are none any more once they are read: 1e999. */
function isScalar(value: unknown): boolean {
  return value === null || typeof value === 'string' || typeof value === 'boolean' || Number.isFinite(value);
}
