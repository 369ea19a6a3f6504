import type { Log } from '#core/contract/log.ts';
import { connectNats, type Nats } from '#core/nats/connection.ts';
import { CLOSES_AFTER } from '../closes-after.ts';
import type { Members } from '../joining/members.ts';
import { AccountKeeper } from './account-keeper.ts';
import { ownCredential } from './claims.ts';
import type { Identity } from './identity.ts';
import { Issuer } from './issuer.ts';

export interface IssuerOptions {
  identity: Identity;
  /** In the backends' account. */
  nats: Nats;
  servers: string;
  /** PEM of the CA that the servers' certificates are checked against. */
  ca?: () => string | undefined;
  /** The other backends. */
  members?: Pick<Members, 'list' | 'changed'> | undefined;
  /** Shown in the broker's connection list. */
  name: string;
  /** Milliseconds since 1970. */
  clock: () => number;
  /** This machine's own, milliseconds since 1970, and the monotonic one. */
  wall: () => number;
  mono: () => number;
  random: () => number;
  log: Log;
  reconnectDelay: () => number;
  signal: AbortSignal;
}

/** The issuer and its connection in the system account, by which servers are told and watched. */
export async function openIssuer(options: IssuerOptions): Promise<{ issuer: Issuer; system: Nats }> {
  const { identity, name, signal } = options;
  const credential = await ownCredential(identity.signers.system, name);
  const system = await connectNats({
    ...options,
    authenticator: () => credential,
    knownOrNever: true,
    closesAfter: CLOSES_AFTER,
  });
  const issuer = new Issuer({ ...options, system, keeper: new AccountKeeper({ ...options, system }) });
  await issuer.start(signal);
  return { issuer, system };
}
