import { array, nullable, object, type Struct, string } from 'superstruct';

export interface Page<T> {
  items: T[];
  /** The cursor of the next page, null on the last. */
  next: string | null;
}

export function pageOf<T>(item: Struct<T, unknown>): Struct<Page<T>, unknown> {
  return object({ items: array(item as Struct<T>), next: nullable(string()) }) as unknown as Struct<Page<T>, unknown>;
}
