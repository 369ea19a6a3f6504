import type { Route } from './route.ts';
import { agentInventoryRoutes } from './routes/agent-inventory.ts';
import { agentRoutes } from './routes/agents.ts';
import { backendRoutes } from './routes/backends.ts';
import { certificateRoutes } from './routes/certificate.ts';
import { commandKeyRoutes } from './routes/command-keys.ts';
import { enrolmentRoutes } from './routes/enrolment.ts';
import { enrolmentTokenRoutes } from './routes/enrolment-tokens.ts';
import { executionRoutes } from './routes/executions.ts';
import { fleetInventoryRoutes } from './routes/fleet-inventory.ts';
import { freezeRoutes } from './routes/freeze.ts';
import { groupRoutes } from './routes/groups.ts';
import { healthRoutes } from './routes/health.ts';
import { jobRoutes } from './routes/jobs.ts';
import { journalRoutes } from './routes/journal.ts';
import { releaseRoutes } from './routes/releases.ts';
import { resultRoutes } from './routes/results.ts';
import { rolloutRoutes } from './routes/rollouts.ts';
import { scheduleRoutes } from './routes/schedules.ts';

/** The whole HTTP API. */
export const routes: readonly Route[] = [
  ...executionRoutes,
  ...rolloutRoutes,
  ...resultRoutes,
  ...agentRoutes,
  ...enrolmentTokenRoutes,
  ...enrolmentRoutes,
  ...groupRoutes,
  ...agentInventoryRoutes,
  ...fleetInventoryRoutes,
  ...jobRoutes,
  ...scheduleRoutes,
  ...freezeRoutes,
  ...commandKeyRoutes,
  ...backendRoutes,
  ...releaseRoutes,
  ...journalRoutes,
  ...certificateRoutes,
  ...healthRoutes,
];
