import { randomBytes } from 'node:crypto';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { decode, encode } from '#core/contract/codec.ts';
import type { Log } from '#core/contract/log.ts';
import { instant } from '#core/contract/time.ts';
import { atomicWrite, ensureFolder } from '#core/files/atomic-write.ts';
import { errnoOf } from '#core/files/disk-error.ts';
import type { Nats } from '#core/nats/connection.ts';
import { kvGet } from '#core/nats/direct-get.ts';
import { kvCreate } from '#core/nats/kv.ts';
import { StoredToken, tokenHash, tokenId, tokenText } from './tokens.ts';

const ID = 'admin';
const KEY = `token.${ID}`;

/**
 * Makes the admin token unless this broker knows one. The clear text is on disk before the hash is in the bucket: a
 * crash between the two leaves a file whose token the next start takes up, while the other order could leave a token
 * that nobody has. Resolves with the path of the file when it holds the token, undefined when another backend has it.
 */
export async function ensureAdminToken(o: {
  nats: Nats;
  dataDir: string;
  clock: () => number;
  log: Pick<Log, 'info' | 'warn'>;
}): Promise<string | undefined> {
  const path = join(o.dataDir, 'admin.token');
  const onDisk = await readToken(path);
  const stored = await kvGet(o.nats, 'accounts', KEY);
  if (stored !== undefined) return mine(path, onDisk, stored.value, o.log);

  const token = onDisk ?? tokenText(ID, randomBytes(32));
  await ensureFolder(o.dataDir);
  await atomicWrite(path, `${token}\n`);
  const entry: StoredToken = { id: ID, name: ID, hash: tokenHash(token), role: 'admin', created_at: instant(o.clock()) };
  if ((await kvCreate(o.nats, 'accounts', KEY, encode(entry))) !== undefined) {
    o.log.info({ path }, 'the admin token was made');
    return path;
  }
  // Another backend was first. What we wrote opens nothing, unless it was there before us: then it may open another broker's door.
  if (onDisk === undefined) await rm(path, { force: true });
  return undefined;
}

function mine(path: string, onDisk: string | undefined, stored: Uint8Array, log: Pick<Log, 'warn'>): string | undefined {
  if (onDisk === undefined) return undefined;
  if (decode(StoredToken, stored).hash === tokenHash(onDisk)) return path;
  log.warn({ path }, 'this file does not hold the admin token of this broker');
  return undefined;
}

/** The token in the file; undefined when there is no file or no admin token in it. */
async function readToken(path: string): Promise<string | undefined> {
  try {
    const text = (await readFile(path, 'utf8')).trim();
    return tokenId(text) === ID ? text : undefined;
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}
