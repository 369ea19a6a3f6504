import { decode } from '#core/contract/codec.ts';
import { StoredJob } from '#core/contract/job.ts';
import { unlessForged } from '#core/contract/sealed.ts';
import { lastToken } from '#core/contract/subjects.ts';
import { kvGet } from '#core/nats/direct-get.ts';
import { subjectsOf } from '#core/nats/jetstream.ts';
import { getJob, type JobContext, type KeptJob, type ScriptStatus, statusOf } from './job-store.ts';

export interface JobSummary {
  id: string;
  version: string;
  description: string | null;
  tags: string[];
  status: ScriptStatus;
  updated_at: string;
  updated_by: string;
  /** When it was asked for. */
  kept?: KeptJob;
}

/** Jobs that are read whole at the same time: a script may be 1,000,000 bytes long. */
const AT_ONCE = 10;
/** Characters of scripts after which a page ends early. */
const SCRIPTS_MAX = 2_000_000;

/**
 * The jobs after `after`, by id, at most `limit`; `next` is the id to go on after, undefined on the last page. With
 * `documents` each with all it says. With `id` that one alone.
 */
export async function listJobs(
  ctx: JobContext,
  { id, after, limit, documents }: { id?: string; after?: string; limit: number; documents: boolean },
): Promise<{ items: JobSummary[]; next?: string }> {
  const all = id === undefined ? (await subjectsOf(ctx.nats, 'KV_jobs', '$KV.jobs.>')).map(lastToken) : [id];
  const ids = all.filter((one) => after === undefined || one > after).sort();
  const items: JobSummary[] = [];
  const together = documents ? AT_ONCE : limit;
  let characters = 0;
  let at = 0;
  // A deleted job leaves a marker under its subject, so a page may need more than `limit` of them.
  for (; at < ids.length && items.length <= limit && characters < SCRIPTS_MAX; at += together) {
    const found = await Promise.all(ids.slice(at, at + together).map((one) => (documents ? wholeOf(ctx, one) : summaryOf(ctx, one))));
    for (const job of found) {
      if (job === undefined) continue;
      items.push(job);
      characters += job.kept?.document.execute.script?.length ?? 0;
    }
  }
  const page = items.slice(0, limit);
  return items.length > limit || at < ids.length ? { items: page, next: page.at(-1)!.id } : { items: page };
}

async function summaryOf({ nats }: JobContext, id: string): Promise<JobSummary | undefined> {
  const stored = await kvGet(nats, 'jobs', id).catch(unlessForged);
  if (stored === undefined) return undefined;
  const { manifest, updated_at, updated_by } = decode(StoredJob, stored.value);
  const { version, description = null, tags = [] } = manifest;
  return { id, version, description, tags, status: await statusOf(nats, id), updated_at, updated_by };
}

async function wholeOf(ctx: JobContext, id: string): Promise<JobSummary | undefined> {
  const kept = await getJob(ctx, id).catch(unlessForged);
  if (kept === undefined) return undefined;
  const { version, description = null, tags = [] } = kept.document;
  const { status, updated_at, updated_by } = kept;
  return { id, version, description, tags, status, updated_at, updated_by, kept };
}
