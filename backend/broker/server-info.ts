import { connect } from 'node:net';
import { type Infer, optional, string, type } from 'superstruct';
import { check, parseJson } from '#core/contract/codec.ts';
import { KanadeError } from '#core/contract/errors.ts';

/** What a nats-server says first to everyone who connects. */
const ServerInfo = type({ server_name: string(), server_id: string(), version: string(), cluster: optional(string()) });
export type ServerInfo = Infer<typeof ServerInfo>;

const GREETING_MAX = 64 * 1024;

/**
 * The greeting of whoever listens there, read from a bare connection: no account is needed for it. Rejects with the socket's
 * error when nobody listens, with `bad_message` when it is no nats-server, with `signal`'s reason when that comes first.
 */
export async function readServerInfo(host: string, port: number, signal: AbortSignal): Promise<ServerInfo> {
  signal.throwIfAborted();
  const socket = connect({ host, port, signal });
  try {
    let greeting = Buffer.alloc(0);
    for await (const chunk of socket) {
      greeting = Buffer.concat([greeting, chunk as Buffer]);
      const end = greeting.indexOf('\r\n');
      if (end >= 0) return parseGreeting(greeting.subarray(0, end));
      if (greeting.length > GREETING_MAX) break;
    }
    throw new KanadeError('bad_message', 'what listens there is no nats-server');
  } finally {
    socket.destroy();
  }
}

function parseGreeting(line: Buffer): ServerInfo {
  if (line.subarray(0, 5).toString('latin1') !== 'INFO ') throw new KanadeError('bad_message', 'what listens there is no nats-server');
  return check(ServerInfo, parseJson(line.subarray(5)));
}
