import { existsSync } from 'node:fs';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { decode as decodeJwt } from '@nats-io/jwt';
import { createAccount, type KeyPair } from '@nats-io/nkeys';
import { type Infer, object } from 'superstruct';
import { decode, encode } from '#core/contract/codec.ts';
import { Challenge } from '#core/contract/enrolment.ts';
import { KanadeError } from '#core/contract/errors.ts';
import { Id } from '#core/contract/ids.ts';
import { JoinAnswer, type JoinRequest, joinText, type Newcomer, readJoinCode } from '#core/contract/joining.ts';
import type { Log } from '#core/contract/log.ts';
import { SealingKey } from '#core/contract/seal.ts';
import { atomicWrite, ensureFolder, patiently } from '#core/files/atomic-write.ts';
import { errnoOf } from '#core/files/disk-error.ts';
import { serverLine } from '#core/http/server-line.ts';
import { ACCOUNTS, keepAccounts } from '../identity/accounts.ts';
import { identityFolder } from '../identity/broker-keys.ts';
import { accountKey, brokerCaFileIn, joinedFileIn, joiningFileIn, Seeds, signingKeysOf, writeJoined } from '../identity/joined-file.ts';
import { type Protection, systemProtection } from '../identity/protection.ts';
import { entryOfKey, keepKeysToJoin, keyToJoin } from '../seal/join.ts';
import { commandKeyFile, OwnKey } from '../seal/key-file.ts';

export interface JoinOptions {
  dataDir: string;
  backendId: string;
  /** As an admin was shown it. */
  code: string;
  /** http(s)://, of the API of the backend that has the operator's key. */
  server: string;
  env: NodeJS.ProcessEnv;
  /** Milliseconds since 1970. */
  now: number;
  log: Log;
  signal: AbortSignal;
  protection?: Protection;
}

/** The keys that one has made who has no answer yet: the same go out again. */
const Joining = object({ code_id: Id, command_key: OwnKey, seeds: Seeds });
type Joining = Infer<typeof Joining>;

/**
 * Makes this data folder that of a further backend: with keys that are made here and never leave, on the disk before anybody hears
 * of them. Whatever breaks off is completed by the same again. `joined_already` for a folder that has keys.
 */
export async function joinBackends(options: JoinOptions): Promise<void> {
  const { dataDir, backendId, code, server, env, log, signal, protection = systemProtection() } = options;
  const folder = identityFolder(dataDir);
  const read = readJoinCode(code);
  if (read === undefined) throw new KanadeError('join_code_unknown', 'this is no join code: it looks like kjc_..., as it was shown');
  await ensureFolder(folder);
  const mine = await keysFor(folder, read.id, options, protection);
  const { backend_id, ...command_key } = entryOfKey(mine.command_key, backendId);
  const who: Newcomer = { backend_id, command_key, signing_keys: signingKeysOf(mine.seeds) };
  const line = serverLine({ url: server, env, signal, ...(read.ca === undefined ? {} : { fingerprint: read.ca }) });
  let answer: JoinAnswer;
  try {
    const { nonce } = await line.post('/api/v1/enrol/challenge', {}, Challenge);
    const request: JoinRequest = { ...who, code, nonce, signatures: signed(mine, joinText(nonce, read.id, who)) };
    answer = await line.post('/api/v1/backends/join', request, JoinAnswer);
  } finally {
    line.close();
  }
  await take(options, folder, mine, answer, protection);
  log.info({ backend_id: backendId, server, command_keys: answer.command_keys.length }, 'this backend has joined');
}

async function keysFor(folder: string, codeId: string, { now }: JoinOptions, protection: Protection): Promise<Joining> {
  const path = joiningFileIn(folder);
  if (existsSync(joinedFileIn(folder))) throw already(folder, 'it has joined others: start it without --join');
  try {
    const kept = decode(Joining, await protection.unwrap(await patiently(() => readFile(path))));
    // Another code for the same keys: the first was lost, or has run out before the server was reached.
    return { ...kept, code_id: codeId };
  } catch (error) {
    if (errnoOf(error) !== 'ENOENT') throw error;
  }
  for (const file of ['broker-keys.json', 'command-keys.json']) {
    if (existsSync(join(folder, file))) throw already(folder, 'it has keys of its own: join with another --data-dir');
  }
  const made: Joining = {
    code_id: codeId,
    command_key: keyToJoin(now),
    seeds: { system: newSeed(), backends: newSeed(), pcs: newSeed() },
  };
  await atomicWrite(path, await protection.wrap(encode(made)));
  return made;
}

function already(folder: string, words: string): KanadeError {
  return new KanadeError('joined_already', `${folder}: ${words}`);
}

function newSeed(): string {
  return new TextDecoder().decode(createAccount().getSeed());
}

function signed({ command_key, seeds }: Joining, text: Uint8Array): JoinRequest['signatures'] {
  const by = (key: Pick<KeyPair, 'sign'>) => Buffer.from(key.sign(text)).toString('base64url');
  const [system, backends, pcs] = ACCOUNTS.map((account) => by(accountKey(seeds[account]))) as [string, string, string];
  return { command: by(SealingKey.fromPem(command_key.private_key)), system, backends, pcs };
}

/** What makes the folder one that has joined comes last. */
async function take(
  { dataDir }: JoinOptions,
  folder: string,
  { command_key, seeds }: Joining,
  { backend_id: first, operator, accounts, servers, ca, command_keys }: JoinAnswer,
  protection: Protection,
): Promise<void> {
  await keepKeysToJoin(commandKeyFile(dataDir), command_key, command_keys);
  await keepAccounts(folder, accounts);
  if (ca !== undefined) await atomicWrite(brokerCaFileIn(folder), ca);
  const ids = { system: decodeJwt(accounts.system).sub, backends: decodeJwt(accounts.backends).sub, pcs: decodeJwt(accounts.pcs).sub };
  await writeJoined(folder, { first, operator, servers: [...servers], accounts: ids, seeds }, protection);
  await rm(joiningFileIn(folder));
}
