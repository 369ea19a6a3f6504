import { readFile, writeFile } from 'node:fs/promises';
import { KanadeError, messageOf } from '#core/contract/errors.ts';
import { atomicWrite } from '#core/files/atomic-write.ts';
import { diskError } from '#core/files/disk-error.ts';
import type { BackendSettings } from '#core/settings/settings.ts';
import { externalConfig } from './broker/external-config.ts';
import { backupCredential } from './identity/backup-credential.ts';
import { brokerTrust, identityFor } from './identity/identity.ts';
import { sealKeys, unsealKeys } from './identity/key-backup.ts';
import { systemProtection } from './identity/protection.ts';

type Settings = Pick<
  BackendSettings,
  'dataDir' | 'open' | 'writeBrokerConfig' | 'writeBackupCreds' | 'writeRestoreCreds' | 'exportKeys' | 'importKeys' | 'passphraseFile'
>;

/**
 * What the backend's program is started for in place of running: by files, for what npm and PowerShell make of standard output is
 * nothing that other programs read. Whether there was anything.
 */
export async function doneOnly(settings: Settings): Promise<boolean> {
  const { dataDir, open, writeBrokerConfig, writeBackupCreds, writeRestoreCreds, exportKeys, importKeys } = settings;
  const done = [importKeys, exportKeys, writeBrokerConfig, writeBackupCreds, writeRestoreCreds].filter((path) => path !== undefined);
  if (done.length === 0) return false;
  if (open) throw new KanadeError('setting_invalid', 'in open mode there are no identities, and no keys: nothing is written');
  if (importKeys !== undefined) {
    const sealed = await read(importKeys);
    await unsealKeys(dataDir, sealed, await passphrase(settings), systemProtection());
  }
  if (exportKeys !== undefined) await atomicWrite(exportKeys, await sealKeys(dataDir, await passphrase(settings), systemProtection()));
  if (writeBrokerConfig !== undefined) {
    const config = externalConfig(await brokerTrust((await identityFor({ open, dataDir }))!));
    // Nothing secret, and the broker may run as somebody else.
    await writeFile(writeBrokerConfig, config).catch((error) => Promise.reject(diskError(error, writeBrokerConfig)));
  }
  for (const [what, file] of [['backup', writeBackupCreds] as const, ['restore', writeRestoreCreds] as const]) {
    if (file === undefined) continue;
    const { signers } = (await identityFor({ open, dataDir }))!;
    await atomicWrite(file, await backupCredential(what, signers.backends, Date.now()));
  }
  for (const path of done) process.stdout.write(`${path} is ${path === importKeys ? 'imported' : 'written'}\n`);
  return true;
}

/** From a file: command lines are read by everybody, and a program started by npm has nobody to ask. */
async function passphrase({ passphraseFile }: Settings): Promise<string> {
  if (passphraseFile === undefined)
    throw new KanadeError('setting_invalid', '--passphrase-file is missing: a file whose first line is the passphrase');
  const text = new TextDecoder().decode(await read(passphraseFile));
  return text.split('\n')[0]!.trim();
}

async function read(path: string): Promise<Uint8Array> {
  try {
    return await readFile(path);
  } catch (cause) {
    throw new KanadeError('setting_invalid', `${path} cannot be read: ${messageOf(cause)}`, { cause });
  }
}
