import { hash } from 'node:crypto';
import { define, type Struct } from 'superstruct';
import { KanadeError } from './errors.ts';

const ID = /^[A-Za-z0-9_-]{1,64}$/;

/** Ids name subjects, KV keys, files and URL segments, so they hold nothing that any of these would have to escape. */
export function isId(value: unknown): value is string {
  return typeof value === 'string' && ID.test(value);
}

export const Id: Struct<string, null> = define('Id', (value) => isId(value) || 'must be 1 to 64 letters, digits, "_" or "-"');

/** The id, or `invalid_id` naming what it is the id of. */
export function checkId(what: string, value: string): string {
  if (isId(value)) return value;
  throw new KanadeError('invalid_id', `${what} ${JSON.stringify(value)} is not an id: 1 to 64 letters, digits, "_" or "-"`);
}

/** PCs are compared without case, as Windows compares computer names: folded on every input, stored and published folded. */
export function foldPcId(value: string): string {
  return checkId('pc_id', value).toUpperCase();
}

/** Groups are compared without case too, and keep the spelling an admin gave them: what all spellings of one name have in common. */
export function foldGroup(name: string): string {
  return name.toLowerCase();
}

/** A derived id: the same parts give the same id anywhere. Parts are length-prefixed, so ('a','bc') and ('ab','c') differ. */
export function deriveId(...parts: readonly string[]): string {
  return sha256(parts.map((part) => `${Buffer.byteLength(part)}:${part}`).join('')).slice(0, 32);
}

/** The id of the one result a PC can have for a request, whoever asks and however often. */
export function resultId(requestId: string, pcId: string): string {
  return deriveId('result', requestId, pcId);
}

export function sha256(bytes: Uint8Array | string): string {
  return hash('sha256', bytes);
}
