import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { Agents } from '#backend/agents/agents.ts';
import type { SubmitContext } from '#backend/exec/submit.ts';
import { openReader } from '#backend/projectors/read/open-reader.ts';
import { testConnection } from './projection.ts';
import { quietLog } from './quiet-log.ts';

/**
 * What a backend works with, in the test's own process: it can submit or judge deadlines as a backend does, and does
 * nothing else that a backend would do. Reads the projection of the backend whose data folder is given.
 */
export async function execContext(
  url: string,
  backendDir: string,
  clock: () => number = Date.now,
  mono: () => number = () => performance.now(),
): Promise<SubmitContext & AsyncDisposable> {
  const stop = new AbortController();
  const nats = await testConnection(url, stop.signal);
  const agents = new Agents({ nats, clock, mono, log: quietLog });
  await agents.start(stop.signal);
  const db = openReader(join(backendDir, 'backend', 'projection.db'));
  return {
    nats,
    agents,
    db,
    clock,
    newId: randomUUID,
    releases: { all: () => [] },
    log: quietLog,
    [Symbol.asyncDispose]: async () => {
      db.close();
      stop.abort();
      await nats.close();
    },
  };
}
