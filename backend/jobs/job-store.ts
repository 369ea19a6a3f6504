import { decode, encode } from '#core/contract/codec.ts';
import { KanadeError } from '#core/contract/errors.ts';
import { StoredJob } from '#core/contract/job.ts';
import { isSealFault } from '#core/contract/sealed.ts';
import { INLINE_SCRIPT_MAX } from '#core/contract/streams.ts';
import { instant } from '#core/contract/time.ts';
import type { Nats } from '#core/nats/connection.ts';
import { kvGet, lastOnSubject } from '#core/nats/direct-get.ts';
import { kvCompareAndSet, kvDelete, kvPut } from '#core/nats/kv.ts';
import { getBlob, putBlob } from '../blobs/blobs.ts';
import { keptSource } from '../schema/yaml.ts';
import { checkJob, type JobDocument } from './job-document.ts';

export type ScriptStatus = 'ACTIVE' | 'REVOKED';

export interface JobContext {
  nats: Nats;
  clock: () => number;
}

export interface KeptJob {
  document: JobDocument;
  /** The operator's own YAML, null when there is none. */
  source: string | null;
  status: ScriptStatus;
  revision: number;
  updated_at: string;
  updated_by: string;
}

const text = (value: Uint8Array) => new TextDecoder('utf-8', { ignoreBOM: true }).decode(value);

/** The job with its script, wherever that lies; undefined when there is none. */
export async function getJob({ nats }: JobContext, id: string): Promise<KeptJob | undefined> {
  const stored = await kvGet(nats, 'jobs', id);
  if (stored === undefined) return undefined;
  const { manifest, source, updated_at, updated_by } = decode(StoredJob, stored.value);
  const { script_sha256: hash, shell, script, ...execute } = manifest.execute;
  const body = hash === undefined ? script : text(await getBlob(nats, hash));
  // What is stored was checked when it came, and its fields are the document's but for where the script lies.
  const document = { ...manifest, execute: { shell, script: body, ...execute } } as JobDocument;
  return { document, source, status: await statusOf(nats, id), revision: stored.revision, updated_at, updated_by };
}

/**
 * Stores a job. What a PC may need is there before what names it: the script's body first, then the pin (the version
 * that may run), then the entry. `expected` is the revision it must be at (0 = nothing there), undefined = whatever.
 */
export async function putJob(
  ctx: JobContext,
  o: { document: JobDocument; source: string | null; actor: string; expected: number | undefined },
): Promise<{ revision: number; created: boolean }> {
  const { nats } = ctx;
  const { document, actor } = o;
  const script = checkJob(document, document.id);
  const { script: body, script_file: _blank, ...execute } = document.execute;
  const inline = script.length <= INLINE_SCRIPT_MAX;
  const where = inline ? { script: body! } : { script_sha256: await putBlob(nats, script) };
  const source = keptSource(o.source);
  const entry: StoredJob = {
    manifest: { ...document, execute: { ...execute, ...where } },
    source,
    updated_at: instant(ctx.clock()),
    updated_by: actor,
  };
  const before = await lastOnSubject(nats, 'KV_jobs', `$KV.jobs.${document.id}`);
  const there = before !== undefined && !before.deleted;
  if (o.expected !== undefined && o.expected !== (there ? before.revision : 0)) {
    throw new KanadeError('precondition_failed', `job ${document.id} was changed meanwhile`);
  }
  await pinVersion(nats, document.id, document.version);
  try {
    const revision = await kvCompareAndSet(nats, 'jobs', document.id, encode(entry), before?.revision ?? 0);
    return { revision, created: !there };
  } finally {
    // When two write at once, both have set the pin and only one has its job stored.
    await settlePin(nats, document.id);
  }
}

/** Deletes a job and revokes it first: what was sent and has not started yet does not start any more. Gives the revision of that. */
export async function deleteJob({ nats }: JobContext, id: string, expected: number): Promise<number> {
  const before = await statusOf(nats, id);
  await setStatus(nats, id, 'REVOKED');
  try {
    return await kvDelete(nats, 'jobs', id, expected);
  } catch (error) {
    if (error instanceof KanadeError && error.code === 'precondition_failed') await setStatus(nats, id, before);
    throw error;
  }
}

/** Revokes a job or allows it again. A new version does neither. */
export async function setStatus(nats: Nats, id: string, status: ScriptStatus): Promise<void> {
  await kvPut(nats, 'script_status', id, new TextEncoder().encode(status));
}

/** What stands for a status that nobody has sealed whom we believe, until somebody puts it right. */
const REVOKED = { value: new TextEncoder().encode('REVOKED') };

export async function statusOf(nats: Nats, id: string): Promise<ScriptStatus> {
  const stored = await kvGet(nats, 'script_status', id).catch((error) => {
    if (isSealFault(error)) return REVOKED;
    throw error;
  });
  return stored !== undefined && text(stored.value) === 'REVOKED' ? 'REVOKED' : 'ACTIVE';
}

async function pinVersion(nats: Nats, id: string, version: string): Promise<void> {
  await kvPut(nats, 'script_current', id, new TextEncoder().encode(version));
}

/** Whoever writes last leaves the pin at the version of the job that is stored. */
async function settlePin(nats: Nats, id: string): Promise<void> {
  for (;;) {
    const job = await kvGet(nats, 'jobs', id);
    if (job === undefined) return;
    const { version } = decode(StoredJob, job.value).manifest;
    const pin = await kvGet(nats, 'script_current', id);
    if (pin === undefined || text(pin.value) !== version) await pinVersion(nats, id, version);
    if ((await kvGet(nats, 'jobs', id))?.revision === job.revision) return;
  }
}
