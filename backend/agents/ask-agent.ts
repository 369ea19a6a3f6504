import type { Struct } from 'superstruct';
import { decode, encode } from '#core/contract/codec.ts';
import { KanadeError } from '#core/contract/errors.ts';
import { HEARTBEAT_MAX } from '#core/contract/heartbeat.ts';
import { type ControlVerb, subjects } from '#core/contract/subjects.ts';
import type { Nats } from '#core/nats/connection.ts';
import { NobodyListens } from '#core/nats/requests.ts';

/** Bytes of an answer to a ping: a heartbeat, and of a thousand ids those that are known. */
const PONG_MAX = HEARTBEAT_MAX + 128 * 1024;
/** Bytes of an answer: an agent that is not one of ours may send as much as the broker takes. */
const ANSWER_MAX: Readonly<Record<Exclude<ControlVerb, 'sync'>, number>> = {
  ping: PONG_MAX,
  // Two rings of 64 KiB as Base64.
  tail: 256 * 1024,
  // Quoted as JSON a log may be several times as long.
  logs: 1024 * 1024,
  inventory: 64 * 1024,
};
/** Answers taken from whoever listens under one id: two are a conflict already. */
const ANSWERS_MAX = 16;

/**
 * Asks one agent something. The answer comes to `reply.<pc>.<nonce>`, the only kind of subject an agent may answer to.
 * `agent_unreachable` when nobody answers within `timeout` milliseconds, `bad_message` when the answer is none.
 */
export async function askAgent<T>(
  nats: Nats,
  pc: string,
  verb: Exclude<ControlVerb, 'sync'>,
  body: unknown,
  struct: Struct<T, unknown>,
  timeout = 3000,
): Promise<T> {
  const reply = subjects.reply(pc, crypto.randomUUID());
  try {
    const answer = await nats.request(subjects.control(pc, verb), encode(body), { timeout, reply });
    if (answer.status === 503) throw new KanadeError('agent_unreachable', `${pc} is not connected`);
    if (answer.data.length > ANSWER_MAX[verb]) throw new KanadeError('bad_message', `the answer has ${answer.data.length} bytes`);
    return decode(struct, answer.data);
  } catch (error) {
    if (error instanceof NobodyListens) throw new KanadeError('agent_unreachable', `${pc} is not connected`, { cause: error });
    if (error instanceof KanadeError && error.code === 'broker_unavailable' && nats.connected) {
      throw new KanadeError('agent_unreachable', `nothing came from ${pc} within ${timeout / 1000} s`, { cause: error });
    }
    throw error;
  }
}

/** Asks whoever listens under this pc_id and collects every answer for `wait` milliseconds: two answers are two PCs. */
export async function askAll<T>(nats: Nats, pc: string, body: unknown, struct: Struct<T, unknown>, wait: number): Promise<T[]> {
  const reply = subjects.reply(pc, crypto.randomUUID());
  const answers: T[] = [];
  let heard = 0;
  const subscription = nats.subscribe(reply, (m) => {
    if (++heard > ANSWERS_MAX || m.data.length > PONG_MAX) return;
    try {
      if (m.status === 0) answers.push(decode(struct, m.data));
    } catch {
      // A malformed answer is no answer; who sent it shows in its heartbeats.
    }
  });
  try {
    nats.publish(subjects.control(pc, 'ping'), encode(body), reply);
    await new Promise((resolve) => setTimeout(resolve, wait));
    return answers;
  } finally {
    subscription.unsubscribe();
  }
}
