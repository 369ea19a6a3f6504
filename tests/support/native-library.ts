import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { userCache } from '#backend/broker/binary-cache.ts';
import { findOnPath } from '#core/process/find-on-path.ts';
import { buildNative } from '../../installer/native/build.ts';
import { PWSH } from './pwsh.ts';

const SOURCES = join(import.meta.dirname, '../../installer/native');

/** Whether Kanade.Native.dll can be compiled and called here; with KANADE_REQUIRE_DOTNET=1 it is a failure when not. */
export const HAS_DOTNET: boolean = PWSH !== undefined && (await findOnPath('dotnet', process.env.PATH)) !== undefined;
if (!HAS_DOTNET) {
  const message = 'dotnet or pwsh is not on PATH: the tests of Kanade.Native.dll';
  if (process.env.KANADE_REQUIRE_DOTNET === '1') throw new Error(`${message} cannot run, and KANADE_REQUIRE_DOTNET=1 asks for them`);
  process.stderr.write(`\n*** ${message} ARE SKIPPED ***\n\n`);
}

/** The library for the CLR of PowerShell 7, compiled once for the same sources and kept in the cache of this user. */
export async function nativeLibrary(): Promise<string> {
  const hash = createHash('sha256');
  const names = (await readdir(SOURCES)).filter((name) => /\.(?:cs|csproj|ts|json)$/.test(name)).sort();
  for (const name of names) hash.update(name).update(await readFile(join(SOURCES, name)));
  const cache = join(userCache(process.env), 'native-library');
  const library = join(cache, hash.digest('hex').slice(0, 24), 'Kanade.Native.dll');
  if (existsSync(library)) return library;
  await mkdir(cache, { recursive: true });
  const folder = await mkdtemp(join(cache, '.build-'));
  try {
    await rename(dirname(await buildNative({ version: '1.2.3', framework: 'net10.0', folder })), dirname(library));
  } catch (error) {
    // Another test made the same in the meantime.
    if (!existsSync(library)) throw error;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  return library;
}
