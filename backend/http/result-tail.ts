import { setTimeout as sleep } from 'node:timers/promises';
import { TailReply } from '#core/contract/control.ts';
import { KanadeError } from '#core/contract/errors.ts';
import { askAgent } from '../agents/ask-agent.ts';
import { getResult, type ResultView } from '../projectors/read/results.ts';
import type { HttpContext } from './context.ts';
import type { EventStream } from './event-stream.ts';
import type { OutputName } from './output-bytes.ts';
import { utf8Prefix } from './utf8-prefix.ts';

/** Milliseconds between two questions to the PC. */
const ASK_EVERY = 500;
/** The same while the PC does not answer. */
const ASK_AGAIN = 2000;

/** How many bytes of each stream the client has. */
export interface TailPosition {
  stdout: number;
  stderr: number;
}

export function parseTailPosition(text: string | undefined): TailPosition {
  const match = /^(\d{1,15})\.(\d{1,15})$/.exec(text ?? '');
  return match === null ? { stdout: 0, stderr: 0 } : { stdout: Number(match[1]), stderr: Number(match[2]) };
}

/**
 * What a script writes while it runs, asked from its PC as long as somebody listens: events `stdout` and `stderr` with
 * `{from, data}`, where `from` counts bytes (a gap means that the PC no longer has what was between) and `data` is text
 * in whole characters. `waiting` says that the PC does not answer for now. `done` names the result and ends the stream.
 */
export async function tailResult(
  ctx: HttpContext,
  o: { resultId: string; pc: string | undefined; from: TailPosition },
  stream: EventStream,
  signal: AbortSignal,
): Promise<void> {
  const { resultId, pc } = o;
  const at = { ...o.from };
  let answered = true;
  for (;;) {
    const result = getResult(ctx.db, resultId);
    if (result !== undefined) {
      await sendRest(result, at, stream);
      await stream.send({ event: 'done', data: { result: `/api/v1/results/${resultId}`, stdout_from: at.stdout, stderr_from: at.stderr } });
      return;
    }
    const reply = pc === undefined ? undefined : await ask(ctx, pc, resultId, at);
    if (reply !== undefined) {
      for (const name of ['stdout', 'stderr'] as const) await sendPart(name, reply, at, stream);
    } else if (answered) {
      await stream.send({ event: 'waiting', data: { pc_id: pc, code: 'agent_unreachable' } });
    }
    answered = reply !== undefined;
    await sleep(answered ? ASK_EVERY : ASK_AGAIN, undefined, { signal });
  }
}

/** Undefined when the PC does not answer: it may be back before the script has ended. */
async function ask(ctx: HttpContext, pc: string, resultId: string, at: TailPosition): Promise<TailReply | undefined> {
  try {
    return await askAgent(ctx.nats, pc, 'tail', { result_id: resultId, stdout_from: at.stdout, stderr_from: at.stderr }, TailReply);
  } catch (error) {
    if (error instanceof KanadeError && (error.code === 'agent_unreachable' || error.code === 'broker_unavailable')) return undefined;
    throw error;
  }
}

async function sendPart(name: OutputName, reply: TailReply, at: TailPosition, stream: EventStream): Promise<void> {
  const part = reply[name];
  const bytes = Buffer.from(part.data, 'base64');
  // A character that is cut in two waits for its rest, unless there will be no more.
  const whole = reply.state === 'running' ? utf8Prefix(bytes) : bytes.length;
  if (whole === 0) return;
  at[name] = part.from + whole;
  await stream.send({ id: idOf(at), event: name, data: { from: part.from, data: bytes.subarray(0, whole).toString('utf8') } });
}

/** What was written after the PC was last asked, when the result has all of it inline. */
async function sendRest(result: ResultView, at: TailPosition, stream: EventStream): Promise<void> {
  for (const name of ['stdout', 'stderr'] as const) {
    if (result[`${name}_chunks`] > 0 || result[`${name}_truncated`]) continue;
    const bytes = Buffer.from(result[name]);
    if (at[name] >= bytes.length) continue;
    const from = at[name];
    at[name] = bytes.length;
    await stream.send({ id: idOf(at), event: name, data: { from, data: bytes.subarray(from).toString('utf8') } });
  }
}

function idOf({ stdout, stderr }: TailPosition): string {
  return `${stdout}.${stderr}`;
}
