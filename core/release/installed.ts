import { join } from 'node:path';
import { array, type Infer, number, type } from 'superstruct';
import { decode } from '#core/contract/codec.ts';
import { Version } from '#core/contract/version.ts';
import { readIfThere } from '#core/files/read-if-there.ts';
import { FilePath } from './file-path.ts';
import { INSTALLED_FILE, type ReleaseFile, Sha256 } from './manifest.ts';

/** `release.json`: what a version consists of. It is written last, and itself is not in it; the host takes no folder without it. */
const Installed = type({ version: Version, files: array(type({ name: FilePath, size: number(), sha256: Sha256 })) });
export type Installed = Infer<typeof Installed>;

/** The bytes of `release.json`, the same whether a version comes by MSI or by a release. */
export function installedText(version: string, files: readonly ReleaseFile[]): string {
  const sorted = [...files].sort((a, b) => (a.path < b.path ? -1 : 1));
  const installed: Installed = { version, files: sorted.map(({ path, size, sha256 }) => ({ name: path, size, sha256 })) };
  return `${JSON.stringify(installed, null, 2)}\n`;
}

/** Undefined where there is none that can be read. */
export async function readInstalled(folder: string): Promise<Installed | undefined> {
  const bytes = await readIfThere(join(folder, INSTALLED_FILE)).catch(() => undefined);
  try {
    return bytes && decode(Installed, bytes);
  } catch {
    // Whoever wrote it, nothing that it says is of use.
    return undefined;
  }
}
