import { define, type Struct } from 'superstruct';

/** Characters of a path below the folder of a version: together with that it stays under the 260 that Windows takes anywhere. */
const LENGTH_MAX = 160;
/** ASCII, so that no file system sees one name where another sees two; no `~`, which short names are made with, nor anything Windows reads something into. */
const SEGMENT = /^[A-Za-z0-9_@+().-](?:[A-Za-z0-9_@+(). -]*[A-Za-z0-9_@+()-])?$/;
/** Devices, whatever comes after a dot. */
const RESERVED = /^(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|$)/i;

/** A relative path with slashes that means the same file on every system, below the folder it is joined to. */
export function isFilePath(value: unknown): value is string {
  return typeof value === 'string' && value.length <= LENGTH_MAX && value.split('/').every(isSegment);
}

export const FilePath: Struct<string, null> = define('FilePath', (value) => isFilePath(value) || 'must be a plain relative path with "/"');

/** Two that are one file, or a file and a folder of the same name, to a system that does not tell case apart. */
export function clashIn(paths: readonly string[]): string | undefined {
  const files = new Set<string>();
  for (const path of paths) {
    if (files.has(path.toLowerCase())) return path;
    files.add(path.toLowerCase());
  }
  return paths.find((path) => foldersOf(path.toLowerCase()).some((folder) => files.has(folder)));
}

function foldersOf(path: string): string[] {
  const segments = path.split('/');
  return segments.slice(1).map((_, i) => segments.slice(0, i + 1).join('/'));
}

function isSegment(segment: string): boolean {
  return SEGMENT.test(segment) && segment !== '.' && !RESERVED.test(segment);
}
