import { createUser } from '@nats-io/nkeys';
import { trustConfig } from '#backend/broker/trust-config.ts';
import { ownCredential } from '#backend/identity/claims.ts';
import { brokerTrust, type Identity } from '#backend/identity/identity.ts';
import { issuePcJwt } from '#backend/identity/pc-jwt.ts';
import { CommandKeys } from '#backend/seal/command-keys.ts';
import { commandKeyFile } from '#backend/seal/key-file.ts';
import { inboxPrefix, PC_CONSUMER_INFO } from '#core/contract/permissions.ts';
import { type Credential, connectNats, type Nats } from '#core/nats/connection.ts';
import type { Seal } from '#core/nats/seal.ts';
import { quietLog } from './quiet-log.ts';

/** The configuration of a server that trusts this installation. */
export async function testTrust(identity: Identity, resolverDir: string): Promise<string> {
  return trustConfig(await brokerTrust(identity), resolverDir);
}

/** A PC's identity, made here and now. */
export async function issuePc(identity: Identity, pcId: string): Promise<{ credential: Credential; publicKey: string }> {
  const key = createUser();
  const publicKey = key.getPublicKey();
  const { jwt } = await issuePcJwt(identity, { publicKey, pcId, now: Date.now() });
  return { credential: { jwt, seed: key.getSeed() }, publicKey };
}

/** Somebody with the key of a PC and no agent. */
export function connectAsPc(servers: string, pcId: string, credential: Credential, signal: AbortSignal): Promise<Nats> {
  return connect(servers, credential, signal, { inboxPrefix: inboxPrefix(pcId), infoAt: PC_CONSUMER_INFO });
}

/** A connection with all rights in the backends' account. */
export async function connectAsBackend(
  servers: string,
  identity: Identity,
  signal: AbortSignal,
  more: { seal?: Seal; ca?: () => string } = {},
): Promise<Nats> {
  const credential = await ownCredential(identity.signers.backends, 'a test');
  return connect(servers, credential, signal, more);
}

/** A connection in the system account, which sees every other. */
export async function connectAsSystem(servers: string, identity: Identity, signal: AbortSignal): Promise<Nats> {
  return connect(servers, await ownCredential(identity.signers.system, 'a test'), signal);
}

function connect(
  servers: string,
  credential: Credential,
  signal: AbortSignal,
  more: { inboxPrefix?: string; infoAt?: string; seal?: Seal; ca?: () => string } = {},
): Promise<Nats> {
  return connectNats({
    servers,
    name: 'a test',
    authenticator: () => credential,
    signal,
    random: Math.random,
    mono: () => performance.now(),
    wall: Date.now,
    reconnectDelay: () => 50,
    log: quietLog,
    ...more,
  });
}

/** The command keys of a backend, as if the test were that one. Nothing may be changed with them. */
export async function keysOf({ dataDir }: { dataDir: string }): Promise<CommandKeys> {
  return CommandKeys.open({ path: commandKeyFile(dataDir), backendId: 'test', clock: Date.now });
}

/** Whether the broker lets this PC in. */
export async function letsIn(url: string, pcId: string, credential: Credential): Promise<boolean> {
  const trying = new AbortController();
  const { promise: refused, resolve } = Promise.withResolvers<false>();
  const connecting = connectNats({
    servers: url,
    name: 'trying',
    authenticator: () => credential,
    inboxPrefix: inboxPrefix(pcId),
    onRefused: () => resolve(false),
    signal: trying.signal,
    random: Math.random,
    mono: () => performance.now(),
    wall: Date.now,
    log: quietLog,
  });
  const entered = connecting.then(async (nats) => nats.close().then(() => true as const));
  const answer = await Promise.race([refused, entered]);
  trying.abort();
  await connecting.catch(() => {});
  return answer;
}
