import { setTimeout as sleep } from 'node:timers/promises';
import {
  type ConnectionOptions,
  connect,
  DebugEvents,
  ErrorCode,
  Events,
  headers,
  jwtAuthenticator,
  type NatsConnection,
  NatsError,
} from 'nats';
import { KanadeError, messageOf } from '#core/contract/errors.ts';
import { CONSUMER_INFO } from '#core/contract/permissions.ts';
import { KV_OPERATION } from '#core/contract/sealed.ts';
import { certificateFault } from '#core/tls/certificate-fault.ts';
import { CertificateLook } from './certificate-look.ts';
import { Requests } from './requests.ts';
import type { Seal } from './seal.ts';
import { tlsOptions } from './tls-options.ts';
import { Tracker } from './tracker.ts';
import { Watchdog } from './watchdog.ts';

/** A message as it came; `headers` are empty when there were none. */
export interface Message {
  subject: string;
  data: Uint8Array;
  reply?: string;
  header(name: string): string | undefined;
  /** The status code of a JetStream or no-responder answer, 0 for a plain message. */
  status: number;
  description: string;
}

export interface PubAck {
  stream: string;
  seq: number;
}

export interface Subscription {
  unsubscribe(): void;
}

/** What the broker is shown: who we are, and the key that proves it. */
export interface Credential {
  jwt: string;
  /** Of the nkey that the JWT is for. */
  seed: Uint8Array;
}

export interface RequestOptions {
  /** Milliseconds. */
  timeout?: number;
  /** A subject of one's own choice for the answer. */
  reply?: string;
  headers?: Record<string, string>;
  /** Somebody else's words, passed on: they get no seal of ours. */
  asItCame?: boolean;
}

export interface StoringOptions extends Omit<RequestOptions, 'reply'> {
  lastSubjectSequence?: number;
}

export interface ConnectOptions {
  /**
   * One or more nats:// or tls:// URLs, separated by commas: of a cluster all, for no others are gone to. With a tls:// one among
   * them none is spoken to in the clear.
   */
  servers: string;
  /** PEM of the CA that their certificates are checked against, asked at each connect; undefined = those that this machine trusts. */
  ca?: () => string | undefined;
  /** Begin with the TLS handshake; default: when all servers are on port 443. */
  handshakeFirst?: boolean;
  /** Shown in the broker's connection list. */
  name: string;
  /** Replies come below this; an agent may hear only its own. */
  inboxPrefix?: string;
  user?: string;
  pass?: string;
  /** Asked anew at each connect; must not throw. With it, a broker that lets everybody in is none of ours. */
  authenticator?: () => Credential;
  /** The broker refused who we are, at the first connect or later. It is tried on meanwhile. */
  onRefused?: () => void;
  /** Reject with `broker_refuses` or `broker_open` when there is no way in at the first connect, in place of trying on. */
  knownOrNever?: boolean;
  /** Below what consumers are asked about; default where JetStream has it. */
  infoAt?: string;
  /** What this side seals and believes. */
  seal?: Seal;
  signal: AbortSignal;
  /** Milliseconds after `signal` at which nothing is waited for any more: the connection is closed. Default: whoever has it closes it. */
  closesAfter?: number;
  random: () => number;
  /** Milliseconds, monotonic. */
  mono: () => number;
  /** Milliseconds of the wall clock: only to notice that the machine slept. */
  wall: () => number;
  log: { info(o: object, m: string): void; warn(o: object, m: string): void };
  /** Milliseconds to wait before the n-th reconnect try; default 1 s plus up to 8 s, so that a fleet does not come back as one. */
  reconnectDelay?: () => number;
}

/** JetStream's own error answer: its `err_code` (10071 wrong last sequence, 10077 stream full, ...) and words. */
export class JetStreamError extends Error {
  override readonly name = 'JetStreamError';
  readonly code: number;
  readonly errCode: number;

  constructor(error: { code: number; err_code?: number; description?: string }) {
    super(error.description ?? `JetStream error ${error.code}`);
    this.code = error.code;
    this.errCode = error.err_code ?? 0;
  }
}

export const WRONG_LAST_SEQUENCE = 10071;
export const STREAM_FULL = 10077;
export const CONSUMER_NOT_FOUND = 10014;
export const STREAM_NOT_FOUND = 10059;
export const NO_MESSAGE = 10037;

