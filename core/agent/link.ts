import type { Log } from '#core/contract/log.ts';
import { inboxPrefix, PC_CONSUMER_INFO } from '#core/contract/permissions.ts';
import { type Credential, connectNats, type Nats } from '#core/nats/connection.ts';
import type { Seal } from '#core/nats/seal.ts';

export interface LinkOptions {
  pcId: string;
  /** nats:// or tls:// URLs, separated by commas. */
  nats: string;
  /** PEM of the CA of tls:// brokers, asked at each connect; undefined = those that this machine trusts. */
  ca?: () => string | undefined;
  /** This PC's identity, asked for at each connect; without one everything is open. */
  credential?: () => Credential;
  /** The broker does not take it. */
  onRefused?: () => void;
  /** What this PC believes of what comes. */
  seal?: Seal | undefined;
  wall: () => number;
  mono: () => number;
  random: () => number;
  log: Log;
  reconnectDelay?: () => number;
}

/** This PC's connection, as the broker's permissions expect it; undefined when `signal` aborted before there was one. */
export async function connectAgent(options: LinkOptions, signal: AbortSignal): Promise<Nats | undefined> {
  const { pcId, nats, credential, seal, reconnectDelay, ...rest } = options;
  try {
    return await connectNats({
      ...rest,
      ...(seal === undefined ? {} : { seal }),
      servers: nats,
      name: `kanade-agent ${pcId}`,
      inboxPrefix: inboxPrefix(pcId),
      signal,
      ...(credential === undefined ? {} : { authenticator: credential, infoAt: PC_CONSUMER_INFO }),
      ...(reconnectDelay === undefined ? {} : { reconnectDelay }),
    });
  } catch (error) {
    if (signal.aborted) return undefined;
    throw error;
  }
}
