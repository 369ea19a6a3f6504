import type { ExecContext } from '../exec/context.ts';
import type { Projection } from '../projectors/projection.ts';
import type { RolloutMirror } from '../rollouts/rollout-note.ts';
import type { Schedules } from './schedules.ts';

/** What the scheduler works with. */
export interface SchedulerContext extends ExecContext {
  schedules: Schedules;
  rollouts: RolloutMirror;
  projection: Pick<Projection, 'passed' | 'onCommit' | 'status'>;
}
