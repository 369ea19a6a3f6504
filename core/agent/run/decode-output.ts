import { OEM_TABLES } from './oem-tables.ts';

export interface DecodedOutput {
  text: string;
  /** Whether encoding the text as UTF-8 gives the same bytes again. */
  exact: boolean;
}

/**
 * Output as text: UTF-8 when it is UTF-8, else in the console's encoding, else UTF-8 with U+FFFD for what is none.
 * `label` is a TextDecoder label or `cp<number>`, as `Platform.consoleEncoding` gives it; an unknown one counts as none.
 */
export function decodeOutput(bytes: Uint8Array, label: string): DecodedOutput {
  const utf8 = decodeStrictly(bytes, 'utf-8');
  if (utf8 !== undefined) return { text: utf8, exact: true };
  const text = decodeOem(bytes, label) ?? decodeStrictly(bytes, label) ?? new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes);
  return { text, exact: false };
}

function decodeStrictly(bytes: Uint8Array, label: string): string | undefined {
  try {
    // The mark is three bytes like any others: without ignoreBOM it would be dropped.
    return new TextDecoder(label, { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    // Not this encoding, or an encoding nobody knows: the caller has the next one to try.
    return undefined;
  }
}

function decodeOem(bytes: Uint8Array, label: string): string | undefined {
  const table = OEM_TABLES[label];
  if (table === undefined) return undefined;
  const units = new Uint16Array(bytes.length);
  for (const [i, byte] of bytes.entries()) units[i] = byte < 0x80 ? byte : table.charCodeAt(byte - 0x80);
  return Buffer.from(units.buffer).toString('utf16le');
}
