import type { ExecContext } from '../exec/context.ts';
import type { Projection } from '../projectors/projection.ts';
import type { Schedules } from './schedules.ts';

/** What the scheduler works with. */
export interface SchedulerContext extends ExecContext {
  schedules: Schedules;
  projection: Pick<Projection, 'passed' | 'onCommit' | 'status'>;
}
