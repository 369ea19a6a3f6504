import { KanadeError } from '#core/contract/errors.ts';
import { exchange, type Reply } from '#core/http/exchange.ts';

/** The few calls that the first start makes, through the front door like everybody else. */
export interface ApiClient {
  ready(): Promise<boolean>;
  get<T>(path: string): Promise<T | undefined>;
  post<T>(path: string, body: unknown): Promise<T>;
}

export interface ApiClientOptions {
  /** Of the backend, without a path. */
  url: string;
  token: string;
  /** PEM of the CA that it is checked against. */
  ca: string | undefined;
  signal: AbortSignal;
}

/** Undefined from `get` means 404. */
export function apiClient({ url, token, ca, signal }: ApiClientOptions): ApiClient {
  const call = (method: string, path: string, body?: unknown) => {
    const headers: Record<string, string> = { authorization: `Bearer ${token}` };
    if (body !== undefined) headers['content-type'] = 'application/json';
    return exchange({ method, url: new URL(path, url), headers, body: body === undefined ? undefined : JSON.stringify(body), ca, signal });
  };
  const json = <T>(path: string, { status, body }: Reply): T => {
    if (status === 401) throw new KanadeError('unauthenticated');
    if (status < 200 || status > 299) throw new KanadeError('internal', `${path} answered ${status}: ${body}`);
    return JSON.parse(body) as T;
  };
  return {
    ready: async () => (await call('GET', '/readyz')).status === 200,
    async get<T>(path: string) {
      const response = await call('GET', `/api/v1${path}`);
      return response.status === 404 ? undefined : json<T>(path, response);
    },
    post: async <T>(path: string, body: unknown) => json<T>(path, await call('POST', `/api/v1${path}`, body)),
  };
}
