import { readFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { atomicWrite } from '#core/files/atomic-write.ts';
import { readIfThere } from '#core/files/read-if-there.ts';
import { SUMS_FILE, sha256 } from './files.ts';
import { type ReleaseSigning, resigned } from './signed-release.ts';

export interface ResignOptions {
  release: ReleaseSigning | undefined;
  releaseKeys: readonly string[];
  say: (line: string) => void;
}

/** Signs a release anew where it lies, and puts its line in the list of hashes beside it right. */
export async function resignFile(path: string, { release, releaseKeys, say }: ResignOptions): Promise<void> {
  if (release === undefined) throw new Error('signing takes a key: --release-key, or KANADE_RELEASE_KEY');
  const bytes = await resigned(await readFile(path), releaseKeys, release);
  await atomicWrite(path, bytes);
  say(path);
  const sums = join(dirname(path), SUMS_FILE);
  const before = (await readIfThere(sums))?.toString();
  const after = before?.replace(lineOf(basename(path)), `${sha256(bytes)}  ${basename(path)}`);
  if (after === undefined || after === before) return;
  await atomicWrite(sums, after);
  say(sums);
}

function lineOf(name: string): RegExp {
  return new RegExp(`^[0-9a-f]{64}  ${name.replaceAll('.', '\\.')}$`, 'm');
}
