import { setTimeout as sleep } from 'node:timers/promises';
import { decode as decodeJwt } from '@nats-io/jwt';
import { array, integer, optional, string, type } from 'superstruct';
import { check, encode, parseJson } from '#core/contract/codec.ts';
import { messageOf } from '#core/contract/errors.ts';
import { isId } from '#core/contract/ids.ts';
import type { Log } from '#core/contract/log.ts';
import type { Message, Nats } from '#core/nats/connection.ts';
import { askEveryServer } from './servers.ts';

export interface SharedKey {
  publicKey: string;
  pcId: string;
  /** Where the connections come from. */
  hosts: string[];
}

export interface KeyWatchParts {
  /** In the system account. */
  system: Nats;
  /** Public key of the account whose connections are watched. */
  account: string;
  onShared: (shared: SharedKey) => void;
  log: Pick<Log, 'warn'>;
  /** Milliseconds; only tests have another. */
  lookAfter?: number;
}

/**
 * How long after a second connection both are looked at. A PC whose network went comes back beside its old connection, which
 * the server gives up only minutes later; but that one says nothing any more, and one that lives answers the server's pings, which
 * come every 2 minutes.
 */
const LOOK_AFTER = 150_000;
/** Milliseconds by which clocks of servers, and the end of a connection, may be off. */
const MARGIN = 10_000;
/** Connections of one key that are looked at: of two or of two hundred the news is the same. */
const LOOKED_AT = 16;
const PAGE = 256;
const WAIT = 5000;

const Connected = type({
  server: type({ id: string() }),
  client: type({ id: integer(), user: string(), host: optional(string()), start: string() }),
});
const Listed = type({
  data: type({
    total: integer(),
    connections: array(
      type({
        cid: integer(),
        ip: optional(string()),
        start: string(),
        last_activity: string(),
        authorized_user: optional(string()),
        jwt: optional(string()),
      }),
    ),
  }),
});

interface Connection {
  server: string;
  cid: number;
  host: string;
  /** Milliseconds since 1970. */
  start: number;
}

/**
 * Those that were there at once and alive: one that spoke when a later one had come is no rest of a network that went, whether or not
 * the later one has gone since. Pure.
 */
export function heldAtOnce<T extends { start: number; lastActivity: number | undefined }>(seen: readonly T[], margin = MARGIN): T[] {
  const spoke = (older: T, newer: T) => older.start < newer.start && (older.lastActivity ?? 0) > newer.start + margin;
  return seen.filter((one) => seen.some((other) => spoke(one, other) || spoke(other, one)));
}

/** Notices two live connections with one key until `signal` aborts: a key that was copied is in two hands. */
export async function watchKeys(parts: KeyWatchParts, signal: AbortSignal): Promise<void> {
  const { system, log } = parts;
  const watch = new KeyWatch(parts, signal);
  const subscriptions = [
    system.subscribe(`$SYS.ACCOUNT.${parts.account}.CONNECT`, (m) => watch.hear(m, 'came')),
    system.subscribe(`$SYS.ACCOUNT.${parts.account}.DISCONNECT`, (m) => watch.hear(m, 'went')),
  ];
  try {
    while (!signal.aborted) {
      // What came and went while nobody listened.
      await watch.readAll().catch((error) => log.warn({ error: messageOf(error) }, 'the connections of the PCs cannot be listed'));
      await system.tracker.connectedAgain.next(signal);
    }
  } finally {
    for (const subscription of subscriptions) subscription.unsubscribe();
  }
}

class KeyWatch {
  readonly #parts: KeyWatchParts;
  readonly #signal: AbortSignal;
  /** By public key, and by server and number. */
  readonly #live = new Map<string, Map<string, Connection>>();
  /** By public key whoever was there since the look at it began. */
  readonly #looking = new Map<string, Map<string, Connection>>();
  /** By public key the connections that were told of last. */
  readonly #told = new Map<string, string>();

