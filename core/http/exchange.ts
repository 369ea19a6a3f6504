import { type Agent, type IncomingMessage, request } from 'node:http';
import { request as requestTls } from 'node:https';
import { KanadeError } from '#core/contract/errors.ts';
import { certificateFault } from '#core/tls/certificate-fault.ts';
import { trusting } from '#core/tls/trust.ts';

export interface Exchange {
  method: string;
  url: URL;
  headers?: Record<string, string>;
  body?: string;
  /** PEM of the CA that the server is checked against; undefined = those that this machine trusts. */
  ca: string | undefined;
  /** Such as one that goes through a proxy; by default http:// goes to nobody else, whatever the environment says. */
  agent?: Agent;
  signal: AbortSignal;
}

export interface Reply {
  status: number;
  headers: IncomingMessage['headers'];
  body: string;
}

/** Bytes of an answer: nothing that is read this way is longer, and whoever answers is not trusted to keep to it. */
const REPLY_MAX = 8_000_000;

/** One request and the whole answer, whatever its status. Rejects like `answerTo`. */
export async function exchange(what: Exchange): Promise<Reply> {
  const answer = await answerTo(what);
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of answer) {
    size += (part as Buffer).length;
    if (size > REPLY_MAX) throw new KanadeError('bad_message', `${what.url.origin} answers with more than ${REPLY_MAX} bytes`);
    parts.push(part as Buffer);
  }
  return { status: answer.statusCode ?? 0, headers: answer.headers, body: Buffer.concat(parts).toString() };
}

/**
 * One request and the beginning of its answer, whose rest is for the caller to read. Not `fetch`, which cannot be told of a CA. Rejects
 * with what is wrong with the server's certificate (`certificate_untrusted`, `certificate_expired`, `certificate_wrong_name`,
 * `tls_missing`), or with the error of the connection.
 */
export async function answerTo({ method, url, headers, body, ca, signal, ...given }: Exchange): Promise<IncomingMessage> {
  const tls = url.protocol === 'https:';
  // Node's own agent would send what is secret through HTTP_PROXY in the clear.
  const agent = given.agent ?? (tls ? undefined : false);
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  // A request that waits for its proxy hears nothing of its own signal.
  const onAbort = () => reject(signal.reason);
  signal.addEventListener('abort', onAbort);
  const sent = (tls ? requestTls : request)(url, { method, headers, agent, signal, ...(tls ? trusting({ ca }) : {}) }, resolve);
  sent.on('error', (error) => reject(certificateFault(url.origin, error) ?? error));
  sent.end(body);
  return await promise.finally(() => signal.removeEventListener('abort', onAbort));
}