export function isJetStreamError(error: unknown, ...errCodes: number[]): error is JetStreamError {
  return error instanceof JetStreamError && (errCodes.length === 0 || errCodes.includes(error.errCode));
}

/**
 * One connection to the broker that never gives up (design section 4 "Connection"). It is either up, or trying.
 * When the library itself closes for good, or the connection is dead while the broker plainly answers others,
 * `dead` resolves: the process is to exit, and whoever supervises it starts a fresh one.
 */
export class Nats implements AsyncDisposable {
  readonly tracker: Tracker;
  readonly seal: Seal | undefined;
  readonly dead: Promise<string>;
  /** Below what consumers are asked about. */
  readonly infoAt: string;
  readonly #nc: NatsConnection;
  readonly #inboxPrefix: string;
  readonly #requests: Requests;
  readonly #watchdog: Watchdog;
  #closing = false;

  constructor(nc: NatsConnection, options: ConnectOptions) {
    this.#nc = nc;
    this.infoAt = options.infoAt ?? CONSUMER_INFO;
    this.seal = options.seal;
    this.#inboxPrefix = options.inboxPrefix ?? '_INBOX';
    this.#requests = new Requests(nc, this.inbox());
    this.tracker = new Tracker(options.mono);
    this.tracker.up();
    this.#watchdog = new Watchdog({
      bytesReceived: () => nc.stats().inBytes,
      ping: () => nc.flush(),
      connected: () => this.tracker.connected,
      reconnect: () => nc.reconnect(),
      servers: options.servers,
      mono: options.mono,
      wall: options.wall,
      log: options.log,
    });
    const closed = nc.closed().then((error) => {
      this.tracker.down();
      this.#requests.end('the connection is closed');
      return this.#closing ? new Promise<string>(() => {}) : `the connection closed: ${error ? messageOf(error) : 'no reason given'}`;
    });
    this.dead = Promise.race([closed, this.#watchdog.dead]);
    this.#closeAfter(options);
    void this.#follow(options);
  }

  get connected(): boolean {
    return this.tracker.connected;
  }

  get serverVersion(): string {
    return this.#nc.info?.version ?? '0.0.0';
  }

  get maxPayload(): number {
    return this.#nc.info?.max_payload ?? 1024 * 1024;
  }

  /** Whether this server is one of a cluster. */
  get clustered(): boolean {
    return Boolean(this.#nc.info?.cluster);
  }

  /** Core publish: nobody says whether it arrived. Dropped when there is no connection, for buffered news is stale news. */
  publish(subject: string, data: Uint8Array, reply?: string): void {
    if (!this.tracker.connected || this.#nc.isClosed()) return;
    const seal = this.seal?.sign(subject, data, undefined);
    this.#nc.publish(subject, data, {
      ...(reply === undefined ? {} : { reply }),
      ...(seal === undefined ? {} : { headers: headersOf(seal) }),
    });
  }

  /** Publishes and waits until a stream has stored it. No Nats-Msg-Id: another sender could use it first (design section 7). */
  async publishStored(
    subject: string,
    data: Uint8Array,
    { timeout = 30_000, lastSubjectSequence, headers, asItCame = false }: StoringOptions = {},
  ): Promise<PubAck> {
    const extra = { ...headers };
    if (lastSubjectSequence !== undefined) extra['Nats-Expected-Last-Subject-Sequence'] = String(lastSubjectSequence);
    return parseApi<PubAck>(await this.request(subject, data, { timeout, headers: extra, asItCame }));
  }

  /** Request and one answer. A missing responder and a time-out are `broker_unavailable`; a status is left to the caller. */
  async request(
    subject: string,
    data: Uint8Array,
    { timeout = 10_000, reply, headers, asItCame = false }: RequestOptions = {},
  ): Promise<Message> {
    if (!this.tracker.connected) throw new KanadeError('broker_unavailable', 'there is no connection to the broker');
    const seal = asItCame ? undefined : this.seal?.sign(subject, data, headers?.[KV_OPERATION]);
    const all = { ...headers, ...seal };
    const some = Object.keys(all).length > 0 ? headersOf(all) : undefined;
    if (reply !== undefined) return messageFrom(await this.#requests.askFor(subject, data, { timeout, reply, headers: some }));
    return messageFrom(await this.#requests.ask(subject, data, { timeout, headers: some }));
  }

  /** Core subscription; `onMessage` must not throw. A refused subscription is told to `onError`. */
  subscribe(subject: string, onMessage: (message: Message) => void, onError?: (error: Error) => void): Subscription {
    return this.#nc.subscribe(subject, {
      callback: (error, m) => {
        if (error) onError?.(error);
        else onMessage(messageFrom(m));
      },
    });
  }

  /** A subject below this connection's own inbox, which nobody else may hear. */
  inbox(): string {
    return `${this.#inboxPrefix}.${crypto.randomUUID().replaceAll('-', '')}`;
  }

  /** Resolves when the broker has processed everything published before. */
  async flush(): Promise<void> {
    if (this.tracker.connected) await this.#nc.flush();
  }

  async close(): Promise<void> {
    if (this.#closing) return;
    this.#closing = true;
    this.#watchdog.stop();
    await this.#nc.close();
    this.tracker.down();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  /** A broker that has gone, or answers nothing, would have each request wait for its time-out: nobody can stop then. */
  #closeAfter({ signal, closesAfter }: ConnectOptions): void {
    if (closesAfter === undefined) return;
    const close = () => void setTimeout(() => void this.close(), closesAfter).unref();
    if (signal.aborted) close();
    else signal.addEventListener('abort', close, { once: true });
  }

  async #follow(options: ConnectOptions): Promise<void> {
    const { authenticator, onRefused, servers, log } = options;
    const refusals = new Refusals(servers, log);
    const tls = tlsOf(options);
    const certificate = tls && new CertificateLook({ ...options, servers: servers.split(','), tls });
    for await (const status of this.#nc.status()) {
      if (status.type === Events.Disconnect || status.type === DebugEvents.StaleConnection) {
        this.tracker.down();
        log.warn({ type: status.type }, 'broker connection lost');
      } else if (status.type === Events.Reconnect) {
        log.info({ server: String(status.data) }, 'broker connection is back');
        this.tracker.up();
        certificate?.back();
      } else if (status.type === DebugEvents.Reconnecting) {
        void certificate?.trying();
      } else if (status.type === Events.Error && authenticator !== undefined && isRefusal(String(status.data))) {
        refusals.say();
        onRefused?.();
      } else if (status.type === Events.Error) {
        log.warn({ error: String(status.data) }, 'the broker refused something');
        const { permissionContext: refused } = status;
        if (refused?.operation === 'publish') this.#requests.refused(refused.subject);
      }
    }
  }
}

