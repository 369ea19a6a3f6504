import { readFile } from 'node:fs/promises';
import { sha256 } from '#core/contract/ids.ts';
import { INSTALL_SCRIPT } from '#core/installation.ts';
import type { StoredPackage } from './stored-package.ts';

/** The script that a PC runs to install a package, and its hash, by which the line that fetches it knows it. */
export interface InstallScript {
  text: string;
  sha256: string;
}

/**
 * The same for the same package, whoever asks by whatever name: nothing of a request is in it. Its lines end as those do that
 * PowerShell puts together again, and the last one does not, so that a PC hashes what was sent.
 */
export async function installScript({ version, sha256: hash, size }: StoredPackage, path = INSTALL_SCRIPT): Promise<InstallScript> {
  const template = (await readFile(path, 'utf8')).replaceAll('\r\n', '\n').trimEnd();
  const text = template.replaceAll('%VERSION%', version).replaceAll('%SHA256%', hash).replaceAll('%SIZE%', String(size));
  return { text, sha256: sha256(text) };
}
