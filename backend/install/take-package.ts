import { KanadeError } from '#core/contract/errors.ts';
import { instant } from '#core/contract/time.ts';
import type { FileStore } from '../releases/file-store.ts';
import type { Packages } from './packages.ts';
import type { StoredPackage } from './stored-package.ts';

export interface TakePackageContext {
  packages: Pick<Packages, 'put'>;
  releaseFiles: Pick<FileStore, 'add'>;
  /** Milliseconds since 1970. */
  clock: () => number;
}

/** Bytes of a package: several times what there is today. */
export const PACKAGE_MAX = 256 * 1024 * 1024;

/** What every package of Windows Installer begins with: it is a compound file. */
const BEGINNING = Buffer.from('d0cf11e0a1b11ae1', 'hex');

/**
 * The package that new PCs are to get from now on, as an admin sends it: only once all of it is there, and is what was said of it.
 * Rejects with `package_malformed`, and with what `FileStore.add` does.
 */
export async function takePackage(
  ctx: TakePackageContext,
  said: Pick<StoredPackage, 'version' | 'sha256' | 'size'>,
  bytes: AsyncIterable<Uint8Array>,
  { actor, signal }: { actor: string; signal: AbortSignal },
): Promise<StoredPackage> {
  const { version, sha256, size } = said;
  await ctx.releaseFiles.add({ sha256, size }, checked(bytes), signal);
  const stored = { version, sha256, size, uploaded_at: instant(ctx.clock()), uploaded_by: actor };
  await ctx.packages.put(stored);
  return stored;
}

/** Before anything is stored of what is no package. */
async function* checked(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let head: Buffer | undefined = Buffer.alloc(0);
  for await (const part of bytes) {
    if (head === undefined) {
      yield part;
      continue;
    }
    head = Buffer.concat([head, part]);
    if (head.length < BEGINNING.length) continue;
    assertPackage(head);
    yield head;
    head = undefined;
  }
  if (head !== undefined) assertPackage(head);
}

function assertPackage(head: Buffer): void {
  if (!head.subarray(0, BEGINNING.length).equals(BEGINNING))
    throw new KanadeError('package_malformed', 'what was sent is no package of Windows Installer');
}
