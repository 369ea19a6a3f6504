import type { Json, TestBackend } from './kanade.ts';
import { until } from './until.ts';

/** What a heartbeat tells, and what a backend therefore knows only since it runs. */
const HEARTBEAT = [
  'online',
  'last_heartbeat',
  'last_seen',
  'outbox_depth',
  'stuck',
  'corrupt',
  'pending',
  'running',
  'replay_state',
  'clock_offset_ms',
  'rss_bytes',
  'cpu_pct',
  'uptime_secs',
  'inventory_at',
  'logged_on_user',
  'pending_reboot',
  'defender',
  'problems',
  'conflict',
];

/** Everything the API says of what has happened: all lists, page by page, and everything they name. By path. */
export async function allAnswers(backend: TestBackend): Promise<Record<string, Json>> {
  const answers: Record<string, Json> = {};
  const keep = async (path: string) => {
    const { status, body } = await backend.call('GET', path);
    // A refusal carries the id of its request.
    answers[path] = { status, body: status === 200 ? body : body.code };
    return body;
  };
  const executions = await list(backend, '/executions', answers);
  for (const state of ['queued', 'running', 'failed', 'cancelled', 'lost', 'expired'])
    await list(backend, `/executions?state=${state}`, answers);
  for (const { exec_id: id } of executions) {
    await keep(`/executions/${id}`);
    for (const row of await list(backend, `/executions/${id}/targets`, answers)) {
      if (row.result_id === null || row.state === 'running') continue;
      for (const part of ['', '/stdout', '/stderr']) await keep(`/results/${row.result_id}${part}`);
    }
  }
  for (const path of ['/events', '/audit', '/dead-letters', '/jobs']) await list(backend, path, answers);
  await list(backend, '/groups', answers, false);
  await list(backend, '/inventory-faults', answers);
  for (const { pc_id: pc } of await list(backend, '/agents?retired=true', answers)) {
    await keep(`/agents/${pc}`);
    await keep(`/agents/${pc}/queue`);
    await keep(`/agents/${pc}/groups`);
    await keep(`/agents/${pc}/inventory`);
    await list(backend, `/agents/${pc}/inventory-changes`, answers);
  }
  return JSON.parse(JSON.stringify(answers, (key, value) => (HEARTBEAT.includes(key) ? undefined : value)));
}

/** Small pages, so that the cursors are part of what is compared. */
async function list(backend: TestBackend, path: string, answers: Record<string, Json>, paged = true): Promise<Json[]> {
  const items: Json[] = [];
  for (let cursor = ''; ; ) {
    const page = await backend.get(paged ? `${path}${path.includes('?') ? '&' : '?'}limit=3${cursor}` : path);
    items.push(...page.items);
    if (page.next === null) break;
    cursor = `&cursor=${encodeURIComponent(page.next)}`;
  }
  answers[path] = items;
  return items;
}

/** Until this backend's projection has read everything that the streams hold at this moment. */
export async function caughtUp(backend: TestBackend): Promise<void> {
  await until('the projection has caught up', async () => {
    const response = await fetch(`${backend.url}/readyz`);
    const { projectors } = (await response.json()) as { projectors: Record<string, { lag: number }> };
    return response.status === 200 && Object.values(projectors).every(({ lag }) => lag === 0);
  });
}
