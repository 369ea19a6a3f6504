import { speaksTls } from '#core/settings/listen.ts';
import type { BrokerSettings } from '#core/settings/settings.ts';
import { brokerTrust, type Identity, openIdentity } from '../identity/identity.ts';
import { ServerTls } from '../tls/server-tls.ts';
import { type Broker, startBroker } from './broker.ts';
import { reloadBroker } from './reload-broker.ts';

export interface OwnBrokerOptions {
  settings: BrokerSettings;
  /** nats-server. */
  binary: string;
  /** Undefined in open mode. */
  identity: Identity | undefined;
  /** What it shows, where it speaks TLS. */
  tls: ServerTls | undefined;
  signal: AbortSignal;
  say: (line: string) => void;
}

/** What our broker shows, where it speaks TLS. */
export async function brokerTls(settings: BrokerSettings, say: (line: string) => void): Promise<ServerTls | undefined> {
  const { dataDir, listen, brokerListen, tls } = settings;
  if (!speaksTls(tls.mode, brokerListen)) return undefined;
  const hosts = [brokerListen, ...(speaksTls(tls.mode, listen) ? [listen] : [])].map(({ host }) => host);
  const told = (fields: object, message: string) => say(`${message} ${JSON.stringify(fields)}`);
  return ServerTls.open({ dataDir, settings: tls, hosts, log: { info: told, warn: told } });
}

/** A broker of this installation's own, which trusts its identities and nobody else. */
export async function ownBroker({ settings, binary, identity, tls, signal, say }: OwnBrokerOptions): Promise<Broker> {
  const { dataDir, brokerListen } = settings;
  // Read anew at each start: what was revoked meanwhile stays so.
  const trust = identity && (async () => brokerTrust(await openIdentity(dataDir)));
  const reload = identity && ((url: string) => reloadBroker({ url, ca: () => tls?.ca, identity, signal }));
  return startBroker({ binary, dataDir, listen: brokerListen, trust, tls, reload, signal, log: say });
}
