import type { KanadeError } from '#core/contract/errors.ts';
import type { Log } from '#core/contract/log.ts';
import type { Platform } from '../platform/platform.ts';
import { type Credential, isCopied } from './credential.ts';
import type { IdentityStore } from './identity-file.ts';

interface SettleOptions {
  store: IdentityStore;
  platform: Pick<Platform, 'hardware'>;
  wall: () => number;
  log: Log;
}

/**
 * What belongs to another PC (of which this disk is a copy), or to the name that this one had, is set aside before anything reads it.
 * The credential that this PC has after that; undefined: it enrols anew.
 */
export async function settle(
  { store, platform, wall, log }: SettleOptions,
  { credential, unusable }: { credential: Credential | undefined; unusable: KanadeError | undefined },
): Promise<Credential | undefined> {
  if (unusable !== undefined) {
    const to = await store.setAside({ credential: true, work: true }, wall());
    log.error({ error: unusable.message, to }, 'the identity on this disk cannot be used: it was set aside, and this PC enrols anew');
    return undefined;
  }
  if (credential === undefined) return undefined;
  const { pc_id, data_of } = credential;
  if (isCopied(credential, await platform.hardware())) {
    const to = await store.setAside({ credential: true, work: true }, wall());
    log.error({ pc_id, to }, 'this disk is a copy of another PC: what it carries was set aside, and this PC enrols anew');
    return undefined;
  }
  if (data_of === pc_id) return credential;
  const to = await store.setAside({ credential: false, work: true }, wall());
  log.warn({ was: data_of, pc_id, to }, 'this PC was renamed: the work of its old name was set aside');
  const settled = { ...credential, data_of: pc_id };
  await store.write(settled);
  return settled;
}
