import { createHash } from 'node:crypto';

/** A UUID of a text: of version 8, which leaves the making of it to us, in the capitals that Windows Installer wants. */
export function guidOf(text: string): string {
  const bytes = createHash('sha256').update(`kanade ${text}`).digest().subarray(0, 16);
  bytes[6] = (bytes[6]! & 0x0f) | 0x80;
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  const hex = bytes.toString('hex').toUpperCase();
  return `{${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}}`;
}
