import type { PcSection } from '#core/contract/subjects.ts';
import type { Credential } from '#core/nats/connection.ts';
import type { Beliefs } from '../seal/believes.ts';
import type { Surplus } from './inventory/quota.ts';
import type { StreamStatus } from './status.ts';
import type { ProjectedStream } from './streams.ts';

/** What the worker is started with. */
export interface WorkerInput {
  databasePath: string;
  nats: string;
  /** PEM of the CA of tls:// brokers; undefined = those that this machine trusts. */
  caFile: string | undefined;
  credential: Credential | undefined;
  durableSuffix: string;
  /** Added to this machine's clock, milliseconds; only tests have one. */
  clockOffset: number;
  /** Whose executions are believed; undefined = everybody's. */
  beliefs: Beliefs | undefined;
}

export type FromWorker =
  | { type: 'ready' }
  | { type: 'log'; level: 'info' | 'warn'; fields: object; message: string }
  | { type: 'status'; stream: ProjectedStream; status: StreamStatus }
  | {
      type: 'commit';
      stream: ProjectedStream;
      seq: number;
      execIds: string[];
      sections: PcSection[];
      surplus: Surplus[];
      rows: number;
      status?: StreamStatus;
    }
  | { type: 'answer'; id: number; outcome?: 'projected' | 'still_bad'; error?: { code?: string; message: string } }
  | { type: 'failed'; message: string };

export type ToWorker = { type: 'retry'; id: number; deadLetter: number } | { type: 'believe'; beliefs: Beliefs } | { type: 'stop' };
