import { KanadeError } from '#core/contract/errors.ts';

/** The few calls that the first start makes, through the front door like everybody else. */
export interface ApiClient {
  ready(): Promise<boolean>;
  get<T>(path: string): Promise<T | undefined>;
  post<T>(path: string, body: unknown): Promise<T>;
}

/** `url` is that of the backend, without a path. Undefined from `get` means 404. */
export function apiClient(url: string, token: string, signal: AbortSignal): ApiClient {
  const call = async (method: string, path: string, body?: unknown) => {
    const headers: Record<string, string> = { authorization: `Bearer ${token}` };
    if (body !== undefined) headers['content-type'] = 'application/json';
    return fetch(new URL(path, url), { method, headers, body: body === undefined ? undefined : JSON.stringify(body), signal });
  };
  const json = async <T>(path: string, response: Response): Promise<T> => {
    if (response.status === 401) throw new KanadeError('unauthenticated');
    if (!response.ok) throw new KanadeError('internal', `${path} answered ${response.status}: ${await response.text()}`);
    return (await response.json()) as T;
  };
  return {
    async ready() {
      const response = await call('GET', '/readyz');
      await response.arrayBuffer();
      return response.ok;
    },
    async get<T>(path: string) {
      const response = await call('GET', `/api/v1${path}`);
      if (response.status !== 404) return json<T>(path, response);
      await response.arrayBuffer();
      return undefined;
    },
    async post<T>(path: string, body: unknown) {
      return json<T>(path, await call('POST', `/api/v1${path}`, body));
    },
  };
}
