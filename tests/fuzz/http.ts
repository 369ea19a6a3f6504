import { Agent, request } from 'node:https';
import { connect as connectTls } from 'node:tls';
import { HTTP_LIMITS } from '#backend/http/limits.ts';
import type { Route } from '#backend/http/route.ts';
import { routes } from '#backend/http/routes.ts';
import { HANG, type Target } from './finding.ts';
import { anything, mutate, mutateBytes, pick, type Random, sample, text } from './generate.ts';

export interface Api {
  url: URL;
  token: string;
  ca: string;
}

/** They ask a PC, and wait for an answer that will not come: now and then is enough. */
const ASKS_A_PC = /\/(?:ping|logs|tail|refresh)$/;
/** Statuses beyond 499 that say what they say: the PC, the broker or the queue, not us. */
const HONEST = [502, 503, 504, 507];

/** Connections to the API that are used again. */
export function connections({ ca }: Api): Agent {
  return new Agent({ keepAlive: true, ca, maxSockets: 32 });
}

/** Every route with what it expects, changed here and there: whatever comes, there is an answer, and it is never 500. */
export function requests({ url, token }: Api, agent: Agent): Target {
  return {
    name: 'HTTP requests',
    share: 0.35,
    width: 12,
    async try(n, random, input) {
      let route = routes[n % routes.length]!;
      if (ASKS_A_PC.test(route.path) && random() > 0.02) route = pick(random, routes);
      const sent = requestOf(route, random, token);
      input(`${route.method} ${sent.path}\n${JSON.stringify(sent.headers)}\n${Buffer.from(sent.body).toString('latin1')}`);
      const { status, type, body } = await ask(url, agent, route.method, sent);
      if (status >= 500 && !HONEST.includes(status)) throw new Error(`it answered ${status}: ${body}`);
      if (status >= 400 && type.includes('problem') && (JSON.parse(body) as { code?: unknown }).code === undefined) {
        throw new Error(`a problem without a code: ${body}`);
      }
    },
  };
}

interface Sent {
  path: string;
  headers: Record<string, string>;
  body: Uint8Array;
}

function requestOf(route: Route, random: Random, token: string): Sent {
  const part = () => (random() < 0.6 ? pick(random, ['PC1', 'e1', 'j1', 's1', 'g1', 'os']) : text(random));
  const path = route.path.replaceAll(/:[a-z]+/g, () => escapePart(part(), random));
  const query = queryOf(route, random);
  const headers: Record<string, string> = {};
  if (random() < 0.95) headers.authorization = `Bearer ${random() < 0.95 ? token : speakable(text(random))}`;
  for (const name of ['if-match', 'if-none-match', 'idempotency-key', 'last-event-id', 'x-request-id', 'accept', 'content-encoding']) {
    if (random() < 0.1)
      headers[name] = speakable(random() < 0.5 ? text(random) : pick(random, ['"1"', '*', 'W/"2"', '1', 'application/yaml', 'gzip']));
  }
  if (route.body === undefined) return { path: path + query, headers, body: Buffer.alloc(0) };
  const value =
    random() < 0.1 ? anything(random) : random() < 0.3 ? sample(route.body, random) : mutate(sample(route.body, random), random);
  let body: Uint8Array = Buffer.from(JSON.stringify(value ?? null));
  if (random() < 0.15) body = mutateBytes(body, random);
  if (random() < 0.002) body = Buffer.from(pick(random, ['[', '{"a":', '- ']).repeat(100_000));
  headers['content-type'] =
    random() < 0.8 ? 'application/json' : pick(random, ['application/yaml', 'text/plain', 'application/json; charset=utf-16', 'x']);
  return { path: path + query, headers, body };
}

