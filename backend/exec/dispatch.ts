import { decode } from '#core/contract/codec.ts';
import { Command } from '#core/contract/command.ts';
import { KanadeError, messageOf } from '#core/contract/errors.ts';
import { isSealFault, unlessForged } from '#core/contract/sealed.ts';
import { DISPATCHER_DURABLE } from '#core/contract/streams.ts';
import { subjects } from '#core/contract/subjects.ts';
import { Submitted } from '#core/contract/submission.ts';
import { isJetStreamError, STREAM_FULL } from '#core/nats/connection.ts';
import { faultOf } from '#core/nats/direct-get.ts';
import { lastMessage } from '#core/nats/jetstream.ts';
import type { JsMessage } from '#core/nats/js-message.ts';
import type { SealedMessage } from '#core/nats/seal.ts';
import { serveDurable } from '#core/nats/serve-durable.ts';
import { readPcList } from '../blobs/pc-list.ts';
import type { ExecContext } from './context.ts';
import { sendCommand } from './send-command.ts';

/**
 * Seconds until the broker hands an unfinished submission to another backend, and milliseconds between two words that we
 * are at it. Short: a backend that is stopped and not dead is handed submissions as well, and its PCs wait for so long.
 */
const ACK_WAIT = 5;
const WORKING = 1500;
/** Milliseconds until a submission that found EXEC full is tried again. */
const FULL_PAUSE = 15_000;

export type DispatchContext = Pick<ExecContext, 'nats' | 'agents' | 'clock' | 'log'>;

/**
 * Sends the commands of what was submitted: a shared durable hands each submission to one of the backends, and to
 * another one when that one dies before it has acknowledged. It acknowledges when the broker has stored every command.
 * Sending twice does no harm: a command has one subject, and PCs know it by its id.
 */
export function runDispatcher(ctx: DispatchContext, signal: AbortSignal): Promise<void> {
  const { nats, log } = ctx;
  const config = {
    durable_name: DISPATCHER_DURABLE,
    deliver_policy: 'all',
    ack_policy: 'explicit',
    ack_wait: ACK_WAIT * 1e9,
    max_ack_pending: 1000,
    filter_subject: 'executions.submitted.*',
  } as const;
  const handle = (message: JsMessage) => dispatchOne(ctx, message);
  return serveDurable({ nats, stream: 'EXECUTIONS', config, batch: 1, handle, log, paused: 'dispatching paused' }, signal);
}

async function dispatchOne(ctx: DispatchContext, message: JsMessage): Promise<void> {
  const { log } = ctx;
  const working = setInterval(() => message.working(), WORKING);
  try {
    const fault = faultOf(ctx.nats, unstored(message), 'execution');
    if (fault !== undefined) return refuse(ctx, message, fault);
    await send(ctx, message);
    message.ack();
  } catch (error) {
    if (error instanceof KanadeError && error.code === 'bad_message') {
      // The projector puts the same message into dead_letters, where an admin sees it; there is nothing to send.
      log.error({ subject: message.subject, seq: message.seq, error: error.message }, 'a submission cannot be read');
      message.term();
      return;
    }
    const full = isJetStreamError(error, STREAM_FULL);
    log.warn(
      { subject: message.subject, error: messageOf(error) },
      full ? 'EXEC is full: the rest stays queued and is tried again' : 'not dispatched yet',
    );
    message.nak(full || isSealFault(error) ? FULL_PAUSE : 1000);
  } finally {
    clearInterval(working);
  }
}

/** The key of another backend may be one we hear of in a moment. */
const UNKNOWN_KEY_TRIES = 30;

/** When it was stored is the broker's word, and what is old by that is sent today all the same: the keys of today count. */
function unstored(message: JsMessage): SealedMessage {
  return { subject: message.subject, data: message.data, header: (name) => message.header(name) };
}

/** A dead letter like what cannot be read. */
function refuse({ log }: DispatchContext, message: JsMessage, { code, message: error }: KanadeError): void {
  const { subject, seq } = message;
  if (code === 'unknown_key' && message.deliveries < UNKNOWN_KEY_TRIES) {
    message.nak(1000);
    return;
  }
  log.error({ subject, seq, code, error }, 'a submission that is not to be believed is not dispatched');
  message.term();
}

async function send({ nats, agents, clock }: DispatchContext, message: JsMessage): Promise<void> {
  const submitted = decode(Submitted, message.data);
  const bytes = new TextEncoder().encode(submitted.command);
  const command = decode(Command, bytes);
  if (command.expires_at !== undefined && Date.parse(command.expires_at) <= clock()) return;
  const { exec_id: execId, broadcast } = submitted;
  const pcs = await readPcList(nats, submitted.list);
  await sendCommand(nats, { execId, bytes, broadcast, pcs, again: message.deliveries > 1 });
  // Cancelled while it was being sent: the sync that went out then may have come before the command did.
  if (await lastMessage(nats, 'EXECUTIONS', subjects.cancelled(submitted.exec_id)).catch(unlessForged)) agents.sync(pcs);
}
