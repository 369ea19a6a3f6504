import { mkdtemp, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ServerTls } from '#backend/tls/server-tls.ts';
import type { Nats } from '#core/nats/connection.ts';
import { connectAsBackend } from '#tests/support/identity.ts';
import { TestKanade } from '#tests/support/kanade.ts';
import { quietLog } from '#tests/support/quiet-log.ts';

/** As it runs beyond loopback: identities, seals, and API and broker by TLS with certificates of its own CA. */
export async function secureKanade(): Promise<TestKanade> {
  const dir = await mkdtemp(join(tmpdir(), 'kanade-'));
  const dataDir = join(dir, 'one');
  // The backend finds what is made here, and shows the same.
  const settings = { mode: 'on', files: undefined, ca: undefined, publicNames: [] } as const;
  const tls = await ServerTls.open({ dataDir, settings, hosts: ['127.0.0.1'], log: quietLog });
  tls[Symbol.dispose]();
  const file = join(dataDir, 'tls', 'server.pem');
  return TestKanade.start({ dir, identities: true, tls: true, broker: { tls: { file, handshakeFirst: false } } });
}

/** A connection that hears what the PCs say. */
export async function listening({ broker, identity, backend }: TestKanade, signal: AbortSignal): Promise<Nats> {
  const ca = await readFile(backend.caFile!, 'utf8');
  return connectAsBackend(broker.url, identity!, signal, { ca: () => ca });
}
