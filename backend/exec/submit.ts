import { decode, encode } from '#core/contract/codec.ts';
import { KanadeError } from '#core/contract/errors.ts';
import { deriveId } from '#core/contract/ids.ts';
import { type Manifest, StoredJob } from '#core/contract/job.ts';
import { COMMAND_MAX, INLINE_SCRIPT_MAX, STREAMS } from '#core/contract/streams.ts';
import { subjects } from '#core/contract/subjects.ts';
import { type Fired, Submitted, type Wave } from '#core/contract/submission.ts';
import { instant } from '#core/contract/time.ts';
import { isJetStreamError, STREAM_FULL, WRONG_LAST_SEQUENCE } from '#core/nats/connection.ts';
import { kvGet } from '#core/nats/direct-get.ts';
import { lastMessage, streamInfo } from '#core/nats/jetstream.ts';
import { putBlob } from '../blobs/blobs.ts';
import { storePcList } from '../blobs/pc-list.ts';
import { offeredRelease } from '../releases/offered-release.ts';
import type { Releases } from '../releases/releases.ts';
import { hashOf } from './canonical.ts';
import type { ExecContext } from './context.ts';
import { type Plan, planCommand, planUpdate } from './plan.ts';
import type { ExecutionRequest } from './requests.ts';
import { type ResolvedTarget, resolveTarget } from './resolve-target.ts';

export interface Submission {
  exec_id: string;
  /** Its sequence in EXECUTIONS. */
  seq: number;
  /** False when this request had been submitted before. */
  created: boolean;
}

export interface SubmitContext extends ExecContext {
  releases: Pick<Releases, 'all'>;
}

/**
 * Submits an execution: one message on EXECUTIONS, which is the commit (design section 5). Dispatching it is somebody
 * else's work, so a crash after this line loses nothing. A retry under the same key gets what was stored then, even
 * when the target would resolve to others today.
 */
export async function submit(
  ctx: SubmitContext,
  { actor, idempotencyKey, request }: { actor: string; idempotencyKey?: string; request: ExecutionRequest },
): Promise<Submission> {
  const execId = deriveId('exec', actor, idempotencyKey ?? ctx.newId());
  const requestHash = hashOf(request);
  if (idempotencyKey !== undefined) {
    const earlier = await submittedBefore(ctx, execId, requestHash);
    if (earlier) return earlier;
    await refuseKeyOfRollout(ctx, actor, idempotencyKey);
  }
  const now = ctx.clock();
  const plan = await planOf(ctx, request, execId, now);
  const target = resolveTarget(ctx.agents, request.target);
  return commit(ctx, { actor, execId, requestHash, now, plan, target });
}

export interface Commit {
  actor: string;
  execId: string;
  requestHash: string;
  now: number;
  plan: Plan;
  target: ResolvedTarget;
  rerunOf?: string;
  fired?: Fired;
  wave?: Wave;
}

export async function commit(ctx: ExecContext, what: Commit): Promise<Submission> {
  return publishSubmission(ctx, await submissionOf(ctx, what));
}

/** The message that commits an execution. What it names lies in `blobs` when this resolves. `command_too_large`, `exec_full`. */
export async function submissionOf(ctx: ExecContext, what: Commit): Promise<Submitted> {
  const { actor, execId, requestHash, now, plan, target, rerunOf, fired, wave } = what;
  const { nats } = ctx;
  const command = JSON.stringify({ ...plan.command, actor, ...(await placeScript(nats, plan)) });
  const size = Buffer.byteLength(command);
  if (size > COMMAND_MAX)
    throw new KanadeError('command_too_large', `the command without its script is ${size} bytes long, ${COMMAND_MAX} is the most`);
  await refuseWhenFull(ctx, target.broadcast ? 1 : target.pcs.length, size);
  return {
    exec_id: execId,
    actor,
    submitted_at: instant(now),
    request_hash: requestHash,
    target: target.target,
    broadcast: target.broadcast,
    list: await storePcList(nats, target.pcs),
    target_count: target.pcs.length,
    command,
    ...(rerunOf === undefined ? {} : { rerun_of: rerunOf }),
    ...(fired === undefined ? {} : { fired }),
    ...(wave === undefined ? {} : { wave }),
  };
}

