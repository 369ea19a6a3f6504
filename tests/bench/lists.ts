import type { TestBackend } from '#tests/support/kanade.ts';
import { type Figures, p50p99, percentile } from './figures.ts';

const TIMES = 200;

/** The first pages an admin looks at. `execId` is an execution on all of them. */
export async function measureLists(figures: Figures, backend: TestBackend, count: number, execId: string): Promise<void> {
  const lists: [string, string][] = [
    ['GET /agents, online, by last heartbeat', '/agents?online=true&sort=last_heartbeat&order=desc&limit=100'],
    ['GET /agents, one group, by name', '/agents?group=bench&sort=pc_id&limit=100'],
    ['GET /agents, q=0, by name, descending', '/agents?q=0&sort=pc_id&order=desc&limit=100'],
    ['GET /executions', '/executions?limit=100'],
    ['GET /executions, succeeded', '/executions?state=succeeded&limit=100'],
    ['GET /executions/{id}/targets', `/executions/${execId}/targets?limit=100`],
  ];
  for (const [name, path] of lists) {
    const times: number[] = [];
    for (let n = 0; n < TIMES; n++) {
      const begun = performance.now();
      await backend.get(path);
      times.push(performance.now() - begun);
    }
    figures.add(`${name}, first 100 at ${count} PCs`, p50p99(times), 'p50 < 30 ms', percentile(times, 0.5) < 30);
  }
}
