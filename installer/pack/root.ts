import { dirname } from 'node:path';

/** The clone. */
export const ROOT = dirname(dirname(import.meta.dirname));
