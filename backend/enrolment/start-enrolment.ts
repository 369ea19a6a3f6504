import { decode } from '#core/contract/codec.ts';
import { PendingEnrolment } from '#core/contract/enrolment.ts';
import type { Log } from '#core/contract/log.ts';
import { Turns } from '#core/files/turns.ts';
import type { Nats } from '#core/nats/connection.ts';
import { Mirror } from '#core/nats/mirror.ts';
import { Pace } from '../agents/pace.ts';
import type { CommandKeys } from '../seal/command-keys.ts';
import type { EnrolmentParts } from './context.ts';
import { EnrolmentTokens } from './enrolment-tokens.ts';
import { Gate } from './gate.ts';
import { Nonces } from './nonces.ts';

/** Enrolments at work at a time. Each waits for the broker a few times; more would only wait together. */
const AT_WORK = 64;
/** Milliseconds. */
const TOLD_AGAIN = 3600_000;

/** Resolves once the tokens, and those who wait, have been read. */
export async function startEnrolment(
  {
    nats,
    keys,
    clock,
    log,
    ...given
  }: { nats: Nats; keys: CommandKeys; clock: () => number; log: Log } & Pick<EnrolmentParts, 'identity' | 'ca'>,
  signal: AbortSignal,
): Promise<EnrolmentParts> {
  const tokens = new EnrolmentTokens({ nats, clock, log });
  const pending = new Mirror<PendingEnrolment>((bytes) => decode(PendingEnrolment, bytes));
  await Promise.all([tokens.start(signal), pending.start(nats, 'enrolments', { log, signal })]);
  return {
    ...given,
    nonces: new Nonces(keys, clock),
    tokens,
    pending,
    gate: new Gate(AT_WORK),
    turns: new Turns(),
    told: new Pace(TOLD_AGAIN, clock),
  };
}
