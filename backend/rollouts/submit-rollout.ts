import { parseDuration } from '#core/contract/duration.ts';
import { type Fault, KanadeError } from '#core/contract/errors.ts';
import { deriveId } from '#core/contract/ids.ts';
import type { RolloutPlan } from '#core/contract/rollout.ts';
import { EXPIRES_DEFAULT } from '#core/contract/streams.ts';
import { hashOf } from '../exec/canonical.ts';
import type { ExecutionRequest } from '../exec/requests.ts';
import { resolveTarget } from '../exec/resolve-target.ts';
import { planOf, rolloutIdOf, type SubmitContext, submittedBefore } from '../exec/submit.ts';
import { groupFaults, rolloutFaults } from './plan.ts';
import { type StartedRollout, startedBefore, startRollout } from './start-rollout.ts';

/** Starts the rollout that a person asked for. A retry under the same key gets what was started then. */
export async function submitRollout(
  ctx: SubmitContext,
  { actor, idempotencyKey, request }: { actor: string; idempotencyKey?: string; request: ExecutionRequest & { rollout: RolloutPlan } },
): Promise<StartedRollout> {
  const id = rolloutIdOf(actor, idempotencyKey ?? ctx.newId());
  const requestHash = hashOf(request);
  if (idempotencyKey !== undefined) {
    const earlier = await startedBefore(ctx, { id, requestHash });
    if (earlier) return earlier;
    // Refuses the key when it started an execution: that request had another body.
    await submittedBefore(ctx, deriveId('exec', actor, idempotencyKey), requestHash);
  }
  const { rollout: plan, ...asked } = request;
  const faults: Fault[] = [];
  const command = await gathering(faults, () => planOf(ctx, asked, id, ctx.clock()));
  const target = await gathering(faults, () => resolveTarget(ctx.agents, asked.target));
  faults.push(...rolloutFaults(plan, '/rollout'));
  const members = (group: string) => ctx.agents.members(group);
  if (target !== undefined) faults.push(...groupFaults(plan, { pcs: target.pcs, members }, '/rollout'));
  if (command === undefined || target === undefined || faults.length > 0) throw refusalOf(faults);
  const expiresIn = asked.expires_in === undefined ? EXPIRES_DEFAULT : parseDuration('expires_in', asked.expires_in);
  return startRollout(ctx, { id, actor, requestHash, plan, command, expiresIn, target });
}

/** What `work` gives, or its faults joined to the others, so that all of them are told at once. What names no field is thrown. */
async function gathering<T>(faults: Fault[], work: () => T | Promise<T>): Promise<T | undefined> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof KanadeError) || error.faults.length === 0) throw error;
    const { code } = error;
    faults.push(...error.faults.map((fault) => ({ code, ...fault })));
    return undefined;
  }
}

function refusalOf(faults: readonly Fault[]): KanadeError {
  const code = faults[0]?.code ?? 'invalid_body';
  const shared = faults.every((fault) => fault.code === code) ? code : 'invalid_body';
  return new KanadeError(shared, faults.map((f) => `${f.pointer}: ${f.message}`).join('; '), { faults });
}
