import type { Json, TestKanade } from './kanade.ts';

/** Puts a job of one script for sh. */
export async function putJob(kanade: TestKanade, id: string, script: string, version = '1'): Promise<void> {
  const execute = { shell: 'sh', script, timeout: '60s' };
  const { status, body } = await kanade.backend.call('PUT', `/jobs/${id}`, { id, version, execute });
  if (status !== 200 && status !== 201) throw new Error(`job ${id}: ${status} ${JSON.stringify(body)}`);
}

/** Puts a schedule; `job_id` is its own id unless it says otherwise. */
export async function putSchedule(kanade: TestKanade, id: string, fields: Record<string, unknown>): Promise<Json> {
  const { status, body } = await kanade.backend.call('PUT', `/schedules/${id}`, { id, job_id: id, ...fields });
  if (status !== 200 && status !== 201) throw new Error(`schedule ${id}: ${status} ${JSON.stringify(body)}`);
  return body;
}

/** What it has fired, newest first. */
export async function firesOf(kanade: TestKanade, id: string): Promise<Json[]> {
  return (await kanade.backend.get(`/executions?schedule_id=${id}&limit=500`)).items;
}

/** The states of its coverage by PC. */
export async function coverageOf(kanade: TestKanade, id: string): Promise<Record<string, string>> {
  const { items } = await kanade.backend.get(`/schedules/${id}/coverage`);
  return Object.fromEntries(items.map((row: Json) => [row.pc_id, row.state]));
}
