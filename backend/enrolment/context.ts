import type { PendingEnrolment } from '#core/contract/enrolment.ts';
import type { Turns } from '#core/files/turns.ts';
import type { Mirror } from '#core/nats/mirror.ts';
import type { Durables } from '../agents/durables.ts';
import type { Pace } from '../agents/pace.ts';
import type { ExecContext } from '../exec/context.ts';
import type { EnrolmentTokens } from './enrolment-tokens.ts';
import type { Gate } from './gate.ts';
import type { Nonces } from './nonces.ts';
import type { IdentityParts } from './ports.ts';
import type { Refusals } from './refusals.ts';

/** What only a backend with identities has. */
export interface EnrolmentParts {
  identity: IdentityParts;
  /** PEM of the CAs that API and broker are checked against; undefined without TLS, and where every machine trusts them. */
  ca: () => string | undefined;
  nonces: Nonces;
  tokens: EnrolmentTokens;
  /** Who waits for an admin, and who was denied. */
  pending: Mirror<PendingEnrolment>;
  /** Who came with a token in vain. */
  refusals: Refusals;
  /** Enrolments at work. */
  gate: Gate;
  /** One name is decided on by one request at a time. */
  turns: Turns;
  /** The same trouble with one PC is told this rarely. */
  told: Pace;
}

export type EnrolmentContext = Pick<ExecContext, 'nats' | 'agents' | 'clock' | 'newId' | 'log'> & {
  durables: Pick<Durables, 'drop'>;
  enrolment: EnrolmentParts;
};

/** Whoever asks: its address goes into the audit, and nobody is served who is gone. */
export interface Asker {
  address: string | undefined;
  requestId: string;
  signal: AbortSignal;
}
