import { setTimeout as sleep } from 'node:timers/promises';
import { blobName } from '#core/contract/blob.ts';
import { decode } from '#core/contract/codec.ts';
import { messageOf } from '#core/contract/errors.ts';
import { StoredJob } from '#core/contract/job.ts';
import { unlessForged } from '#core/contract/sealed.ts';
import { lastToken } from '#core/contract/subjects.ts';
import { kvGet, lastOnSubject } from '#core/nats/direct-get.ts';
import { inParallel } from '#core/nats/in-parallel.ts';
import { purgeStream, subjectsOf } from '#core/nats/jetstream.ts';
import type { ExecContext } from '../exec/context.ts';

/** Milliseconds. A day longer than an execution is remembered plus the life of its commands: nobody asks for it any more. */
const KEPT = 98 * 86_400_000;
const SWEEP_EVERY = 86_400_000;

/**
 * Lease holder only: a script body or target list goes 98 days after it was last written, unless a job or a rollout still
 * names it. Every submission writes its blobs anew, so what is in use is young.
 */
export async function runBlobSweeps(ctx: ExecContext, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    try {
      const removed = await sweepBlobs(ctx, ctx.clock() - KEPT);
      if (removed > 0) ctx.log.info({ removed }, 'old script bodies and target lists were removed');
    } catch (error) {
      ctx.log.warn({ error: messageOf(error) }, 'sweeping old blobs failed: tomorrow tries again');
    }
    await sleep(SWEEP_EVERY, undefined, { signal }).catch(() => {});
  }
}

/** Removes what was written before `before` (milliseconds since 1970) and is named by no job and no rollout; how many. */
export async function sweepBlobs({ nats }: Pick<ExecContext, 'nats'>, before: number): Promise<number> {
  const old = [];
  for (const name of await keysOf(nats, 'blobs')) {
    const last = await lastOnSubject(nats, 'KV_blobs', `$KV.blobs.${name}`);
    if (last !== undefined && last.created < before) old.push(name);
  }
  if (old.length === 0) return 0;
  const named = new Set<string>();
  for (const id of await keysOf(nats, 'jobs')) {
    const stored = await kvGet(nats, 'jobs', id).catch(unlessForged);
    const hash = stored && decode(StoredJob, stored.value).manifest.execute.script_sha256;
    if (hash !== undefined) named.add(blobName(hash));
  }
  for (const id of await keysOf(nats, 'rollouts')) {
    const stored = await kvGet(nats, 'rollouts', id).catch(unlessForged);
    if (stored) for (const hash of hashesIn(new TextDecoder().decode(stored.value))) named.add(blobName(hash));
  }
  const unnamed = old.filter((name) => !named.has(name));
  await inParallel(unnamed, 8, (name) => purgeStream(nats, 'KV_blobs', `$KV.blobs.${name}`));
  return unnamed.length;
}

async function keysOf(nats: ExecContext['nats'], bucket: 'blobs' | 'jobs' | 'rollouts'): Promise<string[]> {
  return (await subjectsOf(nats, `KV_${bucket}`, `$KV.${bucket}.>`)).map(lastToken);
}

/** By their look alone: what an entry that cannot be read names is kept as well. */
function hashesIn(text: string): string[] {
  return text.match(/[0-9a-f]{64}/g) ?? [];
}
