import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { runCommand } from '#core/process/run-command.ts';
import type { PackFile } from './files.ts';

/** Gives a file with a signature where that kind of file has one, else as it is. */
export type Sign = (file: PackFile) => Promise<PackFile>;

export interface Signing {
  /** PEM: the certificate, and those between it and its CA. */
  certificate: string;
  /** PEM. */
  key: string;
  /** PEM of the CA that what is signed is checked against; default: what `certificate` holds. */
  ca?: string | undefined;
  /** Of a time-stamping authority (RFC 3161): without it signatures end with the certificate. */
  timestampUrl?: string | undefined;
}

const SIGNED = /\.(?:exe|dll|node|msi|ps1|psm1|psd1|ps1xml)$/i;

export const unsigned: Sign = async (file) => file;

/** Signs by osslsigncode and has it check what it made. */
export function signer({ certificate, key, ca = certificate, timestampUrl }: Signing): Sign {
  return async (file) => {
    if (!SIGNED.test(file.name)) return file;
    const folder = await mkdtemp(join(tmpdir(), 'kanade-sign-'));
    try {
      // What kind of file it is osslsigncode also tells by its name.
      const plain = join(folder, basename(file.name));
      const made = join(folder, `signed-${basename(file.name)}`);
      await writeFile(plain, file.bytes, { mode: 0o600 });
      const stamp = timestampUrl === undefined ? [] : ['-ts', timestampUrl];
      const how = ['-certs', certificate, '-key', key, '-h', 'sha256', '-n', 'Kanade', ...stamp];
      await osslsigncode(file.name, ['sign', ...how, '-in', plain, '-out', made]);
      await osslsigncode(file.name, ['verify', '-CAfile', ca, '-in', made]);
      return { ...file, bytes: await readFile(made) };
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  };
}

async function osslsigncode(name: string, args: readonly string[]): Promise<void> {
  const { code, stdout, stderr } = await runCommand('osslsigncode', args);
  if (code !== 0) throw new Error(`osslsigncode ${args[0]} of ${name} failed (${code ?? 'killed'}):\n${stdout}${stderr}`);
}
