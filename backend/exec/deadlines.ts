import { setImmediate, setTimeout as sleep } from 'node:timers/promises';
import { encode } from '#core/contract/codec.ts';
import { Pong } from '#core/contract/control.ts';
import { KanadeError, messageOf } from '#core/contract/errors.ts';
import { subjects } from '#core/contract/subjects.ts';
import type { Lost } from '#core/contract/submission.ts';
import { instant } from '#core/contract/time.ts';
import { inParallel } from '#core/nats/in-parallel.ts';
import { askAgent } from '../agents/ask-agent.ts';
import { type OverdueRow, runningPastDeadline } from '../projectors/read/deadlines.ts';
import type { ExecContext } from './context.ts';

const LOOK_EVERY = 10_000;
/** A PC that says it still has it is asked again after this long. Milliseconds. */
const ASK_AGAIN = 300_000;
/** A PC that does not answer at all has this much more time: it may be off. */
const SILENCE = 24 * 3600_000;

/** Rows read at a time, and rows that one PC is asked about at a time: the question has to fit a message. */
const PAGE = 1000;
const ASK_AT_ONCE = 1000;

/** What becomes of an overdue row, from what its PC said. */
export function judgeOverdue(row: OverdueRow, answer: 'known' | 'unknown' | 'silent', now: number): 'wait' | Lost['reason'] {
  if (answer === 'unknown') return 'unknown_to_agent';
  return answer === 'silent' && now > row.deadlineAt + SILENCE ? 'no_answer' : 'wait';
}

/**
 * Lease holder only: every running row past its deadline is asked after, and given up as `lost` when its PC knows
 * nothing of it or is silent for a day. A result that comes later still wins (principle 2).
 */
export async function runDeadlines(ctx: ExecContext, signal: AbortSignal): Promise<void> {
  const askedAt = new Map<string, number>();
  while (!signal.aborted) {
    try {
      await lookOnce(ctx, askedAt);
    } catch (error) {
      ctx.log.warn({ error: messageOf(error) }, 'looking after deadlines failed: trying again');
    }
    await sleep(LOOK_EVERY, undefined, { signal }).catch(() => {});
  }
}

export async function lookOnce(ctx: ExecContext, askedAt: Map<string, number>): Promise<void> {
  const now = ctx.clock();
  for (const [key, at] of askedAt) if (now - at >= ASK_AGAIN) askedAt.delete(key);
  const byPc = [...Map.groupBy(await dueRows(ctx, now, askedAt), (row) => row.pcId)];
  // Who is there answers at once; the others shall hold up nobody.
  const { beats } = ctx.agents;
  const inOrder = [...byPc.filter(([pc]) => beats.online(pc)), ...byPc.filter(([pc]) => !beats.online(pc))];
  await inParallel(inOrder, 16, async ([pc, all]) => {
    const rows = all.slice(0, ASK_AT_ONCE);
    const known = await knownTo(ctx, pc, rows);
    for (const row of rows) {
      askedAt.set(`${row.execId}.${pc}`, now);
      const answer = known === undefined ? 'silent' : known.has(row.execId) ? 'known' : 'unknown';
      const verdict = judgeOverdue(row, answer, now);
      if (verdict !== 'wait') await giveUp(ctx, row.execId, [pc], verdict);
    }
  });
}

/** The rows to ask about now: not those asked about lately, nor those whose PC is known to be off and has time left. */
async function dueRows({ db, agents }: ExecContext, now: number, askedAt: ReadonlyMap<string, number>): Promise<OverdueRow[]> {
  const due: OverdueRow[] = [];
  for (let after: OverdueRow | undefined; ; ) {
    const page = runningPastDeadline(db, now, PAGE, after);
    for (const row of page) {
      const waits = agents.beats.off(row.pcId) && judgeOverdue(row, 'silent', now) === 'wait';
      if (!waits && !askedAt.has(`${row.execId}.${row.pcId}`)) due.push(row);
    }
    if (page.length < PAGE) return due;
    after = page.at(-1);
    await setImmediate();
  }
}

export async function giveUp(
  ctx: Pick<ExecContext, 'nats' | 'clock'>,
  execId: string,
  pcs: string[],
  reason: Lost['reason'],
): Promise<number> {
  const lost: Lost = { exec_id: execId, at: instant(ctx.clock()), list: { pcs }, reason };
  return (await ctx.nats.publishStored(subjects.lost(execId), encode(lost))).seq;
}

async function knownTo(ctx: ExecContext, pc: string, rows: readonly OverdueRow[]): Promise<Set<string> | undefined> {
  try {
    const { heartbeat, known } = await askAgent(ctx.nats, pc, 'ping', { exec_ids: rows.map((row) => row.execId) }, Pong);
    // Another PC under the same id knows nothing of it.
    return heartbeat.ledger_id === ctx.agents.entry(pc)?.entry.ledger_id ? new Set(known) : undefined;
  } catch (error) {
    // An answer that is none tells nothing, and shall not keep the others from being asked.
    if (error instanceof KanadeError && (error.code === 'agent_unreachable' || error.code === 'bad_message')) return undefined;
    throw error;
  }
}
