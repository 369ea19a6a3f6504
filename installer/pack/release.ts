import { byName, type PackFile, sha256 } from './files.ts';

/** `release.json`: what a version consists of. It is written last, and itself is not in it. */
export interface Release {
  version: string;
  files: { name: string; size: number; sha256: string }[];
}

export const RELEASE_FILE = 'release.json';

export function releaseFile(version: string, files: readonly PackFile[]): PackFile {
  const release: Release = {
    version,
    files: [...files].sort(byName).map(({ name, bytes }) => ({ name, size: bytes.length, sha256: sha256(bytes) })),
  };
  return { name: RELEASE_FILE, bytes: new TextEncoder().encode(`${JSON.stringify(release, null, 2)}\n`) };
}
