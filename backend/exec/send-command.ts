import { subjects } from '#core/contract/subjects.ts';
import { isJetStreamError, type Nats, WRONG_LAST_SEQUENCE } from '#core/nats/connection.ts';
import { inParallel } from '#core/nats/in-parallel.ts';
import { cancelledPcs } from './cancelled-pcs.ts';

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

/**
 * Resolves when EXEC holds the command for each of the PCs that it is not cancelled for; how many messages that took.
 * A PC starts what comes live without asking whether it is cancelled, so that is asked here; and what is cancelled for
 * some cannot go to everybody in one message.
 */
export async function sendCommand(nats: Nats, { execId, bytes, broadcast, pcs, again }: Sending): Promise<number> {
  const cancelled = await cancelledPcs(nats, execId);
  if (cancelled === 'all') return 0;
  const open = pcs.filter((pc) => !cancelled.has(pc));
  const to = broadcast && cancelled.size === 0 ? [subjects.commandAll(execId)] : open.map((pc) => subjects.commandPc(pc, execId));
  await inParallel(to, IN_FLIGHT, (subject) => publishOnce(nats, subject, bytes, again));
  return to.length;
}

async function publishOnce(nats: Nats, subject: string, bytes: Uint8Array, again: boolean): Promise<void> {
  try {
    await nats.publishStored(subject, bytes, { timeout: ACK_TIMEOUT, ...(again ? { lastSubjectSequence: 0 } : {}) });
  } catch (error) {
    if (!(again && isJetStreamError(error, WRONG_LAST_SEQUENCE))) throw error;
  }
}
