import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { runCommand } from '#core/process/run-command.ts';
import { npm } from './npm.ts';
import { ROOT } from './root.ts';

/** A version of a package, as the lock file has it. */
export interface LockedPackage {
  name: string;
  version: string;
  /** `sha512-<Base64>`. */
  integrity: string;
}

/** What package-lock.json says of a package, which need not be one for this machine. */
export async function lockedPackage(name: string): Promise<LockedPackage> {
  const { packages } = JSON.parse(await readFile(join(ROOT, 'package-lock.json'), 'utf8')) as { packages: Record<string, LockedPackage> };
  const found = packages[`node_modules/${name}`];
  if (found === undefined) throw new Error(`package-lock.json has no ${name}`);
  return { name, version: found.version, integrity: found.integrity };
}

/**
 * One file of a package that is for another system, so that npm does not install it here: fetched by npm, from whatever registry it is
 * set to, kept in `cache`, and checked against its integrity each time.
 */
export async function fileOfPackage(wanted: LockedPackage, file: string, cache: string): Promise<Uint8Array> {
  const path = join(cache, `${wanted.name}-${wanted.version}.tgz`);
  if (!existsSync(path)) await fetchPackage(wanted, path, cache);
  assertIntegrity(wanted, await readFile(path));
  const folder = await mkdtemp(join(cache, '.unpack-'));
  try {
    const { code, stderr } = await runCommand('tar', ['-xzf', path, '-C', folder, `package/${file}`]);
    if (code !== 0) throw new Error(`${path} holds no ${file}: ${stderr.trim()}`);
    return await readFile(join(folder, 'package', file));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function fetchPackage(wanted: LockedPackage, path: string, cache: string): Promise<void> {
  const { name, version } = wanted;
  await mkdir(cache, { recursive: true });
  const folder = await mkdtemp(join(cache, '.fetch-'));
  try {
    await npm(['pack', `${name}@${version}`, '--pack-destination', folder, '--ignore-scripts'], folder);
    const [made = ''] = await readdir(folder);
    assertIntegrity(wanted, await readFile(join(folder, made)));
    await rename(join(folder, made), path);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function assertIntegrity({ name, version, integrity }: LockedPackage, bytes: Uint8Array): void {
  const found = `sha512-${createHash('sha512').update(bytes).digest('base64')}`;
  if (found !== integrity) throw new Error(`${name} ${version} is not what the lock file says: ${found}`);
}
