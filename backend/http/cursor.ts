import { KanadeError } from '#core/contract/errors.ts';
import { sha256 } from '#core/contract/ids.ts';

/**
 * A keyset cursor: where a page ended, and a fingerprint of what the list was asked for, so that it cannot go on with
 * another filter or order. Opaque to the caller, but no secret and no authority.
 */
export type SortValue = string | number | boolean | null;

/** Fingerprint of a list: its name and everything of the query that decides what is in it and in which order. */
export function listKey(name: string, query: object): string {
  const asked = Object.entries(query).filter(([key, value]) => key !== 'cursor' && key !== 'limit' && value !== undefined);
  return sha256(JSON.stringify([name, asked.sort(([a], [b]) => (a < b ? -1 : 1))])).slice(0, 16);
}

export function encodeCursor(key: string, values: readonly SortValue[]): string {
  return Buffer.from(JSON.stringify([key, ...values])).toString('base64url');
}

/** The values, as many as `kinds` and of those kinds ('*' = any); `invalid_cursor` otherwise. */
export function decodeCursor(key: string, text: string, kinds: readonly ('string' | 'number' | '*')[]): SortValue[] {
  let values: unknown;
  try {
    values = JSON.parse(Buffer.from(text, 'base64url').toString('utf8'));
  } catch (cause) {
    throw new KanadeError('invalid_cursor', 'the cursor is not one of ours', { cause });
  }
  if (!Array.isArray(values) || values.length !== kinds.length + 1)
    throw new KanadeError('invalid_cursor', 'the cursor is not one of ours');
  const [given, ...rest] = values as [unknown, ...unknown[]];
  if (given !== key) throw new KanadeError('invalid_cursor', 'the cursor belongs to another list, filter or order');
  rest.forEach((value, i) => {
    const fits = kinds[i] === '*' ? value === null || typeof value !== 'object' : typeof value === kinds[i];
    if (!fits) throw new KanadeError('invalid_cursor', 'the cursor is not one of ours');
  });
  return rest as SortValue[];
}