/** Where a command has its script, if it has one: in itself, or in `blobs`, where it lies when this resolves. */
export async function placeScript(
  nats: ExecContext['nats'],
  { script, scriptSha256 }: Plan,
): Promise<{ script?: string; script_sha256?: string }> {
  if (script === undefined && scriptSha256 === undefined) return {};
  const inline = script !== undefined && script.length <= INLINE_SCRIPT_MAX;
  if (inline) return { script: new TextDecoder('utf-8', { ignoreBOM: true }).decode(script) };
  return { script_sha256: scriptSha256 ?? (await putBlob(nats, script!)) };
}

/** Publishes it unless one of its id is there already; then that one counts. */
export async function publishSubmission(ctx: ExecContext, message: Submitted): Promise<Submission> {
  const { exec_id: execId } = message;
  try {
    const ack = await ctx.nats.publishStored(subjects.submitted(execId), encode(message), { lastSubjectSequence: 0 });
    return { exec_id: execId, seq: ack.seq, created: true };
  } catch (error) {
    if (isJetStreamError(error, STREAM_FULL)) throw new KanadeError('exec_full', 'the stream of executions is full', { cause: error });
    if (!isJetStreamError(error, WRONG_LAST_SEQUENCE)) throw error;
    // Another backend, or an earlier try of this one, was first.
    const earlier = await submittedBefore(ctx, execId, message.request_hash);
    if (earlier) return earlier;
    throw error;
  }
}

/** The submission stored under this id, unless there is none; another body under the same key is refused. */
export async function submittedBefore(ctx: ExecContext, execId: string, requestHash: string): Promise<Submission | undefined> {
  const stored = await lastMessage(ctx.nats, 'EXECUTIONS', subjects.submitted(execId));
  if (stored === undefined) return undefined;
  const submitted = decode(Submitted, stored.data);
  if (submitted.request_hash !== requestHash) {
    throw new KanadeError('idempotency_key_reused', `this Idempotency-Key started execution ${execId} with another body`);
  }
  return { exec_id: execId, seq: stored.seq, created: false };
}

/** The id of the rollout that an actor starts under a key; it is another one than an execution's. */
export function rolloutIdOf(actor: string, key: string): string {
  return deriveId('rollout', actor, key);
}

async function refuseKeyOfRollout({ nats }: Pick<ExecContext, 'nats'>, actor: string, key: string): Promise<void> {
  const id = rolloutIdOf(actor, key);
  if (await kvGet(nats, 'rollouts', id))
    throw new KanadeError('idempotency_key_reused', `this Idempotency-Key started rollout ${id} with another body`);
}

/** A full EXEC is refused here, before anything is stored: afterwards the rows would wait for room (design section 5). */
async function refuseWhenFull(ctx: ExecContext, messages: number, size: number): Promise<void> {
  const info = await streamInfo(ctx.nats, STREAMS.EXEC.name);
  // Subject, headers and the store's own record around each message.
  const needed = messages * (size + 256);
  const { max_bytes: most } = info.config;
  if (most > 0 && info.state.bytes + needed > most) {
    throw new KanadeError('exec_full', `the command queue holds ${info.state.bytes} of ${most} bytes and this needs ${needed} more`);
  }
}

/** What a request means, with what it names read: `unknown_job`, `job_revoked`, `unknown_release`, `release_expired`. */
export async function planOf(ctx: SubmitContext, request: ExecutionRequest, execId: string, now: number): Promise<Plan> {
  const { update, job_id: jobId } = request;
  if (update !== undefined) return planUpdate(request, offeredRelease(ctx.releases, update.version, now), execId, now);
  return planCommand(request, jobId === undefined ? undefined : await runnableJob(ctx, jobId), execId, now);
}

export async function runnableJob(ctx: ExecContext, id: string): Promise<Manifest> {
  const faults = [{ pointer: '/job_id', message: `there is no job ${id}` }];
  const stored = /^[A-Za-z0-9_-]{1,64}$/.test(id) ? await kvGet(ctx.nats, 'jobs', id) : undefined;
  if (stored === undefined) throw new KanadeError('unknown_job', `there is no job ${id}`, { faults });
  await refuseRevoked(ctx, id);
  return decode(StoredJob, stored.value).manifest;
}

export async function refuseRevoked({ nats }: Pick<ExecContext, 'nats'>, jobId: string): Promise<void> {
  const status = await kvGet(nats, 'script_status', jobId);
  if (status && new TextDecoder().decode(status.value) === 'REVOKED') {
    throw new KanadeError(
      'job_revoked',
      `job ${jobId} is revoked: Grant-KanadeJob -JobId ${jobId} allows it again, or POST /jobs/${jobId}/unrevoke`,
    );
  }
}