/** Connects, however long it takes. Rejects only when `signal` aborts, or as `knownOrNever` says. */
export async function connectNats(options: ConnectOptions): Promise<Nats> {
  const { signal, random, log, servers, authenticator, onRefused } = options;
  const wait = options.reconnectDelay ?? (() => 1000 + random() * 8000);
  const settings: ConnectionOptions = {
    servers: servers.split(','),
    name: options.name,
    maxReconnectAttempts: -1,
    // Otherwise each request makes an Error for its stack alone: a quarter of the time of whoever sends thousands.
    noAsyncTraces: true,
    ignoreAuthErrorAbort: true,
    // Servers that refuse us would name each other to the library for ever, and it would tell us nothing of it.
    ignoreClusterUpdates: true,
    pingInterval: 20_000 + random() * 20_000,
    maxPingOut: 2,
    reconnectDelayHandler: wait,
    timeout: 10_000,
    ...(options.inboxPrefix === undefined ? {} : { inboxPrefix: options.inboxPrefix }),
    ...(options.user === undefined ? {} : { user: options.user, pass: options.pass ?? '' }),
    ...(authenticator === undefined ? {} : { authenticator: (nonce?: string) => authenticate(options, authenticator(), nonce) }),
  };
  const refusals = new Refusals(servers, log);
  let lastFailure = '';
  for (;;) {
    signal.throwIfAborted();
    try {
      const tls = tlsOf(options);
      const nc = await unlessAborted(connect({ ...settings, ...(tls === undefined ? {} : { tls }) }), signal);
      if (authenticator !== undefined && !nc.info?.auth_required) {
        await nc.close();
        throw new KanadeError('broker_open', `the broker at ${servers} lets everybody in: it is none that was set up for identities`);
      }
      const nats = new Nats(nc, options);
      if (signal.aborted) await nats.close();
      signal.throwIfAborted();
      return nats;
    } catch (error) {
      signal.throwIfAborted();
      const refused = error instanceof NatsError && isRefusal(error.code);
      if (options.knownOrNever && refused) throw refusals.error;
      if (options.knownOrNever && error instanceof KanadeError) throw error;
      const fault = certificateFault(servers, error) ?? (error instanceof KanadeError ? error : undefined);
      const words = fault?.message ?? messageOf(error);
      if (refused && authenticator !== undefined) {
        refusals.say();
        onRefused?.();
      } else if (words !== lastFailure) log.warn({ servers, code: fault?.code, error: words }, 'no broker yet: trying on');
      lastFailure = words;
      await sleep(Math.min(wait(), 2000), undefined, { signal });
    }
  }
}

