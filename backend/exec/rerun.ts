import { decode } from '#core/contract/codec.ts';
import { AD_HOC, Command } from '#core/contract/command.ts';
import { KanadeError } from '#core/contract/errors.ts';
import { deriveId } from '#core/contract/ids.ts';
import { subjects } from '#core/contract/subjects.ts';
import { Submitted } from '#core/contract/submission.ts';
import type { TargetState } from '#core/contract/target-state.ts';
import { instant } from '#core/contract/time.ts';
import { lastMessage } from '#core/nats/jetstream.ts';
import { pcsInStates } from '../projectors/read/targets.ts';
import { hashOf } from './canonical.ts';
import type { ExecContext } from './context.ts';
import { namesOf } from './resolve-target.ts';
import { commit, refuseRevoked, type Submission, submittedBefore } from './submit.ts';

/** The same command again, as a new execution, on those PCs of an earlier one that are in one of `states`. */
export async function rerun(
  ctx: ExecContext,
  { actor, execId, states, idempotencyKey }: { actor: string; execId: string; states: readonly TargetState[]; idempotencyKey?: string },
): Promise<Submission> {
  const rerunId = deriveId('exec', actor, idempotencyKey ?? ctx.newId());
  const requestHash = hashOf({ rerun_of: execId, states: [...states].sort() });
  if (idempotencyKey !== undefined) {
    const earlier = await submittedBefore(ctx, rerunId, requestHash);
    if (earlier) return earlier;
  }
  const stored = await lastMessage(ctx.nats, 'EXECUTIONS', subjects.submitted(execId));
  if (stored === undefined) throw new KanadeError('not_found', `there is no execution ${execId}`);
  const now = ctx.clock();
  const enrolled = ctx.agents.enrolled();
  const pcs = pcsInStates(ctx.db, execId, states, now).filter((pc) => enrolled.has(pc));
  if (pcs.length === 0) throw new KanadeError('target_empty', `no PC of ${execId} is ${states.join(' or ')}`);

  const submitted = decode(Submitted, stored.data);
  const { script, script_sha256, ...command } = decode(Command, new TextEncoder().encode(submitted.command));
  if (command.id !== AD_HOC) await refuseRevoked(ctx, command.id);
  const lifetime = Date.parse(command.expires_at!) - Date.parse(command.issued_at!);
  return commit(ctx, {
    actor,
    execId: rerunId,
    requestHash,
    now,
    plan: {
      command: { ...command, request_id: rerunId, exec_id: rerunId, issued_at: instant(now), expires_at: instant(now + lifetime) },
      script: script === undefined ? undefined : new TextEncoder().encode(script),
      scriptSha256: script_sha256,
    },
    target: { target: namesOf(pcs), broadcast: false, pcs },
    rerunOf: execId,
  });
}
