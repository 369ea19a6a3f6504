import { access, readdir, readFile, rm, stat } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { atomicWrite, ensureFolder, moveFile, sweepTemps } from '#core/files/atomic-write.ts';
import { diskError, errnoOf } from '#core/files/disk-error.ts';
import { OUTBOX_KINDS, type OutboxKind, type OutboxStore, type Place, type StoredFile } from './outbox-store.ts';

const EXTENSION = { events: '.json', results: '.json', output: '.bin', inventory: '.json' } as const satisfies Record<OutboxKind, string>;
/** Files looked at at once when scanning. */
const AT_ONCE = 32;

interface Found {
  file: string;
  bytes: number;
  /** Milliseconds since 1970. */
  modified: number;
}

/**
 * `<dir>/<kind>/<name>.json` (`.bin` for output), with `stuck/` and `corrupt/` in each. The file is the message, byte for
 * byte and without any envelope: `events/<result_id>.json` is an EventStarted, `results/<result_id>.json` an ExecResult,
 * `inventory/<section>.json` an InventorySection.
 */
export class OutboxFolder implements OutboxStore {
  readonly #dir: string;

  constructor(dir: string) {
    this.#dir = dir;
  }

  async scan() {
    const files: (StoredFile & Found & { name: string })[] = [];
    const corrupt = { files: 0, bytes: 0 };
    for (const kind of OUTBOX_KINDS) {
      try {
        await ensureFolder(this.#folder(kind, 'waiting'));
        await sweepTemps(this.#folder(kind, 'waiting'));
        for (const place of ['waiting', 'stuck'] as const) {
          const found = await list(this.#folder(kind, place), EXTENSION[kind]);
          files.push(...found.map((entry) => ({ ...entry, kind, place, name: nameOf(entry.file) })));
        }
        const unreadable = await list(this.#folder(kind, 'corrupt'), '');
        corrupt.files += unreadable.length;
        corrupt.bytes += unreadable.reduce((sum, entry) => sum + entry.bytes, 0);
      } catch (error) {
        throw diskError(error, this.#folder(kind, 'waiting'));
      }
    }
    files.sort((a, b) => a.modified - b.modified || (a.file < b.file ? -1 : 1));
    return { files, corrupt };
  }

  fileOf(kind: OutboxKind, name: string): string {
    return name + EXTENSION[kind];
  }

  async write(kind: OutboxKind, file: string, bytes: Uint8Array): Promise<void> {
    const path = join(this.#folder(kind, 'waiting'), file);
    try {
      await atomicWrite(path, bytes);
    } catch (error) {
      // Someone removed the folder under the running agent: make it again, and this write decides.
      if (!(error instanceof Error) || errnoOf(error.cause) !== 'ENOENT') throw error;
      await ensureFolder(this.#folder(kind, 'waiting'));
      await atomicWrite(path, bytes);
    }
  }

  async read(file: StoredFile): Promise<Uint8Array | undefined> {
    try {
      return await readFile(this.#path(file));
    } catch (error) {
      if (errnoOf(error) === 'ENOENT') return undefined;
      throw error;
    }
  }

  async remove(file: StoredFile): Promise<void> {
    await rm(this.#path(file), { force: true });
  }

  async setAside(file: StoredFile, to: 'stuck' | 'corrupt'): Promise<string> {
    const folder = this.#folder(file.kind, to);
    await ensureFolder(folder);
    const extension = extname(file.file);
    const base = nameOf(file.file);
    let free = file.file;
    for (let n = 2; await exists(join(folder, free)); n++) free = `${base}~${n}${extension}`;
    await moveFile(this.#path(file), join(folder, free));
    return free;
  }

  async probe(): Promise<void> {
    const folder = this.#folder('results', 'waiting');
    await ensureFolder(folder);
    const path = join(folder, 'probe.tmp');
    // As much as a small result takes: an almost full disk may still have room for an empty file.
    await atomicWrite(path, new Uint8Array(16 * 1024));
    await rm(path, { force: true });
  }

  #path({ kind, place, file }: StoredFile): string {
    return join(this.#folder(kind, place), file);
  }

  #folder(kind: OutboxKind, place: Place | 'corrupt'): string {
    return place === 'waiting' ? join(this.#dir, kind) : join(this.#dir, kind, place);
  }
}

/** A message's name, also when its file was renamed because another one lay in its place. */
function nameOf(file: string): string {
  return file.slice(0, file.length - extname(file).length).replace(/~\d+$/, '');
}

async function exists(path: string): Promise<boolean> {
  try {
    await access(path);
    return true;
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return false;
    throw error;
  }
}

async function list(folder: string, extension: string): Promise<Found[]> {
  const names = await namesIn(folder, extension);
  const found: Found[] = [];
  for (let at = 0; at < names.length; at += AT_ONCE) {
    const some = await Promise.all(names.slice(at, at + AT_ONCE).map((file) => look(folder, file)));
    found.push(...some.filter((entry) => entry !== undefined));
  }
  return found;
}

/** undefined when it was sent and deleted since the folder was listed. */
async function look(folder: string, file: string): Promise<Found | undefined> {
  try {
    const stats = await stat(join(folder, file));
    return { file, bytes: stats.size, modified: stats.mtimeMs };
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}

async function namesIn(folder: string, extension: string): Promise<string[]> {
  try {
    const entries = await readdir(folder, { withFileTypes: true });
    return entries.filter((entry) => entry.isFile() && entry.name.endsWith(extension)).map((entry) => entry.name);
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return [];
    throw error;
  }
}
