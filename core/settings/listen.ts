import { KanadeError } from '#core/contract/errors.ts';
import { isLoopback } from '#core/contract/loopback.ts';

export { isLoopback };

/** Where something listens. `host` has no brackets, also for IPv6. */
export interface Listen {
  host: string;
  /** 0 = any free one. */
  port: number;
}

/** `127.0.0.1:8480`, `localhost:0` or `[::1]:8480`; undefined when it is neither. */
export function parseListen(text: string): Listen | undefined {
  const found = /^(?:\[([0-9A-Fa-f:.]+)\]|([^\s:[\]/]+)):(\d{1,5})$/.exec(text);
  const port = Number(found?.[3]);
  return found && port <= 65_535 ? { host: (found[1] ?? found[2])!, port } : undefined;
}

/** `host:port`, as it stands in a URL. */
export function hostPort({ host, port }: Listen): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

/** `listen_not_loopback` when others could reach it. `what` names the setting. */
export function assertLoopback(what: string, listen: Listen): void {
  if (!isLoopback(listen.host)) {
    throw new KanadeError(
      'listen_not_loopback',
      `${what} is ${hostPort(listen)}: in open mode (--open) nothing may listen or connect beyond loopback (127.0.0.0/8, ::1, localhost)`,
    );
  }
}

/** All addresses of this machine. */
export function isWildcard(host: string): boolean {
  return /^(?:0\.0\.0\.0|\[?::\]?)$/.test(host);
}

/** How this machine itself reaches what listens at `host`: nobody can connect to a wildcard everywhere. */
export function reachable(host: string): string {
  if (!isWildcard(host)) return host;
  return host.includes(':') ? '::1' : '127.0.0.1';
}

/** Whether what listens there speaks TLS: always where others can reach it, else when it is asked for. */
export function speaksTls(tls: 'on' | 'auto', { host }: Listen): boolean {
  return tls === 'on' || !isLoopback(host);
}
