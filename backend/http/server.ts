import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer, type Server as TlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import polka, { type Polka } from 'polka';
import { KanadeError, messageOf } from '#core/contract/errors.ts';
import type { Log } from '#core/contract/log.ts';
import { errnoOf } from '#core/files/disk-error.ts';
import { hostPort, isLoopback, type Listen, reachable } from '#core/settings/listen.ts';
import type { ServerTls } from '../tls/server-tls.ts';
import type { HttpContext, HttpParts } from './context.ts';
import { FillReader } from './fill.ts';
import { HTTP_LIMITS, type HttpLimits, handshakeLimits, limitConnections, requestLimits } from './limits.ts';
import { Metrics } from './metrics.ts';
import { problemOf } from './problem.ts';
import type { Incoming } from './read-call.ts';
import { RequestPatience } from './request-patience.ts';
import type { Route } from './route.ts';
import { sendProblem, setCommonHeaders } from './send.ts';
import { requestIdOf, type ServeOptions, serve } from './serve.ts';
import { answerWaiting, type WaitingFor } from './waiting.ts';

export interface ListenOptions extends WaitingFor {
  listen: Listen;
  /** What it shows; without it everything goes in the clear, and it listens on loopback only. */
  tls?: ServerTls;
  limits?: Partial<HttpLimits>;
  log: Pick<Log, 'warn'>;
  /** The server closes when this aborts; `await using` waits until it has. */
  signal: AbortSignal;
}

export interface HttpServer extends AsyncDisposable {
  /** Without a slash at the end. */
  url: string;
  /** From now on these are served. */
  serve(routes: readonly Route[], parts: HttpParts): void;
}

type Handler = (req: IncomingMessage, res: ServerResponse) => void;

const METHODS = ['GET', 'PUT', 'POST', 'DELETE'] as const;
/** Milliseconds an answer may still take once we are closing. */
const CLOSE_PATIENCE = 5000;
const LOOK_FOR_IDLE = 20;

/** Listens, and says what it waits for until there is something to serve. Rejects with `port_in_use`, `listen_not_loopback`. */
export async function listenHttp(o: ListenOptions): Promise<HttpServer> {
  const closing = new AbortController();
  const signal = AbortSignal.any([o.signal, closing.signal]);
  const { listen, tls } = o;
  if (tls === undefined && !isLoopback(listen.host)) {
    throw new KanadeError('listen_not_loopback', `the API is not to listen at ${hostPort(listen)} (KANADE_LISTEN) without TLS`);
  }
  const limits = { ...HTTP_LIMITS, ...o.limits };
  const secure = handshakeLimits(limits);
  const server =
    tls === undefined ? createServer(requestLimits(limits)) : createTlsServer({ ...requestLimits(limits), ...secure, ...tls.pair });
  const unwatch = tls?.onChange((pair) => (server as TlsServer).setSecureContext({ ...secure, ...pair }));
  server.setTimeout(limits.silence);
  limitConnections(server, limits, o.log, () => performance.now());
  let handle: Handler = (req, res) => {
    answerWaiting(req, res, o).catch((error) => {
      o.log.warn({ path: req.url, error: messageOf(error) }, 'an answer could not be sent');
      res.destroy();
    });
  };
  const patience = new RequestPatience(limits);
  server.on('request', (req, res) => {
    patience.begin(req);
    res.once('finish', () => cutUnread(req, limits.unread));
    handle(req, res);
  });
  await listening(server, listen);
  const { port: actual } = server.address() as AddressInfo;
  let closed: Promise<void> | undefined;
  const close = () => {
    unwatch?.();
    closed ??= closeServer(server, closing);
    return closed;
  };
  // Whoever disposes of the server gets the same promise and its failure.
  o.signal.addEventListener('abort', () => void close(), { once: true });
  return {
    url: `${tls === undefined ? 'http' : 'https'}://${hostPort({ host: reachable(listen.host), port: actual })}`,
    serve(routes, parts) {
      const fill = new FillReader(parts.nats, parts.dataDir, () => performance.now());
      const ctx: HttpContext = { ...parts, fill, metrics: new Metrics(parts, fill) };
      handle = handlerOf(routes, { ctx, patience, loopbackOnly: tls === undefined, signal });
    },
    [Symbol.asyncDispose]: close,
  };
}

/** Node reads and throws away what is left of a body, so that whoever sends it hears the answer; that is not to go on for long. */
function cutUnread(req: IncomingMessage, patience: number): void {
  if (req.complete) return;
  const cut = setTimeout(() => req.destroy(), patience);
  req.once('close', () => clearTimeout(cut));
}

function handlerOf(routes: readonly Route[], o: ServeOptions): Handler {
  const app: Polka = polka({
    // serve() answers for every failure of a handler; what arrives here failed while answering, mostly because the client is gone.
    onError: (error, req, res) => {
      o.ctx.log.warn({ path: req.path, error: messageOf(error) }, 'an answer could not be sent');
      res.destroy();
    },
    onNoMatch: (req, res) => refuse(app, req as unknown as Incoming, res, o.ctx),
  });
  for (const route of routes) app.add(route.method, route.path, (req, res) => serve(route, req as unknown as Incoming, res, o));
  // polka makes its own `next` when it is called without one, which its types do not know.
  return app.handler as unknown as Handler;
}

function refuse(app: Polka, req: Incoming, res: ServerResponse, ctx: HttpContext): void {
  const request = { path: req.path, id: requestIdOf(req, ctx) };
  setCommonHeaders(res, request.id);
  const allowed = METHODS.filter((method) => app.find(method, req.path).handlers.length > 0);
  if (allowed.length > 0) res.setHeader('Allow', allowed.join(', '));
  const error =
    allowed.length > 0
      ? new KanadeError('method_not_allowed', `${req.path} takes ${allowed.join(', ')}`)
      : new KanadeError('not_found', `there is no ${req.path}`);
  sendProblem(res, problemOf(error, request));
}

function listening(server: Server, { host, port }: Listen): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (cause) => {
      if (errnoOf(cause) !== 'EADDRINUSE') reject(cause);
      else {
        const other = hostPort({ host, port: port + 1 });
        const words = `${hostPort({ host, port })} is taken by another program: end it, or set KANADE_LISTEN to another address such as ${other}`;
        reject(new KanadeError('port_in_use', words, { cause }));
      }
    });
    server.listen({ host, port }, () => {
      server.removeAllListeners('error');
      resolve();
    });
  });
}

/** Takes no more, ends the event streams, lets answers that are under way finish, and after 5 s cuts what is left. */
async function closeServer(server: Server, closing: AbortController): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  closing.abort();
  // A connection that is kept alive is idle only once its answer is through, and nobody tells.
  const idle = setInterval(() => server.closeIdleConnections(), LOOK_FOR_IDLE);
  const cut = setTimeout(() => server.closeAllConnections(), CLOSE_PATIENCE);
  await closed;
  clearTimeout(cut);
  clearInterval(idle);
}
