import {
  INVENTORY_FIELDS_MAX,
  INVENTORY_LIST_MAX,
  INVENTORY_NAMES_MAX,
  INVENTORY_ROWS_MAX,
  INVENTORY_TEXT_MAX,
  type InventoryData,
  type InventoryRow,
  isCustomSection,
  isFieldName,
  sectionKeys,
} from './inventory.ts';

/** The data of a section; null when nothing could be read. */
export type SectionData = InventoryData | null;

/** Where (RFC 6901 pointer into the data, '' = the whole) and what. */
export interface DataFault {
  pointer: string;
  message: string;
}

/**
 * What is wrong with the data of a section; undefined when nothing is, and it is `SectionData`. A section of ours is always of one
 * shape, so that nobody who reads it has to ask.
 */
export function faultInData(section: string, data: unknown): DataFault | undefined {
  if (data === null) return undefined;
  const wanted = isCustomSection(section) ? undefined : sectionKeys(section) !== undefined ? 'a list' : 'an object';
  const found = Array.isArray(data) ? 'a list' : isObject(data) ? 'an object' : typeof data;
  if (found !== (wanted ?? (Array.isArray(data) ? 'a list' : 'an object')))
    return { pointer: '', message: `is ${found}, and ${section} is ${wanted ?? 'an object or a list of them'}` };
  if (!Array.isArray(data)) return faultInRow('', data);
  for (const [n, row] of data.entries()) {
    const fault = faultInRow(`/${n}`, row);
    if (fault !== undefined) return fault;
  }
  return undefined;
}

function faultInRow(pointer: string, row: unknown): DataFault | undefined {
  if (!isObject(row)) return { pointer, message: 'is not an object' };
  const fields = Object.entries(row);
  if (fields.length > INVENTORY_FIELDS_MAX)
    return { pointer, message: `has ${fields.length} fields, ${INVENTORY_FIELDS_MAX} are the most` };
  for (const [name, value] of fields) {
    if (!isFieldName(name))
      return { pointer, message: `has the field ${JSON.stringify(name.slice(0, 100))}, which is not a name in snake_case` };
    if (isScalar(value) || (Array.isArray(value) && value.every(isScalar))) continue;
    return { pointer: `${pointer}/${name}`, message: 'is not text, a number, true, false, null or a list of these' };
  }
  return undefined;
}

/** What is more than a section may have of data that is otherwise right: the agent cuts it before it sends it. */
export function tooMuchInData(data: SectionData): DataFault | undefined {
  if (data === null) return undefined;
  if (!Array.isArray(data)) return tooMuchInRow('', data as InventoryRow, new Set());
  if (data.length > INVENTORY_ROWS_MAX) return { pointer: '', message: `has ${data.length} rows, ${INVENTORY_ROWS_MAX} are the most` };
  const names = new Set<string>();
  for (const [n, row] of (data as readonly InventoryRow[]).entries()) {
    const fault = tooMuchInRow(`/${n}`, row, names);
    if (fault !== undefined) return fault;
  }
  return undefined;
}

function tooMuchInRow(pointer: string, row: InventoryRow, names: Set<string>): DataFault | undefined {
  for (const [name, value] of Object.entries(row)) {
    if (names.add(name).size > INVENTORY_NAMES_MAX)
      return { pointer, message: `has names that make more than ${INVENTORY_NAMES_MAX} with those before` };
    const values = Array.isArray(value) ? value : [value];
    if (values.length > INVENTORY_LIST_MAX)
      return { pointer: `${pointer}/${name}`, message: `has ${values.length} values, ${INVENTORY_LIST_MAX} are the most` };
    if (values.some((one) => typeof one === 'string' && one.length > INVENTORY_TEXT_MAX))
      return { pointer: `${pointer}/${name}`, message: `is longer than ${INVENTORY_TEXT_MAX} characters` };
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
