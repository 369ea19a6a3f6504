import type { IncomingMessage } from 'node:http';
import { type Struct, string, type } from 'superstruct';
import { check, parseJson } from '#core/contract/codec.ts';
import { isErrorCode, KanadeError, messageOf } from '#core/contract/errors.ts';
import { certificateWith } from '#core/tls/fingerprint.ts';
import { answerTo, type Exchange, exchange, type Reply } from './exchange.ts';
import { agentThrough, type ProxyEnv, proxyEnvFor, proxyFault } from './proxy.ts';

export interface ServerOptions {
  /** http:// or https://, host and port. */
  url: string;
  /** PEM: only a server whose certificate comes from these is believed. */
  ca?: string;
  /** Of the CA that is to be asked for and believed while there is no `ca`: as what an admin has carried here says it. */
  fingerprint?: string;
  /** URL of a proxy; default: what the environment says (HTTPS_PROXY). What NO_PROXY names is reached without. */
  proxy?: string;
  env: NodeJS.ProcessEnv;
  /** Gives up whatever is asked. */
  signal?: AbortSignal;
  /** Milliseconds for one question. */
  patience?: number;
}

/** What is asked of a server that this machine is about to trust, or does. */
export interface ServerLine {
  post<T>(path: string, body: unknown, struct: Struct<T, unknown>): Promise<T>;
  /** An answer of whatever status, to be read by the caller; it fails when nothing comes for as long as one question may take. */
  get(path: string, signal: AbortSignal): Promise<IncomingMessage>;
  /** The CA that was believed in the end; undefined where those of this machine were. */
  readonly ca: string | undefined;
  close(): void;
}

/** One server, and the way there. */
interface Way {
  base: URL;
  proxyEnv: ProxyEnv;
  patience: number;
  signal: AbortSignal | undefined;
}

/** Milliseconds: thousands may ask in the same minute, and are served one after another. */
const PATIENCE = 60_000;
const Problem = type({ code: string(), detail: string() });

/** By HTTPS, through a proxy where there is one. All questions go over one connection. */
export function serverLine(options: ServerOptions): ServerLine {
  const base = new URL(options.url);
  const tls = base.protocol === 'https:';
  const proxyEnv = proxyEnvFor(base, options.proxy, options.env);
  const way: Way = { base, proxyEnv, patience: options.patience ?? PATIENCE, signal: options.signal };
  const agent = agentThrough(proxyEnv, tls);
  let { ca } = options;
  const settleCa = async () => {
    if (tls && ca === undefined && options.fingerprint !== undefined) ca = await askForCa(way, options.fingerprint);
  };
  return {
    async post(path, body, struct) {
      await settleCa();
      const headers = { 'content-type': 'application/json' };
      const answer = await reached(way, { method: 'POST', url: new URL(path, base), headers, body: JSON.stringify(body), ca, agent });
      if (answer.status === 200 || answer.status === 202) return check(struct, parseJson(Buffer.from(answer.body)));
      throw problemIn(answer, base);
    },
    async get(path, signal) {
      await settleCa();
      const late = new AbortController();
      const timer = setTimeout(() => late.abort(), way.patience);
      const question = { method: 'GET', url: new URL(path, base), ca, agent, signal: AbortSignal.any([signal, late.signal]) };
      const answer = await reaching(way, late.signal, () => answerTo(question)).finally(() => clearTimeout(timer));
      return failSilent(answer, way.patience);
    },
    get ca() {
      return ca;
    },
    close: () => agent.destroy(),
  };
}

/**
 * The server's own CA, asked for over a line that nobody vouches for, and believed only when it is the one whose fingerprint an admin
 * put into the token.
 */
async function askForCa(way: Way, fingerprint: string): Promise<string> {
  const { base, proxyEnv } = way;
  const agent = agentThrough(proxyEnv, true, { rejectUnauthorized: false });
  try {
    // No CA at all: those of this machine would be read in for nothing, which takes a tenth of a second.
    const answer = await reached(way, { method: 'GET', url: new URL('/api/v1/ca', base), ca: '', agent });
    if (answer.status !== 200) throw problemIn(answer, base);
    const pem = certificateWith(fingerprint, answer.body);
    if (pem === undefined) throw new KanadeError('server_not_trusted', `${base.origin} has not the CA whose fingerprint was given`);
    return pem;
  } finally {
    agent.destroy();
  }
}

function reached(way: Way, what: Omit<Exchange, 'signal'>): Promise<Reply> {
  const late = AbortSignal.timeout(way.patience);
  return reaching(way, late, () => exchange({ ...what, signal: way.signal ? AbortSignal.any([way.signal, late]) : late }));
}

/** Turns the error of a connection into words that say what to do. `late` has aborted when it took too long. */
async function reaching<T>({ base, proxyEnv, patience }: Way, late: AbortSignal, ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    if (error instanceof KanadeError) throw error;
    const fault = proxyFault(proxyEnv, error);
    if (fault !== undefined) throw fault;
    const through = proxyEnv.https_proxy;
    const how = through === undefined ? '' : ` (through the proxy ${new URL(through).host})`;
    const why = late.aborted ? `no answer within ${patience / 1000} s` : messageOf(error);
    throw new KanadeError('server_unreachable', `${base.origin} cannot be reached${how}: ${why}`, { cause: error });
  }
}

/** The answer's own way to do this would leave a listener at the connection for each answer that comes over it. */
function failSilent(answer: IncomingMessage, patience: number): IncomingMessage {
  const { socket } = answer;
  const onSilent = () => answer.destroy(new Error(`nothing came for ${patience / 1000} s`));
  socket.setTimeout(patience).once('timeout', onSilent);
  return answer.once('close', () => socket.off('timeout', onSilent).setTimeout(0));
}

/** What the server refused, by its code; anything else is no server of ours, or one that is not well. */
function problemIn({ status, body }: Reply, base: URL): KanadeError {
  try {
    const { code, detail } = check(Problem, parseJson(Buffer.from(body)));
    if (isErrorCode(code)) return new KanadeError(code, detail);
  } catch {
    // Not ours to read: a proxy's page, most likely.
  }
  return new KanadeError('server_unreachable', `${base.origin} answered ${status}`);
}
