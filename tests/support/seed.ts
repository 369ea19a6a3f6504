import { randomUUID } from 'node:crypto';
import type { TestBackend } from './kanade.ts';

/** A command as the seeds send it: what they require and nothing else, UUIDs for ids. */
export function seedCommand(script: string, more: Record<string, unknown> = {}): Record<string, unknown> & { request_id: string } {
  return { id: 'inv-hw', version: '1.0.0', request_id: randomUUID(), shell: 'sh', script, timeout_secs: 60, ...more };
}

/** Revoking a job makes the backend tell every PC to read its durable again. */
export async function syncAll(backend: TestBackend): Promise<void> {
  const job = { id: 'sync-all', version: '1', execute: { shell: 'sh', script: 'true', timeout: '1s' } };
  const put = await backend.call('PUT', '/jobs/sync-all', job);
  const { status } = await backend.call('POST', '/jobs/sync-all/revoke');
  if (status !== 200) throw new Error(`revoking answered ${status} after ${put.status}`);
}
