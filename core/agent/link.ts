import type { Log } from '#core/contract/log.ts';
import { connectNats, type Nats } from '#core/nats/connection.ts';

export interface LinkOptions {
  pcId: string;
  nats: string;
  /** PEM of the CA of tls:// brokers, asked at each connect; undefined = those that this machine trusts. */
  ca?: () => string | undefined;
  /** Broker credentials, where the broker asks for some. */
  user?: string;
  pass?: string;
  wall: () => number;
  mono: () => number;
  random: () => number;
  log: Log;
  reconnectDelay?: () => number;
}

/** This PC's connection, as the broker's permissions expect it; undefined when `signal` aborted before there was one. */
export async function connectAgent(options: LinkOptions, signal: AbortSignal): Promise<Nats | undefined> {
  const { pcId, nats, user, pass, reconnectDelay } = options;
  try {
    return await connectNats({
      ...options,
      servers: nats,
      name: `kanade-agent ${pcId}`,
      inboxPrefix: `_INBOX_${pcId}`,
      signal,
      ...(user === undefined ? {} : { user, pass }),
      ...(reconnectDelay === undefined ? {} : { reconnectDelay }),
    });
  } catch (error) {
    if (signal.aborted) return undefined;
    throw error;
  }
}
