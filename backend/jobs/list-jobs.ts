import { decode } from '#core/contract/codec.ts';
import { StoredJob } from '#core/contract/job.ts';
import { lastToken } from '#core/contract/subjects.ts';
import { kvGet } from '#core/nats/direct-get.ts';
import { subjectsOf } from '#core/nats/jetstream.ts';
import { type JobContext, type ScriptStatus, statusOf } from './job-store.ts';

export interface JobSummary {
  id: string;
  version: string;
  description: string | null;
  tags: string[];
  status: ScriptStatus;
  updated_at: string;
  updated_by: string;
}

/** The jobs after `after`, by id, at most `limit`; `next` is the id to go on after, undefined on the last page. */
export async function listJobs(
  ctx: JobContext,
  { after, limit }: { after?: string; limit: number },
): Promise<{ items: JobSummary[]; next?: string }> {
  const ids = (await subjectsOf(ctx.nats, 'KV_jobs', '$KV.jobs.>'))
    .map(lastToken)
    .filter((id) => after === undefined || id > after)
    .sort();
  const items: JobSummary[] = [];
  for (let at = 0; at < ids.length; at += limit) {
    // A deleted job leaves a marker under its subject, so a page may need more than `limit` of them.
    const found = await Promise.all(ids.slice(at, at + limit).map((id) => summaryOf(ctx, id)));
    items.push(...found.filter((job) => job !== undefined));
    if (items.length > limit) break;
  }
  const page = items.slice(0, limit);
  return items.length > limit ? { items: page, next: page.at(-1)!.id } : { items: page };
}

async function summaryOf({ nats }: JobContext, id: string): Promise<JobSummary | undefined> {
  const stored = await kvGet(nats, 'jobs', id);
  if (stored === undefined) return undefined;
  const { manifest, updated_at, updated_by } = decode(StoredJob, stored.value);
  const { version, description = null, tags = [] } = manifest;
  return { id, version, description, tags, status: await statusOf(nats, id), updated_at, updated_by };
}