/** A server that takes the connection and says nothing is not waited for by whoever has to stop. */
async function unlessAborted(connecting: Promise<NatsConnection>, signal: AbortSignal): Promise<NatsConnection> {
  const aborted = Promise.withResolvers<never>();
  const abort = () => aborted.reject(signal.reason);
  signal.addEventListener('abort', abort, { once: true });
  try {
    return await Promise.race([connecting, aborted.promise]);
  } catch (error) {
    // Should it come after all.
    void connecting.then(
      (nc) => nc.close(),
      () => {},
    );
    throw error;
  } finally {
    signal.removeEventListener('abort', abort);
  }
}

function tlsOf({ servers, ca, handshakeFirst }: ConnectOptions) {
  return tlsOptions(servers.split(','), ca ?? (() => undefined), handshakeFirst);
}

/** What nats-server sends is 11 random bytes in base64url. Nothing of that form is a proof for our API, which has lines. */
const NONCE = /^[A-Za-z0-9_=-]{1,64}$/;

/** The same key proves a PC to the API: a broker gets nothing signed but a nonce, and hears nothing when it asks for more. */
function authenticate({ servers, log }: ConnectOptions, { jwt, seed }: Credential, nonce?: string) {
  if (nonce === undefined || NONCE.test(nonce)) return jwtAuthenticator(jwt, seed)(nonce);
  const { code, message } = new KanadeError('broker_nonce', `the broker at ${servers} wants something signed that is no nonce`);
  log.warn({ code, error: message }, 'the broker is not told who we are');
  return undefined;
}

/** The client library's codes for "I do not know you". */
function isRefusal(code: string): boolean {
  return code === ErrorCode.AuthorizationViolation || code === ErrorCode.AuthenticationExpired || code === ErrorCode.AccountExpired;
}

/** Milliseconds between two words about the same refusal: it is tried every few seconds. */
const SAY_AGAIN = 60_000;

class Refusals {
  readonly error: KanadeError;
  readonly #log: ConnectOptions['log'];
  #saidAt = Number.NEGATIVE_INFINITY;

  constructor(servers: string, log: ConnectOptions['log']) {
    const why = 'it trusts another operator, or our identity was revoked or has run out';
    this.error = new KanadeError('broker_refuses', `the broker at ${servers} does not know us: ${why}`);
    this.#log = log;
  }

  say(): void {
    if (performance.now() - this.#saidAt < SAY_AGAIN) return;
    this.#saidAt = performance.now();
    this.#log.warn({ code: this.error.code, error: this.error.message }, 'the broker refuses us: trying on');
  }
}

/** A JetStream API or PubAck answer as JSON; an error in it is thrown. A bare 503 means that no stream listens there. */
export function parseApi<T>(answer: Message): T {
  if (answer.status === 503) throw new KanadeError('broker_unavailable', `nothing answers ${answer.subject}`);
  const body = JSON.parse(new TextDecoder().decode(answer.data)) as T & {
    error?: { code: number; err_code?: number; description?: string };
  };
  if (body.error) throw new JetStreamError(body.error);
  return body;
}

function headersOf(values: Record<string, string>) {
  const all = headers();
  for (const [name, value] of Object.entries(values)) all.set(name, value);
  return all;
}

interface RawMessage {
  subject: string;
  data: Uint8Array;
  reply?: string;
  headers?: { get(name: string): string; code: number; description: string };
}

function messageFrom(m: RawMessage): Message {
  return {
    subject: m.subject,
    data: m.data,
    ...(m.reply ? { reply: m.reply } : {}),
    header: (name) => m.headers?.get(name) || undefined,
    status: m.headers?.code ?? 0,
    description: m.headers?.description ?? '',
  };
}