function queryOf(route: Route, random: Random): string {
  if (random() < 0.4) return '';
  const given = route.query === undefined ? {} : (sample(route.query, random) as Record<string, unknown>);
  const pairs = Object.entries(given).map(([name, value]) => [name, random() < 0.2 ? text(random) : spelled(value)]);
  if (random() < 0.3) pairs.push([text(random), text(random)]);
  if (route.conditions && random() < 0.7)
    pairs.push([`os.build${pick(random, ['=', '<', '>=', '~', '!=', ''])}${text(random)}`, text(random)]);
  if (random() < 0.05) return `?${speakable(text(random)).replaceAll(/[\s#]/g, '')}`;
  return `?${pairs.map(([name, value]) => `${encode(name!)}=${encode(value!)}`).join('&')}`;
}

function spelled(value: unknown): string {
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

/** Half a surrogate pair has no UTF-8. */
function encode(value: string): string {
  return encodeURIComponent(value.toWellFormed());
}

/** Mostly as it should be, now and then as nobody should. */
function escapePart(value: string, random: Random): string {
  return random() < 0.9 ? encode(value) : speakable(value).replaceAll(/[\s#?]/g, '') || '.';
}

/** What Node's own client sends at all. */
function speakable(value: string): string {
  return value.replaceAll(/[^\x21-\x7e]/g, '');
}

interface Answered {
  status: number;
  type: string;
  body: string;
}

const BODY_SHOWN = 100_000;

export function ask(url: URL, agent: Agent, method: string, { path, headers, body }: Sent): Promise<Answered> {
  return new Promise((resolve, reject) => {
    const sent = request(url, { method, path, headers: { ...headers, 'content-length': body.length }, agent });
    const late = setTimeout(() => {
      reject(new Error(`no answer within ${HANG / 1000} s`));
      sent.destroy();
    }, HANG);
    sent.on('error', (error) => {
      clearTimeout(late);
      // Whoever still sends when headers that are too long are refused may hear of the end before the answer.
      if (path.length > HTTP_LIMITS.headerBytes && 'code' in error) resolve({ status: 431, type: '', body: '' });
      else reject(error);
    });
    sent.on('response', (response) => {
      const type = response.headers['content-type'] ?? '';
      let text = '';
      const done = () => {
        clearTimeout(late);
        resolve({ status: response.statusCode!, type, body: text });
      };
      // These go on until somebody hangs up.
      if (type.startsWith('text/event-stream')) {
        done();
        response.destroy();
        return;
      }
      response.on('data', (chunk: Buffer) => {
        if (text.length < BODY_SHOWN) text += chunk.toString();
      });
      response.on('end', done);
      response.on('error', reject);
    });
    sent.end(body);
  });
}

const LINES = [
  'GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n',
  'POST /api/v1/executions HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}',
  'POST /api/v1/executions HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
  'POST /api/v1/executions HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\nTrailer: x\r\n\r\n',
  'GET /api/v1/agents HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n',
  'GET / HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\n',
  'CONNECT localhost:1 HTTP/1.1\r\nHost: localhost\r\n\r\n',
  'OPTIONS * HTTP/1.1\r\nHost: localhost\r\n\r\n',
  'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
  'GET http://elsewhere/healthz HTTP/1.0\r\n\r\n',
];

/** Bytes that are no HTTP, or nearly: the connection ends, with an answer or without, and never with 500. */
export function rawHttp({ url, ca }: Api): Target {
  return {
    name: 'bytes on the API port',
    share: 0.05,
    width: 8,
    try: (_n, random, input) =>
      new Promise<void>((resolve, reject) => {
        const bytes = mutateBytes(Buffer.from(pick(random, LINES).repeat(random() < 0.1 ? 3 : 1)), random);
        input(bytes.toString('latin1'));
        const socket = connectTls({ host: url.hostname, port: Number(url.port), ca }, () => socket.end(bytes));
        let answer = '';
        const late = setTimeout(() => {
          reject(new Error(`still open after ${HANG / 1000} s`));
          socket.destroy();
        }, HANG);
        socket.on('data', (data) => (answer += data));
        socket.on('error', () => {});
        socket.on('close', () => {
          clearTimeout(late);
          if (/^HTTP\/1\.1 500/m.test(answer)) reject(new Error(`it answered ${answer.slice(0, 500)}`));
          else resolve();
        });
      }),
  };
}
