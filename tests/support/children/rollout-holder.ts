import { UNKNOWN } from '#backend/projectors/status.ts';
import { resume } from '#backend/rollouts/change-rollout.ts';
import { readNote } from '#backend/rollouts/rollout-note.ts';
import { changeRollout } from '#backend/rollouts/rollout-store.ts';
import { runRollouts } from '#backend/rollouts/run-rollouts.ts';
import { submitRollout } from '#backend/rollouts/submit-rollout.ts';
import { Schedules } from '#backend/scheduler/schedules.ts';
import { Mirror } from '#core/nats/mirror.ts';
import { execContext } from '../exec-context.ts';

/**
 * What a backend does to a rollout, dying by SIGKILL right before or right after it publishes on a subject: starts one,
 * or resumes one and goes on with it as the holder of the lease, on the projection of a backend that is gone.
 */
export interface HolderOptions {
  url: string;
  backendDir: string;
  dies: 'before' | 'after';
  /** The beginning of the subject. */
  on: string;
  start?: Parameters<typeof submitRollout>[1];
  resume?: string;
}

const o = JSON.parse(process.argv[2]!) as HolderOptions;
const ctx = await execContext(o.url, o.backendDir);
const { signal } = new AbortController();
const publish = ctx.nats.publishStored.bind(ctx.nats);
ctx.nats.publishStored = async (subject, ...rest) => {
  if (!subject.startsWith(o.on)) return publish(subject, ...rest);
  if (o.dies === 'after') await publish(subject, ...rest);
  process.kill(process.pid, 'SIGKILL');
  return new Promise(() => {});
};

if (o.start) await submitRollout(ctx, o.start);
else {
  await changeRollout(ctx.nats, o.resume!, (rollout) => resume(rollout, 'somebody', ctx.clock()));
  const rollouts = new Mirror(readNote);
  await rollouts.start(ctx.nats, 'rollouts', { log: ctx.log, signal });
  // Nothing is projected here any more, so there is nothing to wait for.
  const status = { ...UNKNOWN, caughtUp: true };
  const streams = { EXECUTIONS: status, EVENTS: status, RESULTS: status, AUDIT: status, INVENTORY: status, KV_completions: status };
  const projection = { passed: async () => {}, onCommit: () => () => {}, status: () => ({ streams }) };
  await runRollouts({ ...ctx, rollouts, schedules: new Schedules(), projection }, signal);
}
