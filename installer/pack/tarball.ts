import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { runCommand } from '#core/process/run-command.ts';
import { type PackFile, writeFiles } from './files.ts';

/** A .tar.gz of files below one folder: nobody's, in the order of their names, as old as `at`. `work` is an empty folder of the caller's. */
export async function tarball(name: string, files: readonly PackFile[], at: Date, work: string): Promise<Uint8Array> {
  await writeFiles(join(work, name), files, at);
  const out = join(work, 'made.tar.gz');
  const same = ['--sort=name', `--mtime=@${at.getTime() / 1000}`, '--owner=0', '--group=0', '--numeric-owner', '--format=ustar'];
  // Rights of folders are what the umask of the moment made them.
  const { code, stderr } = await runCommand('tar', [...same, '--mode=u+rwX,go+rX,go-w', '-I', 'gzip -n -9', '-cf', out, '-C', work, name]);
  if (code !== 0) throw new Error(`tar failed: ${stderr.trim()}`);
  return readFile(out);
}
