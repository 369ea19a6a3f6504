import { readdir, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { KanadeError } from '#core/contract/errors.ts';
import { errnoOf } from '#core/files/disk-error.ts';

/** nats-server's name for the account of whoever says none. */
const EVERYBODY = '$G';

/** An account's public key. */
const ACCOUNT = /^A[A-Z2-7]{55}$/;

/** Where the broker that `npm start` runs keeps its streams. */
export const storeIn = (dataDir: string) => join(dataDir, 'broker', 'store');

/** Before keys are made: `identity_missing` when there is a store whose keys are gone. With new ones it would seem to be empty. */
export async function assertNoStore(storeDir: string): Promise<void> {
  const folder = join(storeDir, 'jetstream');
  const other = (await namesIn(folder)).find((name) => ACCOUNT.test(name));
  if (other !== undefined) throw missing(join(folder, other));
}

function missing(folder: string): KanadeError {
  const advice = `put the folder identity back from a backup; if there is none, rename that folder to ${EVERYBODY}, and enrol every PC again`;
  return new KanadeError('identity_missing', `${folder} was stored with keys that are not there: ${advice}`);
}

/**
 * What a broker stored while it was open, each account's streams in a folder of its own, becomes the backends': else a fleet that
 * gets identities would begin with nothing. Only before the first start with them. Whether there was any. `identity_missing` when
 * what is stored is another account's: its keys are gone, and with other ones everything would seem to be.
 */
export async function adoptStore(storeDir: string, account: string): Promise<boolean> {
  const folder = join(storeDir, 'jetstream');
  const names = await namesIn(folder);
  if (names.includes(account)) return false;
  const other = names.find((name) => ACCOUNT.test(name));
  if (other !== undefined) throw missing(join(folder, other));
  if (!names.includes(EVERYBODY)) return false;
  await rename(join(folder, EVERYBODY), join(folder, account));
  return true;
}

async function namesIn(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return []; // nothing was stored yet
    throw error;
  }
}
