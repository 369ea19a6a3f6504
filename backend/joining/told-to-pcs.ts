import type { BackendEntry } from '#core/contract/joining.ts';
import { isLoopback, isWildcard, type Listen } from '#core/settings/listen.ts';
import { certificatesIn } from '#core/tls/fingerprint.ts';

/**
 * Our API's URL as PCs are told it: `url` leads nowhere from elsewhere where it names this machine's loopback, and we listen beyond it.
 * Pure.
 */
export function toldApi(url: string, listen: Listen, publicNames: readonly string[], hostname: string): string {
  const [name] = publicNames;
  const told = new URL(url);
  if (name !== undefined) told.hostname = name.includes(':') ? `[${name}]` : name;
  else if (isWildcard(listen.host)) told.hostname = hostname;
  return told.origin;
}

/** As many as a PC remembers. */
const APIS_MAX = 32;

/** Where else PCs may renew their identity than here: what others reach over the network is nothing that is one machine's own. Pure. */
export function otherApis(entries: readonly BackendEntry[], own: string): string[] {
  const apis = entries.flatMap(({ api }) => (api === undefined || api === own ? [] : [api]));
  const here = isLoopback(hostOf(own));
  return [...new Set(apis.filter((api) => here || !isLoopback(hostOf(api))))].sort().slice(0, APIS_MAX);
}

function hostOf(url: string): string {
  return new URL(url).hostname.replace(/^\[|\]$/g, '');
}

/** PEM of all certificates in these texts, each once; undefined when there is none. Pure. */
export function togetherOnce(pems: readonly (string | undefined)[]): string | undefined {
  const all = pems.flatMap((pem) => (pem === undefined ? [] : certificatesIn(pem).map(String)));
  return all.length === 0 ? undefined : [...new Set(all)].join('');
}
