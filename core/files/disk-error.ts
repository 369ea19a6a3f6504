import { KanadeError, messageOf } from '#core/contract/errors.ts';

const FULL = new Set(['ENOSPC', 'EDQUOT']);
const BUSY = new Set(['EPERM', 'EACCES', 'EBUSY']);

/** Node's code of a failed file call, undefined for anything else. */
export function errnoOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}

/** Windows answers so while a scanner or an indexer has the file open: a moment later the same call succeeds. */
export function isBusy(error: unknown): boolean {
  return BUSY.has(errnoOf(error) ?? '');
}

/** `disk_full` when there is no room or quota left, `folder_unwritable` for every other reason why a write failed. */
export function diskError(error: unknown, path: string): KanadeError {
  if (error instanceof KanadeError) return error;
  const code = FULL.has(errnoOf(error) ?? '') ? 'disk_full' : 'folder_unwritable';
  return new KanadeError(code, `${path} cannot be written: ${messageOf(error)}`, { cause: error });
}

export function isDiskTrouble(error: unknown): error is KanadeError {
  return error instanceof KanadeError && (error.code === 'disk_full' || error.code === 'folder_unwritable');
}
