import { isLoopback } from '#core/settings/listen.ts';

/**
 * The broker's addresses as PCs are told them: `brokerUrl` when an admin has said it; else ours, with the public name in place of
 * an address that leads nowhere from elsewhere. Pure.
 */
export function toldServers(
  { brokerUrl, nats }: { brokerUrl: string | undefined; nats: string },
  publicNames: readonly string[],
): string[] {
  if (brokerUrl !== undefined) return brokerUrl.split(',');
  const [name] = publicNames;
  return nats.split(',').map((text) => {
    const url = new URL(text);
    if (name === undefined || !isLoopback(url.hostname)) return text;
    return `${url.protocol}//${name.includes(':') ? `[${name}]` : name}:${url.port || 4222}`;
  });
}
