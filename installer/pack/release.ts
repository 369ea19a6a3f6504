import { installedText } from '#core/release/installed.ts';
import { INSTALLED_FILE, type ReleaseFile } from '#core/release/manifest.ts';
import { byName, type PackFile, sha256 } from './files.ts';

/** The files of a version as a release lists them. */
export function releaseFiles(files: readonly PackFile[]): ReleaseFile[] {
  return [...files].sort(byName).map(({ name, bytes }) => ({ path: name, size: bytes.length, sha256: sha256(bytes) }));
}

/** `release.json`: what a version consists of. */
export function installedFile(version: string, files: readonly PackFile[]): PackFile {
  return { name: INSTALLED_FILE, bytes: new TextEncoder().encode(installedText(version, releaseFiles(files))) };
}
