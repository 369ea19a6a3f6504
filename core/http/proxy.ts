import { type Agent, Agent as PlainAgent } from 'node:http';
import { Agent as TlsAgent } from 'node:https';
import type { Duplex } from 'node:stream';
import { KanadeError, messageOf } from '#core/contract/errors.ts';
import { isLoopback } from '#core/contract/loopback.ts';

/** What Node's agents take their proxy from. */
export interface ProxyEnv {
  https_proxy?: string;
  no_proxy?: string;
}

/**
 * The proxy on the way to `server`: the one that was set, else the environment's; NO_PROXY counts for either. This machine is never
 * asked for through the environment's proxy, which would look for it elsewhere; and nothing is asked through any proxy in the clear, which
 * could read the token and answer in the server's place. Throws `setting_invalid`.
 */
export function proxyEnvFor(server: URL, proxy: string | undefined, env: NodeJS.ProcessEnv): ProxyEnv {
  if (server.protocol !== 'https:') return {};
  const given = proxy ?? (isLoopback(server.hostname) ? undefined : env.https_proxy || env.HTTPS_PROXY);
  if (!given) return {};
  const no_proxy = env.no_proxy || env.NO_PROXY;
  return { https_proxy: usable(given), ...(no_proxy ? { no_proxy } : {}) };
}

/** As curl reads it, `proxy:3128` is an http proxy. Node passes over what has no scheme, and throws on a password it cannot decode. */
function usable(given: string): string {
  const text = given.includes('://') ? given : `http://${given}`;
  if (isProxyUrl(text)) return text;
  // Not the text itself: there may be a password in it.
  throw new KanadeError(
    'setting_invalid',
    'the proxy (KANADE_PROXY, HTTPS_PROXY) has to be http://host:port or http://user:password@host:port',
  );
}

export function isProxyUrl(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, hostname, pathname, search, username, password } = new URL(text);
  if (!['http:', 'https:'].includes(protocol) || hostname === '' || pathname !== '/' || search !== '') return false;
  try {
    return [username, password].every((part) => !/[\r\n]/.test(decodeURIComponent(part)));
  } catch {
    return false;
  }
}

/** For requests one after another over one connection, through the proxy where there is one. `rejectUnauthorized` goes before what requests say. */
export function agentThrough(proxyEnv: ProxyEnv, tls: boolean, options: { rejectUnauthorized?: false } = {}): Agent {
  const all = { keepAlive: true, maxSockets: 1, proxyEnv: { ...proxyEnv }, ...options };
  return tls ? new TunnelAgent(all) : new PlainAgent(all);
}

/** Node's knows a tunnel only once it stands: one that is never answered would stay open when the agent is destroyed. */
class TunnelAgent extends TlsAgent {
  readonly #open = new Set<Duplex>();

  override createConnection(...args: Parameters<TlsAgent['createConnection']>): Duplex | null | undefined {
    const socket = super.createConnection(...args);
    if (socket) {
      this.#open.add(socket);
      socket.once('close', () => this.#open.delete(socket));
    }
    return socket;
  }

  override destroy(): void {
    super.destroy();
    for (const socket of this.#open) socket.destroy();
  }
}

/** What the proxy has to do with it that a request failed, in words that say what to do; undefined = nothing. */
export function proxyFault({ https_proxy: text }: ProxyEnv, error: unknown): KanadeError | undefined {
  if (text === undefined || !(error instanceof Error)) return undefined;
  const url = new URL(text);
  const { code, statusCode } = error as NodeJS.ErrnoException & { statusCode?: number };
  if (code === 'ERR_PROXY_TUNNEL' && statusCode === 407)
    return new KanadeError(
      'proxy_refuses',
      `the proxy ${url.host} asks for a name and a password (KANADE_PROXY=http://user:password@host:port; only Basic is spoken), or does not take those it was told`,
      { cause: error },
    );
  if (code === 'ERR_PROXY_TUNNEL')
    return new KanadeError('proxy_refuses', `the proxy ${url.host} lets nothing through: ${messageOf(error)}`, { cause: error });
  if (!isOf(url, error)) return undefined;
  return new KanadeError('proxy_unreachable', `the proxy ${url.host} (KANADE_PROXY, HTTPS_PROXY) cannot be reached: ${messageOf(error)}`, {
    cause: error,
  });
}

/** Whether it was this host and port that could not be found or connected to. */
function isOf({ hostname, protocol, port }: URL, error: Error): boolean {
  const first = error instanceof AggregateError ? error.errors[0] : error;
  const failed = first as NodeJS.ErrnoException & { hostname?: string; port?: number };
  if (failed.syscall === 'getaddrinfo') return failed.hostname === hostname;
  return failed.syscall === 'connect' && failed.port === Number(port || (protocol === 'https:' ? 443 : 80));
}
