import { chmod, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openIdentity } from '#backend/identity/identity.ts';
import { sealKeys, unsealKeys } from '#backend/identity/key-backup.ts';
import { encryptedBy, FILE_RIGHTS, systemProtection } from '#backend/identity/protection.ts';
import { CommandKeys } from '#backend/seal/command-keys.ts';
import { commandKeyFile } from '#backend/seal/key-file.ts';
import { openCa } from '#backend/tls/own-certificate.ts';
import { tlsDirIn } from '#backend/tls/server-tls.ts';
import { dataProtection } from '#core/process/data-protection.ts';
import { startProcess } from '#tests/support/processes.ts';
import { tempDir } from '#tests/support/temp.ts';

/** What DPAPI does, as far as can be seen from here: what one account has encrypted no other can read. */
function account(mask: number) {
  const turned = (bytes: Uint8Array) => Buffer.from([...bytes.map((byte) => byte ^ mask), mask]);
  return encryptedBy({
    protect: async (bytes) => turned(bytes),
    unprotect: async (bytes) => (bytes.at(-1) === mask ? turned(bytes.subarray(0, -1)).subarray(0, -1) : undefined),
  });
}

async function fill(dataDir: string, protection: ReturnType<typeof account>) {
  const identity = await openIdentity(dataDir, protection);
  const keys = await CommandKeys.open({ path: commandKeyFile(dataDir), backendId: 'b', clock: Date.now, protection });
  await keys.save();
  const ca = await openCa(tlsDirIn(dataDir), Date.now(), protection);
  return { operator: identity.keys.operator.getPublicKey(), command: keys.sealingId, ca: ca.cert };
}

test('where the system encrypts, no key lies in the clear, and another account reads none of them', async () => {
  await using temp = await tempDir();
  const [mine, other] = [account(0x5a), account(0x33)];
  const made = await fill(temp.path, mine);
  const files = ['identity/broker-keys.json', 'identity/command-keys.json', 'tls/ca-key.pem'];
  for (const file of files) expect(await readFile(join(temp.path, file), 'utf8'), file).not.toMatch(/PRIVATE KEY|S[OA][A-Z2-7]{50}/);
  expect(await fill(temp.path, account(0x5a))).toEqual(made);

  await expect(openIdentity(temp.path, other)).rejects.toMatchObject({ code: 'identity_unreadable' });
  const opening = CommandKeys.open({ path: commandKeyFile(temp.path), backendId: 'b', clock: Date.now, protection: other });
  await expect(opening).rejects.toMatchObject({ code: 'command_key_lost' });
  await expect(openCa(tlsDirIn(temp.path), Date.now(), other)).rejects.toMatchObject({ code: 'certificate_unreadable' });
  expect(systemProtection('linux')).toBe(FILE_RIGHTS);
  expect(systemProtection('win32')).not.toBe(FILE_RIGHTS);
});

test('keys that were exported are restored under another account, by whoever has the passphrase and nobody else', async () => {
  await using temp = await tempDir();
  const [from, to] = [join(temp.path, 'from'), join(temp.path, 'to')];
  const made = await fill(from, account(1));
  const sealed = await sealKeys(from, 'correct horse battery', account(1));
  expect(Buffer.from(sealed).toString()).not.toMatch(/PRIVATE KEY|operator/);
  await expect(unsealKeys(to, sealed, 'correct horse batterx', account(2))).rejects.toMatchObject({ code: 'key_backup_unreadable' });
  const changed = Buffer.from(
    Buffer.from(sealed)
      .toString()
      .replace(/"sealed":"(.)/, (_, first) => `"sealed":"${first === 'A' ? 'B' : 'A'}`),
  );
  await expect(unsealKeys(to, changed, 'correct horse battery', account(2))).rejects.toMatchObject({ code: 'key_backup_unreadable' });
  await unsealKeys(to, sealed, 'correct horse battery', account(2));
  expect(await fill(to, account(2))).toEqual(made);
  // Nothing is written over.
  await expect(unsealKeys(from, sealed, 'correct horse battery', account(1))).rejects.toMatchObject({ code: 'identity_there' });
  await expect(sealKeys(from, 'too short', account(1))).rejects.toMatchObject({ code: 'setting_invalid' });
});

test('both are flags of the backend', async () => {
  await using temp = await tempDir();
  const [from, to, file, words] = ['from', 'to', 'keys.json', 'words.txt'].map((name) => join(temp.path, name));
  await openIdentity(from!);
  await writeFile(words!, 'correct horse battery\r\n');
  for (const args of [
    [from!, '--export-keys'],
    [to!, '--import-keys'],
  ]) {
    await using run = startProcess('backend/main.ts', ['--data-dir', ...args, file!, '--passphrase-file', words!]);
    expect(await run.exited, run.output()).toBe(0);
  }
  expect((await readdir(join(to!, 'identity'))).sort()).toEqual(['accounts.json', 'broker-keys.json']);
  await using without = startProcess('backend/main.ts', ['--data-dir', to!, '--export-keys', file!]);
  expect(await without.exited).toBe(1);
  expect(without.output()).toMatch(/^setting_invalid: --passphrase-file/m);
});

test.skipIf(process.platform === 'win32')(
  'bytes go to PowerShell and come back as Base64; refusals and failures are told apart',
  async () => {
    await using temp = await tempDir();
    const program = join(temp.path, 'powershell');
    // In its place: turns Base64 round, refuses what begins with a question mark, and fails at an exclamation mark.
    const script = ['#!/bin/sh', 'text=$(base64 -d)', 'case "$text" in', '\\?*) exit 3;;', '!*) echo broken >&2; exit 1;;', 'esac'];
    await writeFile(program, [...script, 'printf %s "<$text>" | base64 -w0', ''].join('\n'));
    await chmod(program, 0o700);
    const { protect, unprotect } = dataProtection(program);
    expect(Buffer.from(await protect(Buffer.from('secret'))).toString()).toBe('<secret>');
    expect(await unprotect(Buffer.from('?'))).toBeUndefined();
    await expect(unprotect(Buffer.from('!'))).rejects.toThrow(/broken/);
  },
);
