import { subjects } from '#core/contract/subjects.ts';
import { isJetStreamError, type Nats, WRONG_LAST_SEQUENCE } from '#core/nats/connection.ts';
import { inParallel } from '../agents/in-parallel.ts';

/** Published and not yet stored at one time: more gains nothing with a broker that syncs each write (reference/nats.md). */
const IN_FLIGHT = 256;

/** What is published while the stream is being deleted is never answered. Milliseconds. */
const ACK_TIMEOUT = 10_000;

export interface Sending {
  execId: string;
  /** The exact bytes of the command. */
  bytes: Uint8Array;
  broadcast: boolean;
  pcs: readonly string[];
  /** Only what is not stored yet: a replaced message would be replayed to a PC that has long run it. */
  again: boolean;
}

/** Resolves when EXEC holds the command for each of the PCs. */
export async function sendCommand(nats: Nats, { execId, bytes, broadcast, pcs, again }: Sending): Promise<void> {
  const to = broadcast ? [subjects.commandAll(execId)] : pcs.map((pc) => subjects.commandPc(pc, execId));
  await inParallel(to, IN_FLIGHT, (subject) => publishOnce(nats, subject, bytes, again));
}

async function publishOnce(nats: Nats, subject: string, bytes: Uint8Array, again: boolean): Promise<void> {
  try {
    await nats.publishStored(subject, bytes, { timeout: ACK_TIMEOUT, ...(again ? { lastSubjectSequence: 0 } : {}) });
  } catch (error) {
    if (!(again && isJetStreamError(error, WRONG_LAST_SEQUENCE))) throw error;
  }
}
