import { AD_HOC } from '#core/contract/command.ts';
import type { Rollout, RolloutStatus } from '#core/contract/rollout.ts';
import type { Mirror } from '#core/nats/mirror.ts';
import { decodeRollout } from './rollout-store.ts';

/** A rollout in a list; what cannot be told of an entry that cannot be read is null. */
export interface RolloutSummary {
  rollout_id: string;
  status: RolloutStatus | 'unreadable';
  created_at: string | null;
  actor: string | null;
  job_id: string | null;
  schedule_id: string | null;
  target_count: number | null;
  /** How many waves there are and how many have started. */
  waves: number | null;
  waves_started: number | null;
  /** Why it cannot be read. */
  error: string | null;
}

/** What each backend remembers of a rollout: of those that nothing is to be done about not the lists of PCs. */
export interface RolloutNote {
  summary: RolloutSummary;
  /** When something happened to it last, milliseconds since 1970. */
  changedAt: number;
  open: Rollout | undefined;
}

export type RolloutMirror = Mirror<RolloutNote>;

export function readNote(bytes: Uint8Array, key: string): RolloutNote {
  return noteOf(decodeRollout(bytes, key));
}

export function noteOf(rollout: Rollout): RolloutNote {
  const { id, status, created_at, actor, command, fired, target_count, waves, wave, history } = rollout;
  return {
    summary: {
      rollout_id: id,
      status,
      created_at,
      actor,
      job_id: command.id === AD_HOC ? null : command.id,
      schedule_id: fired?.schedule_id ?? null,
      target_count,
      waves: waves.length,
      waves_started: wave + 1,
      error: null,
    },
    changedAt: Date.parse(history.at(-1)?.at ?? created_at),
    open: isOpen(rollout) ? rollout : undefined,
  };
}

/** Something may be to be done about it, without a person asking. */
function isOpen({ status, waves, wave, cancel }: Rollout): boolean {
  return status === 'running' || waves[wave]?.seq === null || cancel?.done === false;
}
