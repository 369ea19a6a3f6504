import { INVENTORY_ROWS_MAX, type InventoryFault } from '#core/contract/inventory.ts';
import type { Reading } from './inventory-source.ts';

/** Faults told of one section, and characters of what is said of each. */
const FAULTS_MAX = 50;
const SOURCE_MAX = 256;
const MESSAGE_MAX = 1024;

/**
 * A reading whose data and faults take at most `room` bytes as JSON, in not too many rows: some are left out from the end,
 * and a `too_large` says how many. Of an object, or when not even a row fits, nothing is left.
 */
export function cutToSize(section: string, { data, faults }: Reading, room: number): Reading {
  const said = faults.slice(0, FAULTS_MAX).map(shortened);
  const few = !Array.isArray(data) || data.length <= INVENTORY_ROWS_MAX;
  if (few && bytesOf(data) + bytesOf(said) <= room) return { data, faults: said };
  const withFault = (message: string): InventoryFault[] => [...said, { source: section, code: 'too_large', message }];
  if (!Array.isArray(data)) return { data: null, faults: withFault(`it is ${bytesOf(data)} bytes long: more than a message holds`) };
  const leftOut = (count: number) => withFault(`${count} of ${data.length} rows are left out: they are more than a message holds`);
  let left = room - bytesOf(leftOut(data.length)) - '[]'.length;
  let kept = 0;
  for (const row of data.slice(0, INVENTORY_ROWS_MAX)) {
    left -= bytesOf(row) + ','.length;
    if (left < 0) break;
    kept++;
  }
  return { data: kept === 0 ? null : data.slice(0, kept), faults: leftOut(data.length - kept) };
}

function shortened({ source, code, message }: InventoryFault): InventoryFault {
  return { source: source.slice(0, SOURCE_MAX).toWellFormed(), code, message: message.slice(0, MESSAGE_MAX).toWellFormed() };
}

function bytesOf(value: unknown): number {
  return Buffer.byteLength(JSON.stringify(value));
}
