import { messageOf } from '#core/contract/errors.ts';
import { isId } from '#core/contract/ids.ts';
import type { Log } from '#core/contract/log.ts';
import { lastToken } from '#core/contract/subjects.ts';
import { JetStreamError, type Nats } from '#core/nats/connection.ts';
import { deleteMessage, lastMessage } from '#core/nats/jetstream.ts';
import type { JsMessage } from '#core/nats/js-message.ts';
import { serveDurable } from '#core/nats/serve-durable.ts';

const DURABLE = 'backend_seed_folder';
/** Seconds. */
const ACK_WAIT = 30;

/**
 * The seeds' form `commands.pc.<pc>` in any case. A broker compares subjects byte for byte, and a PC may hear only its
 * own id, folded; so what comes under another spelling is stored again under that one. A durable that all backends
 * share: one of them does it.
 */
export function runSeedFolder({ nats, log }: { nats: Nats; log: Log }, signal: AbortSignal): Promise<void> {
  const config = {
    durable_name: DURABLE,
    deliver_policy: 'all',
    ack_policy: 'explicit',
    ack_wait: ACK_WAIT * 1e9,
    filter_subject: 'commands.pc.*',
  } as const;
  const handle = (message: JsMessage) => foldOne(nats, message, log);
  const paused = "the seeds' commands are not looked at for now";
  return serveDurable({ nats, stream: 'EXEC', config, batch: 16, handle, log, paused }, signal);
}

async function foldOne(nats: Nats, message: JsMessage, log: Log): Promise<void> {
  const pc = lastToken(message.subject);
  const folded = pc.toUpperCase();
  if (!isId(pc) || pc === folded) {
    message.ack();
    return;
  }
  try {
    const subject = `commands.pc.${folded}`;
    const there = await lastMessage(nats, 'EXEC', subject);
    // Of one subject the last command counts; one stored there since is newer, or is this one after a crash of ours.
    const older = there?.seq ?? 0;
    // Somebody else's words: whatever they lack, no seal of ours is to make up for it.
    if (older < message.seq) await nats.publishStored(subject, message.data, { lastSubjectSequence: older, asItCame: true });
    await forget(nats, message.seq);
    message.ack();
  } catch (error) {
    log.warn({ subject: message.subject, error: messageOf(error) }, 'a command could not be stored under its folded subject: trying again');
    message.nak(1000);
  }
}

/** Without this a durable made anew would bring it again, over whatever its PC has been sent since. */
async function forget(nats: Nats, seq: number): Promise<void> {
  try {
    await deleteMessage(nats, 'EXEC', seq);
  } catch (error) {
    // Gone already: another one on its subject has taken its place.
    if (!(error instanceof JetStreamError)) throw error;
  }
}
