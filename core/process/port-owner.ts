import { readdir, readFile, readlink } from 'node:fs/promises';
import { createServer } from 'node:net';
import { basename } from 'node:path';
import { KanadeError } from '#core/contract/errors.ts';
import { hostPort, type Listen } from '#core/settings/listen.ts';

/** `port_in_use` when somebody listens there already, saying who, as far as it can be known, and what to set instead. */
export async function assertPortFree(listen: Listen, variable: string): Promise<void> {
  if (await canListen(listen)) return;
  const owner = await portOwner(listen.port);
  throw new KanadeError(
    'port_in_use',
    `${hostPort(listen)} is taken by ${owner ?? 'another program'}: end that, or set ${variable} to another host:port`,
  );
}

async function canListen(listen: Listen): Promise<boolean> {
  const { promise, resolve, reject } = Promise.withResolvers<boolean>();
  const server = createServer();
  server.once('error', (error: NodeJS.ErrnoException) => (error.code === 'EADDRINUSE' ? resolve(false) : reject(error)));
  server.listen({ host: listen.host, port: listen.port, exclusive: true }, () => server.close(() => resolve(true)));
  return promise;
}

/** `name (pid 123)` of who listens on a TCP port, on Linux and for processes this user may look at; else undefined. */
export async function portOwner(port: number): Promise<string | undefined> {
  if (process.platform !== 'linux') return undefined;
  const inodes = new Set<string>();
  for (const table of ['/proc/net/tcp', '/proc/net/tcp6']) {
    const text = await readFile(table, 'latin1').catch(() => ''); // no IPv6 here
    for (const line of text.split('\n').slice(1)) {
      const [, local, , state, , , , , , inode] = line.trim().split(/\s+/);
      if (state === '0A' && inode && Number.parseInt(local?.split(':')[1] ?? '', 16) === port) inodes.add(`socket:[${inode}]`);
    }
  }
  if (inodes.size === 0) return undefined;
  for (const pid of (await readdir('/proc')).filter((name) => /^\d+$/.test(name))) {
    // Processes of others, and those that end meanwhile, cannot be looked at.
    const files = await readdir(`/proc/${pid}/fd`).catch(() => []);
    for (const file of files) {
      if (!inodes.has(await readlink(`/proc/${pid}/fd/${file}`).catch(() => ''))) continue;
      return `${await nameOf(pid)} (pid ${pid})`;
    }
  }
  return undefined;
}

/** The program and, for what runs a script, the script: the name in /proc/<pid>/comm may be that of a thread. */
async function nameOf(pid: string): Promise<string> {
  const [program = '', script = ''] = (await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')).split('\0'); // ended meanwhile
  return [basename(program) || 'a process', ...(script === '' || script.startsWith('-') ? [] : [script])].join(' ');
}
