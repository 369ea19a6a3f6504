import type { Route } from './route.ts';
import { agentRoutes } from './routes/agents.ts';
import { executionRoutes } from './routes/executions.ts';
import { freezeRoutes } from './routes/freeze.ts';
import { groupRoutes } from './routes/groups.ts';
import { healthRoutes } from './routes/health.ts';
import { inventoryRoutes } from './routes/inventory.ts';
import { jobRoutes } from './routes/jobs.ts';
import { journalRoutes } from './routes/journal.ts';
import { resultRoutes } from './routes/results.ts';
import { rolloutRoutes } from './routes/rollouts.ts';
import { scheduleRoutes } from './routes/schedules.ts';

/** The whole HTTP API. */
export const routes: readonly Route[] = [
  ...executionRoutes,
  ...rolloutRoutes,
  ...resultRoutes,
  ...agentRoutes,
  ...groupRoutes,
  ...inventoryRoutes,
  ...jobRoutes,
  ...scheduleRoutes,
  ...freezeRoutes,
  ...journalRoutes,
  ...healthRoutes,
];
