import { createHash } from 'node:crypto';
import { copyFile, readFile, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type PackFile, writeFiles } from '../pack/files.ts';
import { filesFragment } from './files-fragment.ts';
import { guidOf } from './guid.ts';
import { msiTool, readTables, writeTables } from './msi-tools.ts';
import type { PackageKind } from './package-kind.ts';
import { repair } from './repair.ts';
import { formatTable } from './table.ts';

export interface Msi {
  /** `1.2.3`. */
  version: string;
  /** What lies in the folder of this version, with its release.json. */
  files: readonly PackFile[];
  /** The program of the service: kanade-host.exe. */
  host: Uint8Array;
  /** Date of everything in it. */
  at: Date;
  /** An empty folder of the caller's. */
  folder: string;
}

/** Makes a package and gives its path. The same content gives the same bytes. Needs wixl, msibuild and msiinfo. */
export async function buildMsi(kind: PackageKind, { version, files, host, at, folder }: Msi): Promise<string> {
  assertVersion(version);
  const source = `${kind.name}.wxs`;
  const names = files.map(({ name }) => name);
  const fragment = filesFragment(`${kind.name} ${version}`, 'files', names);
  const code = await contentOf(kind, [{ name: 'kanade-host.exe', bytes: host }, ...files], fragment, at);
  await copyFile(join(import.meta.dirname, source), join(folder, source));
  await writeFile(join(folder, 'files.wxs'), fragment);
  await writeFiles(join(folder, 'files'), files, at);
  await writeFile(join(folder, 'kanade-host.exe'), host);
  await utimes(join(folder, 'kanade-host.exe'), at, at);
  const msi = `${kind.name}.msi`;
  const defines = ['-D', `VERSION=${version}`, '-D', `PRODUCT_CODE=${guidOf(`product ${code}`)}`];
  await msiTool('wixl', ['-a', 'x64', ...defines, '-o', msi, source, 'files.wxs'], folder);
  const repaired = repair(await readTables(msi, folder), { kind, version, packageCode: guidOf(`package ${code}`), at });
  await writeTables(msi, repaired, folder);
  const made = await readTables(msi, folder);
  for (const table of repaired) {
    const found = made.get(table.name);
    if (found === undefined || formatTable(sorted(found)) !== formatTable(sorted(table)))
      throw new Error(`msibuild has not made the table ${table.name} what it was to be`);
  }
  return join(folder, msi);
}

/** The rows of a database have no order. */
function sorted<T extends { rows: string[][] }>(table: T): T {
  return { ...table, rows: table.rows.map((row) => row).sort((a, b) => (a.join('\t') < b.join('\t') ? -1 : 1)) };
}

async function contentOf(kind: PackageKind, files: readonly PackFile[], fragment: string, at: Date): Promise<string> {
  const hash = createHash('sha256').update(fragment).update(at.toISOString());
  hash.update(JSON.stringify(kind));
  for (const name of [`${kind.name}.wxs`, 'repair.ts']) hash.update(await readFile(join(import.meta.dirname, name)));
  for (const { name, bytes } of files) hash.update(`${name}\n${bytes.length}\n`).update(bytes);
  return hash.digest('hex');
}

/** What Windows Installer compares. */
function assertVersion(version: string): void {
  const parts = /^(\d{1,3})\.(\d{1,3})\.(\d{1,5})$/.exec(version)?.slice(1).map(Number);
  if (parts === undefined || parts[0]! > 255 || parts[1]! > 255 || parts[2]! > 65_535)
    throw new Error(`${version} is no version of a Windows Installer package: 1.2.3`);
}
