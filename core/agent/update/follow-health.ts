import { connect } from 'node:net';
import { networkInterfaces } from 'node:os';
import { sleepOrWake, type Wake } from '#core/nats/retry.ts';
import { type Health, hasNetwork, judgeHealth } from './health.ts';

export interface HealthParts {
  connected: () => boolean;
  /** nats:// and tls:// URLs with commas between; empty while it is not known where to connect. */
  servers: () => string;
  /** Fires when it may be otherwise. */
  wake: Wake;
  /** Told of each change. */
  tell: (health: Health) => void;
  /** Milliseconds, monotonic. */
  mono: () => number;
  interfaces?: typeof networkInterfaces;
  answers?: (servers: string) => Promise<boolean>;
}

/** Milliseconds between two looks. The host remembers when this PC was last connected to five minutes, and a trial takes one. */
const LOOK_EVERY = 2000;
const ANSWERS_WITHIN = 3000;

/** Says how this agent is for as long as it runs. */
export async function followHealth(parts: HealthParts, signal: AbortSignal): Promise<void> {
  const { connected, servers, wake, tell, mono, interfaces = networkInterfaces, answers = anyAnswers } = parts;
  let said: Health | undefined;
  let unansweredSince: number | undefined;
  while (!signal.aborted) {
    const network = hasNetwork(servers(), interfaces());
    const answered = !connected() && network && (await answers(servers()));
    if (connected() || answered || !network) unansweredSince = undefined;
    else unansweredSince ??= mono();
    const unansweredFor = unansweredSince === undefined ? 0 : mono() - unansweredSince;
    const health = judgeHealth({ connected: connected(), network, answers: answered, unansweredFor });
    if (health !== said) tell(health);
    said = health;
    await sleepOrWake(LOOK_EVERY, wake, signal).catch(() => {});
  }
}

/** Whether one of them takes a connection, whatever it would say then. */
async function anyAnswers(servers: string): Promise<boolean> {
  const urls = servers.split(',').flatMap((server) => (URL.canParse(server) ? [new URL(server)] : []));
  return (
    await Promise.all(urls.map(({ hostname, port }) => takesConnection(hostname.replace(/^\[|\]$/g, ''), Number(port || 4222))))
  ).includes(true);
}

function takesConnection(host: string, port: number): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const socket = connect({ host, port });
  const end = (answers: boolean) => {
    socket.destroy();
    resolve(answers);
  };
  socket.setTimeout(ANSWERS_WITHIN, () => end(false));
  socket.once('connect', () => end(true));
  socket.once('error', () => end(false));
  return promise;
}
