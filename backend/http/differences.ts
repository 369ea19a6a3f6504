import { isDeepStrictEqual } from 'node:util';

/** A place where two documents differ. What is not there is null: no document holds a null. */
export interface Difference {
  /** RFC 6901. */
  pointer: string;
  before: unknown;
  after: unknown;
}

/** Where two documents differ, field by field; lists are one value each. */
export function differencesOf(before: unknown, after: unknown, pointer = ''): Difference[] {
  const [old, now] = [before ?? {}, after ?? {}];
  const keys = isObject(old) && isObject(now) ? [...new Set([...Object.keys(now), ...Object.keys(old)])] : [];
  if (keys.length > 0) return keys.flatMap((key) => differencesOf(member(old, key), member(now, key), `${pointer}/${escaped(key)}`));
  return isDeepStrictEqual(before, after) ? [] : [{ pointer, before: before ?? null, after: after ?? null }];
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function member(value: unknown, key: string): unknown {
  return isObject(value) && Object.hasOwn(value, key) ? value[key] : undefined;
}

function escaped(key: string): string {
  return key.replaceAll('~', '~0').replaceAll('/', '~1');
}
