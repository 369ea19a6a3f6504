import { rename, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { errnoOf } from '#core/files/disk-error.ts';

/** nats-server's name for the account of whoever says none. */
const EVERYBODY = '$G';

/**
 * What a broker stored while it was open, each account's streams in a folder of its own, becomes the backends': else a fleet that
 * gets identities would begin with nothing. Only before the first start with them. Whether there was any.
 */
export async function adoptStore(storeDir: string, account: string): Promise<boolean> {
  const [from, to] = [EVERYBODY, account].map((name) => join(storeDir, 'jetstream', name)) as [string, string];
  if ((await exists(to)) || !(await exists(from))) return false;
  await rename(from, to);
  return true;
}

async function exists(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return false;
    throw error;
  }
}
