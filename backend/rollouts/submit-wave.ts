import { deriveId } from '#core/contract/ids.ts';
import type { Rollout } from '#core/contract/rollout.ts';
import type { Submitted } from '#core/contract/submission.ts';
import { instant } from '#core/contract/time.ts';
import { readPcList } from '../blobs/pc-list.ts';
import type { ExecContext } from '../exec/context.ts';
import { namesOf } from '../exec/resolve-target.ts';
import { publishSubmission, submissionOf } from '../exec/submit.ts';
import { windowEnd } from '../scheduler/gates.ts';
import { changeRollout, type KeptRollout } from './rollout-store.ts';
import { waveSubmitted } from './steps.ts';

/** Known before the wave is submitted, so that it can be submitted once only. */
export function waveExecId(rolloutId: string, n: number): string {
  return deriveId('wave', rolloutId, String(n));
}

/**
 * The submission of a wave if it is made now: its commands expire as long after now as the first wave's did, or when the
 * window closes.
 */
export async function submissionOfWave(ctx: ExecContext, rollout: Rollout, n: number): Promise<Submitted> {
  const { exec_id: execId, list } = rollout.waves[n]!;
  const { window, command: kept } = rollout;
  const { script, script_sha256, ...command } = kept;
  const now = ctx.clock();
  const pcs = await readPcList(ctx.nats, list);
  const closes = window === undefined ? undefined : windowEnd({ window }, window.zone, now);
  const expiresAt = Math.min(now + rollout.expires_in * 1000, closes ?? Number.POSITIVE_INFINITY);
  const times = { issued_at: instant(now), expires_at: instant(expiresAt) };
  return submissionOf(ctx, {
    actor: rollout.actor,
    execId,
    requestHash: rollout.request_hash,
    now,
    plan: {
      command: { ...command, request_id: execId, exec_id: execId, ...times },
      script: script === undefined ? undefined : new TextEncoder().encode(script),
      scriptSha256: script_sha256,
    },
    target: { target: namesOf(pcs), broadcast: false, pcs },
    ...(rollout.fired === undefined ? {} : { fired: rollout.fired }),
    wave: { rollout_id: rollout.id, n },
  });
}

/** Publishes a wave's submission, unless it was published before, and writes down where it lies. */
export async function publishWave(ctx: ExecContext, message: Submitted): Promise<KeptRollout> {
  const { rollout_id: id, n } = message.wave!;
  const { seq, created } = await publishSubmission(ctx, message);
  const startedAt = created ? Date.parse(message.submitted_at) : undefined;
  return changeRollout(ctx.nats, id, (rollout) => waveSubmitted(rollout, n, seq, startedAt));
}
