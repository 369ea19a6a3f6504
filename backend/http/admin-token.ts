import { randomBytes } from 'node:crypto';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { decode, encode } from '#core/contract/codec.ts';
import type { Log } from '#core/contract/log.ts';
import { unlessForged } from '#core/contract/sealed.ts';
import { instant } from '#core/contract/time.ts';
import { atomicWrite, ensureFolder } from '#core/files/atomic-write.ts';
import { errnoOf } from '#core/files/disk-error.ts';
import type { Nats } from '#core/nats/connection.ts';
import { kvGet } from '#core/nats/direct-get.ts';
import { kvCreate, kvPut } from '#core/nats/kv.ts';
import { writeAudit } from '../audit/write-audit.ts';
import { StoredToken, tokenHash, tokenId, tokenText } from './tokens.ts';

const ID = 'admin';
const KEY = `token.${ID}`;
const HOW_TO_RENEW = 'start once with --new-admin-token, which makes a new one and revokes the one before';

export interface AdminTokenParts {
  nats: Nats;
  dataDir: string;
  clock: () => number;
  newId: () => string;
  log: Pick<Log, 'info' | 'warn' | 'error'>;
}

/**
 * Makes the admin token unless this broker knows one. The clear text is on disk before the hash is in the bucket: a
 * crash between the two leaves a file whose token the next start takes up, while the other order could leave a token
 * that nobody has. Resolves with the path of the file when it holds the token, undefined when another backend has it.
 */
export async function ensureAdminToken(o: AdminTokenParts): Promise<string | undefined> {
  const path = pathOf(o);
  const onDisk = await readToken(path);
  const stored = await kvGet(o.nats, 'accounts', KEY).catch((error) => {
    // Who forges the token's entry shall not keep us from starting; without the file nobody could tell whose it was.
    if (onDisk === undefined) throw error;
    return unlessForged(error);
  });
  if (stored !== undefined) return mine(path, onDisk, stored.value, o.log);

  const token = onDisk ?? newToken();
  await writeToken(o, token);
  if ((await kvCreate(o.nats, 'accounts', KEY, encode(entryOf(o, token)))) !== undefined) {
    o.log.info({ path }, 'the admin token was made');
    return path;
  }
  // Another backend was first. What we wrote opens nothing, unless it was there before us: then it may open another broker's door.
  if (onDisk === undefined) await rm(path, { force: true });
  return undefined;
}

/**
 * Makes another admin token and with that revokes the one before: for whoever has lost it, and for whoever fears that
 * somebody else has it. A crash between file and bucket leaves the old one valid, and the same again puts it right.
 */
export async function renewAdminToken(o: AdminTokenParts): Promise<void> {
  const stored = await kvGet(o.nats, 'accounts', KEY).catch(unlessForged);
  const token = newToken();
  await writeToken(o, token);
  const entry = entryOf(o, token);
  await kvPut(o.nats, 'accounts', KEY, encode(entry));
  o.log.warn({ path: pathOf(o) }, 'a new admin token was made: the one before is revoked');
  const draft = {
    target: `tokens/${ID}`,
    ...(stored === undefined ? {} : { before: { created_at: decode(StoredToken, stored.value).created_at } }),
    after: { created_at: entry.created_at },
  };
  const actor = { kind: 'system', name: 'backend' } as const;
  await writeAudit(o, { actor, action: 'admin_token_renew', draft, result: 'ok', requestId: o.newId(), sourceIp: undefined });
}

function pathOf({ dataDir }: Pick<AdminTokenParts, 'dataDir'>): string {
  return join(dataDir, 'admin.token');
}

function newToken(): string {
  return tokenText(ID, randomBytes(32));
}

async function writeToken(o: AdminTokenParts, token: string): Promise<void> {
  await ensureFolder(o.dataDir);
  await atomicWrite(pathOf(o), `${token}\n`);
}

function entryOf({ clock }: Pick<AdminTokenParts, 'clock'>, token: string): StoredToken {
  return { id: ID, name: ID, hash: tokenHash(token), role: 'admin', created_at: instant(clock()) };
}

function mine(path: string, onDisk: string | undefined, stored: Uint8Array, log: Pick<Log, 'warn'>): string | undefined {
  if (onDisk === undefined) {
    log.warn({ path }, `the admin token was made before and this file is missing: put it back, or ${HOW_TO_RENEW}`);
    return undefined;
  }
  if (decode(StoredToken, stored).hash === tokenHash(onDisk)) return path;
  log.warn({ path }, `this file does not hold the admin token of this broker: put the right one there, or ${HOW_TO_RENEW}`);
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
