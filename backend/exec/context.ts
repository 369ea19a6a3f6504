import type { Log } from '#core/contract/log.ts';
import type { Nats } from '#core/nats/connection.ts';
import type { Agents } from '../agents/agents.ts';
import type { Database } from '../projectors/read/open-reader.ts';

/** What the execution functions work with. `clock` gives milliseconds since 1970. */
export interface ExecContext {
  nats: Nats;
  agents: Agents;
  db: Database;
  clock: () => number;
  newId: () => string;
  log: Log;
}
