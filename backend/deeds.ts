import { writeFile } from 'node:fs/promises';
import { KanadeError } from '#core/contract/errors.ts';
import { atomicWrite } from '#core/files/atomic-write.ts';
import { diskError } from '#core/files/disk-error.ts';
import type { BackendSettings } from '#core/settings/settings.ts';
import { externalConfig } from './broker/external-config.ts';
import { backupCredential } from './identity/backup-credential.ts';
import { brokerTrust, openIdentity } from './identity/identity.ts';

type Deeds = Pick<BackendSettings, 'dataDir' | 'open' | 'writeBrokerConfig' | 'writeBackupCreds'>;

/**
 * What the backend's program is started for in place of running: into files, for what npm and PowerShell make of standard output is
 * nothing that other programs read. Whether there was anything.
 */
export async function doneOnly({ dataDir, open, writeBrokerConfig, writeBackupCreds }: Deeds): Promise<boolean> {
  const paths = [writeBrokerConfig, writeBackupCreds].filter((path) => path !== undefined);
  if (paths.length === 0) return false;
  if (open)
    throw new KanadeError('setting_invalid', 'in open mode there are no identities, and a broker trusts everybody: nothing is written');
  const identity = await openIdentity(dataDir);
  if (writeBrokerConfig !== undefined) {
    const config = externalConfig(await brokerTrust(identity));
    // Nothing secret, and the broker may run as somebody else.
    await writeFile(writeBrokerConfig, config).catch((error) => Promise.reject(diskError(error, writeBrokerConfig)));
  }
  if (writeBackupCreds !== undefined) await atomicWrite(writeBackupCreds, await backupCredential(identity.keys.backends, Date.now()));
  for (const path of paths) process.stdout.write(`${path} is written\n`);
  return true;
}
