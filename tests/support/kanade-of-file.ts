import { afterAll } from 'vitest';
import type { Nats } from '#core/nats/connection.ts';
import { connectAsBackend, keysOf } from './identity.ts';
import { TestKanade } from './kanade.ts';
import { testConnection } from './projection.ts';

/**
 * A Kanade for all tests of one file, with a connection of the file's own to its broker; both end after its last test. With
 * identities it is that of a backend, and signs what it says as the backend does.
 */
export async function kanadeOfFile(...options: Parameters<typeof TestKanade.start>): Promise<{ kanade: TestKanade; nats: Nats }> {
  await using begun = new AsyncDisposableStack();
  const kanade = begun.use(await TestKanade.start(...options));
  const stop = begun.adopt(new AbortController(), (controller) => controller.abort());
  const { broker, identity } = kanade;
  const connecting = identity
    ? connectAsBackend(broker.url, identity, stop.signal, kanade.backend ? { seal: await keysOf(kanade.backend) } : {})
    : testConnection(broker.url, stop.signal);
  const nats = begun.adopt(await connecting, (connection) => connection.close());
  const all = begun.move();
  afterAll(() => all.disposeAsync());
  return { kanade, nats };
}
