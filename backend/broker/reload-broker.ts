import { KanadeError } from '#core/contract/errors.ts';
import { connectNats } from '#core/nats/connection.ts';
import { ownCredential } from '../identity/claims.ts';
import type { Identity } from '../identity/identity.ts';
import { askEveryServer } from '../identity/servers.ts';

export interface ReloadOptions {
  url: string;
  /** PEM of the CA that the broker is checked against. */
  ca: () => string | undefined;
  identity: Identity;
  signal: AbortSignal;
}

/** Milliseconds. */
const WAIT = 5000;

/** Has the broker read its configuration anew, by asking it as its operator: Windows has no signal for that. */
export async function reloadBroker({ url, ca, identity, signal }: ReloadOptions): Promise<void> {
  const name = 'kanade-start reload';
  const credential = await ownCredential(identity.signers.system, name);
  await using system = await connectNats({
    servers: url,
    ca,
    name,
    signal: AbortSignal.any([signal, AbortSignal.timeout(WAIT)]),
    authenticator: () => credential,
    random: Math.random,
    mono: () => performance.now(),
    wall: Date.now,
    log: { info: () => {}, warn: () => {} },
  });
  const nothing = new Uint8Array();
  for (const { id, name } of await askEveryServer(system, '$SYS.REQ.SERVER.PING', nothing, WAIT)) {
    const answers = await askEveryServer(system, `$SYS.REQ.SERVER.${id}.RELOAD`, nothing, WAIT);
    if (answers.length === 0) throw new KanadeError('broker_unavailable', `${name} does not answer`);
    const refusal = answers.find((answer) => answer.refusal !== undefined)?.refusal;
    if (refusal !== undefined) throw new KanadeError('broker_failed', `${name} does not take its configuration: ${refusal}`);
  }
}
