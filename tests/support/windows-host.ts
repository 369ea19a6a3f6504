import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { userCache } from '#backend/broker/binary-cache.ts';
import { COMPILE, compile, compileHost, hostSources, link, PRECOMPILED } from '../../installer/host/build.ts';

const HOST = join(import.meta.dirname, '../../installer/host');
const PROGRAMS = join(import.meta.dirname, 'windows');

export interface WindowsPrograms {
  /** kanade-host.exe as it is shipped. */
  host: string;
  /** The same with sessions by name: wine knows none. */
  hostWithSessions: string;
  actor: string;
  agent: string;
  swapTable: string;
  trustTable: string;
  /** What wine lacks for programs of Go, to be put into system32. */
  bcryptprimitives: string;
}

/** kanade-host.exe and what the tests need beside it, compiled once for the same sources and kept in the cache of this user. */
export async function windowsPrograms(): Promise<WindowsPrograms> {
  const hash = createHash('sha256')
    .update(COMPILE.join(' '))
    .update(await readFile(join(HOST, 'build.ts')));
  for (const name of await hostSources()) hash.update(name).update(await readFile(join(HOST, name)));
  for (const name of (await readdir(PROGRAMS)).sort()) hash.update(name).update(await readFile(join(PROGRAMS, name)));
  const cache = join(userCache(process.env), 'windows-host');
  const folder = join(cache, hash.digest('hex').slice(0, 24));
  if (!existsSync(folder)) await build(cache, folder);
  return {
    host: join(folder, 'kanade-host.exe'),
    hostWithSessions: join(folder, 'with-sessions', 'kanade-host.exe'),
    actor: join(folder, 'actor.exe'),
    agent: join(folder, 'agent.exe'),
    swapTable: join(folder, 'swap-table.exe'),
    trustTable: join(folder, 'trust-table.exe'),
    bcryptprimitives: join(folder, 'bcryptprimitives.dll'),
  };
}

async function build(cache: string, folder: string): Promise<void> {
  await mkdir(cache, { recursive: true });
  const making = await mkdtemp(`${folder}.`);
  try {
    const object = join(making, 'test.o');
    const objects = await compileHost({ version: '1.2.3', folder: making });
    await link(objects, join(making, 'kanade-host.exe'));
    const program = async (name: string, ...parts: string[]) => {
      await compile(join(PROGRAMS, `${name}.c`), object, making);
      await link(new Map([['', object], ...parts.map((part) => [part, objects.get(part)!] as const)]), join(making, `${name}.exe`));
    };
    await program('actor', 'text.c');
    await program('agent', 'text.c');
    await program('swap-table', 'swap.c', 'swap-file.c', 'version.c', 'message.c');
    await program('trust-table', 'trust.c');
    await compile(join(PROGRAMS, 'sessions.c'), object, making);
    await mkdir(join(making, 'with-sessions'));
    await link(objects.set('sessions.c', object), join(making, 'with-sessions', 'kanade-host.exe'));
    await compile(join(PROGRAMS, 'bcryptprimitives.c'), object, making);
    await link(new Map([['', object]]), join(making, 'bcryptprimitives.dll'), ['-shared']);
    await rm(join(making, PRECOMPILED));
    await rename(making, folder);
  } catch (error) {
    await rm(making, { recursive: true, force: true });
    // Another process may have been faster.
    if (!existsSync(folder)) throw error;
  }
}