  constructor(parts: KeyWatchParts, signal: AbortSignal) {
    this.#parts = parts;
    this.#signal = signal;
  }

  hear(message: Message, what: 'came' | 'went'): void {
    try {
      const { server, client } = check(Connected, parseJson(message.data));
      if (what === 'went') this.#remove(client.user, `${server.id}.${client.id}`);
      else this.#add(client.user, { server: server.id, cid: client.id, host: client.host ?? '?', start: Date.parse(client.start) });
    } catch (error) {
      this.#parts.log.warn({ error: messageOf(error) }, 'what a server says of a connection cannot be read');
    }
  }

  async readAll(): Promise<void> {
    const { system, account } = this.#parts;
    this.#live.clear();
    for (const { id } of await askEveryServer(system, '$SYS.REQ.SERVER.PING', new Uint8Array(), WAIT)) {
      for (let offset = 0; ; offset += PAGE) {
        const { connections, total } = await this.#connz(id, { acc: account, auth: true, offset, limit: PAGE });
        for (const { cid, ip, start, authorized_user: key } of connections) {
          if (key !== undefined) this.#add(key, { server: id, cid, host: ip ?? '?', start: Date.parse(start) });
        }
        if (offset + PAGE >= total) break;
      }
    }
  }

  #add(key: string, connection: Connection): void {
    const mine = this.#live.get(key) ?? new Map<string, Connection>();
    this.#live.set(key, mine);
    const name = `${connection.server}.${connection.cid}`;
    mine.set(name, connection);
    const seen = this.#looking.get(key);
    if (seen === undefined && mine.size > 1) void this.#look(key, new Map([...mine].slice(-LOOKED_AT)));
    else if (seen !== undefined && seen.size < LOOKED_AT) seen.set(name, connection);
  }

  #remove(key: string, connection: string): void {
    const mine = this.#live.get(key);
    mine?.delete(connection);
    if (mine?.size === 0) this.#live.delete(key);
  }

  async #look(key: string, seen: Map<string, Connection>): Promise<void> {
    const { lookAfter = LOOK_AFTER, onShared, log } = this.#parts;
    this.#looking.set(key, seen);
    try {
      await sleep(lookAfter, undefined, { signal: this.#signal });
      const looked = await Promise.all([...seen].map(([name, connection]) => this.#lookAt(name, connection)));
      const held = heldAtOnce(looked, (lookAfter * MARGIN) / LOOK_AFTER);
      const names = held.map(({ name }) => name).join();
      const pcId = held.find((each) => each.pcId !== undefined)?.pcId;
      if (pcId === undefined || this.#told.get(key) === names) return;
      this.#told.set(key, names);
      onShared({ publicKey: key, pcId, hosts: [...new Set(held.map(({ host }) => host))].sort() });
    } catch (error) {
      if (!this.#signal.aborted)
        log.warn({ public_key: key, error: messageOf(error) }, 'two connections with one key could not be looked at');
    } finally {
      this.#looking.delete(key);
    }
  }

  /** With what its server knows of it now: when it has heard anything of it last, and which PC it is for; neither when it is gone. */
  async #lookAt(name: string, { server, cid, host, start }: Connection) {
    const { connections } = await this.#connz(server, { cid, auth: true });
    const found = connections.find((connection) => connection.cid === cid);
    return { name, host, start, lastActivity: found && Date.parse(found.last_activity), pcId: found && pcOf(found.jwt) };
  }

  async #connz(server: string, query: object) {
    const answer = await this.#parts.system.request(`$SYS.REQ.SERVER.${server}.CONNZ`, encode(query), { timeout: WAIT });
    return check(Listed, parseJson(answer.data)).data;
  }
}

/** Whom the JWT names; the broker has checked it. */
function pcOf(jwt: string | undefined): string {
  const name = jwt === undefined ? undefined : decodeJwt(jwt).name;
  return isId(name) ? name : 'UNKNOWN';
}
