import { setTimeout as sleep } from 'node:timers/promises';
import { encode } from '#core/contract/codec.ts';
import { Pong } from '#core/contract/control.ts';
import { KanadeError, messageOf } from '#core/contract/errors.ts';
import { subjects } from '#core/contract/subjects.ts';
import type { Lost } from '#core/contract/submission.ts';
import { instant } from '#core/contract/time.ts';
import { askAgent } from '../agents/ask-agent.ts';
import { inParallel } from '../agents/in-parallel.ts';
import { type OverdueRow, runningPastDeadline } from '../projectors/read/deadlines.ts';
import type { ExecContext } from './context.ts';

const LOOK_EVERY = 10_000;
/** A PC that says it still has it is asked again after this long. Milliseconds. */
const ASK_AGAIN = 300_000;
/** A PC that does not answer at all has this much more time: it may be off. */
const SILENCE = 24 * 3600_000;

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
  const due = runningPastDeadline(ctx.db, now, 1000).filter((row) => !askedAt.has(`${row.execId}.${row.pcId}`));
  const byPc = Map.groupBy(due, (row) => row.pcId);
  await inParallel(byPc, 16, async ([pc, rows]) => {
    const known = await knownTo(ctx, pc, rows);
    for (const row of rows) {
      askedAt.set(`${row.execId}.${pc}`, now);
      const answer = known === undefined ? 'silent' : known.has(row.execId) ? 'known' : 'unknown';
      const verdict = judgeOverdue(row, answer, now);
      if (verdict !== 'wait') await giveUp(ctx, row.execId, [pc], verdict);
    }
  });
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
    if (error instanceof KanadeError && error.code === 'agent_unreachable') return undefined;
    throw error;
  }
}
