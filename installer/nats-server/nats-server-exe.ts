import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rename, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { machineSource } from '#backend/broker/apt-fetch.ts';
import { downloadRelease, type Release, releaseFor } from '#backend/broker/release.ts';
import { messageOf } from '#core/contract/errors.ts';
import { runCommand } from '#core/process/run-command.ts';
import { crossBuilt } from './cross-build.ts';

/** nats-server for Windows on x64. */
export interface NatsServerExe {
  bytes: Uint8Array;
  version: string;
  /** What its licence wants to be passed on. */
  licence: string;
}

export interface NatsServerOptions {
  /** `nats-server.exe`, or an archive of the official release that holds it; undefined = the official release, else made here. */
  given?: string | undefined;
  /** Of this user. */
  cache: string;
  say: (line: string) => void;
}

/** The one that is given; else the official release, whose hash is known here; else, where that cannot be had, one made of Debian's sources. */
export async function natsServerExe({ given, cache, say }: NatsServerOptions): Promise<NatsServerExe> {
  const release = releaseFor('win32', 'x64')!;
  if (given !== undefined) return assertProgram(given, given.endsWith('.zip') ? await ofArchive(given, release) : await ofFile(given, say));
  try {
    const archive = join(cache, 'packages', release.archive);
    if (!existsSync(archive)) await keepRelease(release, archive);
    return assertProgram(archive, await ofArchive(archive, release));
  } catch (error) {
    say(`nats-server ${release.version} as its makers release it cannot be had (${messageOf(error)}): with --nats-server it is given`);
  }
  const source = await machineSource();
  if (source === undefined) throw new Error('nats-server.exe cannot be had, and this is no Debian to make it on: give it by --nats-server');
  say('nats-server.exe is made of what Debian has now: the same commit gives other bytes another day');
  return crossBuilt(source, cache, say);
}

async function keepRelease(release: Release, archive: string): Promise<void> {
  await mkdir(join(archive, '..'), { recursive: true });
  const folder = await mkdtemp(`${archive}.`);
  try {
    await rename(await downloadRelease(release, folder), archive);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function ofArchive(path: string, { name, version, sha256 }: Release): Promise<NatsServerExe> {
  const found = createHash('sha256')
    .update(await readFile(path))
    .digest('hex');
  if (found !== sha256) throw new Error(`${path} is not nats-server ${version} as its makers released it: it has the SHA-256 ${found}`);
  const folder = await mkdtemp(`${path}.`);
  try {
    const { code, stderr } = await runCommand('unzip', ['-q', path, `${name}/*`, '-d', folder]);
    if (code !== 0) throw new Error(`${path} cannot be unpacked: ${stderr.trim()}`);
    const [bytes, licence] = await Promise.all([
      readFile(join(folder, name, 'nats-server.exe')),
      readFile(join(folder, name, 'LICENSE'), 'utf8'),
    ]);
    return { bytes, version, licence: licence.trim() };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Of what an admin brings nobody here knows the hash: it is said, to be compared. */
async function ofFile(path: string, say: (line: string) => void): Promise<NatsServerExe> {
  const bytes = await readFile(path);
  say(`${basename(path)} has the SHA-256 ${createHash('sha256').update(bytes).digest('hex')}`);
  return { bytes, version: 'as given', licence: 'Apache-2.0: https://www.apache.org/licenses/LICENSE-2.0' };
}

/** A program for Windows on x64, by its header. */
function assertProgram(path: string, exe: NatsServerExe): NatsServerExe {
  const view = Buffer.from(exe.bytes.buffer, exe.bytes.byteOffset, exe.bytes.byteLength);
  const header = view.length > 0x40 && view.toString('latin1', 0, 2) === 'MZ' ? view.readUInt32LE(0x3c) : view.length;
  const isPe = header + 6 <= view.length && view.toString('latin1', header, header + 4) === 'PE\0\0';
  if (!isPe || view.readUInt16LE(header + 4) !== 0x8664) throw new Error(`${path} is no program for Windows on x64`);
  return exe;
}
