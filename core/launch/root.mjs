import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The clone. */
export const ROOT = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

/** A path in the clone, given with slashes. */
export function inRoot(path) {
  return join(ROOT, ...path.split('/'));
}
