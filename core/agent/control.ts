import { decode, encode } from '#core/contract/codec.ts';
import { InventoryRequest, LOGS_MAX, LogsRequest, Ping, type Pong, Sync, type TailReply, TailRequest } from '#core/contract/control.ts';
import { messageOf } from '#core/contract/errors.ts';
import type { Heartbeat } from '#core/contract/heartbeat.ts';
import type { Log } from '#core/contract/log.ts';
import { isSealFault } from '#core/contract/sealed.ts';
import { lastToken } from '#core/contract/subjects.ts';
import type { Message, Nats } from '#core/nats/connection.ts';
import type { Collector } from './inventory/collector.ts';
import type { Ledger } from './ledger/ledger.ts';
import type { Refusals } from './report/refusals.ts';
import type { Executor } from './run/executor.ts';
import type { TailRing } from './run/tail-ring.ts';
import type { Trust } from './trust.ts';

export interface ControlParts {
  nats: Nats;
  pcId: string;
  ledger: Ledger;
  executor: Executor;
  collector: Collector;
  describe: () => Heartbeat;
  /** Sends a heartbeat now. */
  beat: () => void;
  /** `now`: what time it is by it, milliseconds since 1970. */
  onSync: (sync: Sync, now: number) => void;
  /** Undefined in open mode. */
  trust: Trust | undefined;
  refusals: Refusals;
  logs: (maxBytes: number) => Promise<{ text: string; truncated: boolean }>;
  log: Log;
}

/** Listens on `control.<pc>.*`. Answers go to `reply.<pc>.<nonce>` and nowhere else, whatever the asker wrote there. */
export function listenToControl(parts: ControlParts): { unsubscribe(): void } {
  const { nats, pcId, log } = parts;
  return nats.subscribe(
    `control.${pcId}.*`,
    (message) => {
      handle(parts, message).catch((error) =>
        log.warn({ subject: message.subject, error: messageOf(error) }, 'a control message could not be followed'),
      );
    },
    (error) => log.error({ error: messageOf(error) }, 'the broker does not let us hear control messages'),
  );
}

async function handle(parts: ControlParts, message: Message): Promise<void> {
  const { trust, refusals } = parts;
  const verb = lastToken(message.subject);
  try {
    if (verb === 'sync') {
      const sync = decode(Sync, message.data);
      parts.onSync(sync, trust?.checkSync(message, sync) ?? Date.parse(sync.now));
      return;
    }
    trust?.check(message, 'control');
  } catch (error) {
    if (!isSealFault(error)) throw error;
    // The server is asked about the key or the time, and whatever was said will be said again: then it is told of.
    const { code } = error;
    const soon = (code === 'unknown_key' && trust?.unknownKey(message) === 'open') || (code === 'signature_expired' && trust?.asksTime);
    if (!soon) await refusals.mention({ code: error.code, detail: error.message, subject: message.subject });
    return;
  }
  const { reply } = message;
  // Asked of all PCs by a backend that has just started and has heard of none.
  if (verb === 'ping' && reply === undefined) parts.beat();
  if (!reply?.startsWith(`reply.${parts.pcId}.`)) return;
  const answer = await answerTo(parts, verb, message.data);
  if (answer !== undefined) parts.nats.publish(reply, encode(answer));
}

async function answerTo(parts: ControlParts, verb: string, data: Uint8Array): Promise<unknown> {
  if (verb === 'ping') {
    const { exec_ids: asked = [] } = decode(Ping, data);
    const { ledger } = parts;
    const here = new Set([...ledger.pending(), ...ledger.launched(), ...ledger.finishedUnsent()].map((entry) => entry.execId));
    return { heartbeat: parts.describe(), known: asked.filter((id) => here.has(id)) } satisfies Pong;
  }
  if (verb === 'tail') return tailReply(parts, decode(TailRequest, data));
  if (verb === 'logs') return parts.logs(Math.min(decode(LogsRequest, data).max_bytes, LOGS_MAX));
  if (verb === 'inventory') {
    const { sections, known, within_ms } = decode(InventoryRequest, data);
    return parts.collector.collect(sections, known, within_ms);
  }
  return undefined;
}

function tailReply({ executor, ledger }: ControlParts, asked: TailRequest): TailReply {
  const tail = executor.tail(asked.result_id);
  if (tail) return { state: 'running', stdout: part(tail.stdout, asked.stdout_from), stderr: part(tail.stderr, asked.stderr_from) };
  const nothing = (from: number) => ({ from, data: '', next: from });
  const state = ledger.finishedUnsent().some((entry) => entry.resultId === asked.result_id) ? 'finished' : 'unknown';
  return { state, stdout: nothing(asked.stdout_from), stderr: nothing(asked.stderr_from) };
}

function part(ring: TailRing, from: number): TailReply['stdout'] {
  const { from: first, data, next } = ring.read(from);
  return { from: first, data: Buffer.from(data).toString('base64'), next };
}
