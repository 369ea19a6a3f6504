import { array, boolean, enums, type Infer, integer, nullable, optional, record, string, type, union } from 'superstruct';
import { Id } from './ids.ts';
import { RolloutPlan } from './rollout.ts';
import { Fired, PcList, Submitted } from './submission.ts';
import { Instant } from './time.ts';

/** Seed 004's modes: what of a target a tick fires at. */
export const MODES = ['every_tick', 'once_per_pc', 'once_per_target'] as const;
export type Mode = (typeof MODES)[number];

/** How often: once for good, once for each version of the job, or again after a duration. */
const Every = type({ every: string() });

/** The form people write; exactly one member is there. */
export const When = type({
  per_pc: optional(union([enums(['once', 'once_per_version']), Every])),
  per_target: optional(union([enums(['once']), Every])),
  calendar: optional(type({ at: string(), days: optional(array(string())) })),
  at: optional(string()),
});
export type When = Infer<typeof When>;

/** A schedule as an operator wrote it and as the bucket keeps it; durations and times of day are text, as written. */
export const Schedule = type({
  id: Id,
  job_id: Id,
  description: optional(string()),
  enabled: optional(boolean()),
  target: type({
    all: optional(boolean()),
    groups: optional(array(Id)),
    pcs: optional(array(Id)),
    /** It may mean nobody now, and other PCs tomorrow. */
    dynamic: optional(boolean()),
  }),
  cron: optional(string()),
  mode: optional(enums(MODES)),
  cooldown: optional(string()),
  auto_disable_when_done: optional(boolean()),
  when: optional(When),
  /** An IANA name, or `local` = each PC's own. Default UTC. */
  tz: optional(string()),
  catch_up: optional(enums(['once', 'skip'])),
  starting_deadline: optional(string()),
  active: optional(type({ from: optional(string()), until: optional(string()) })),
  window: optional(string()),
  skip_dates: optional(array(string())),
  max_concurrent: optional(integer()),
  retry: optional(type({ max: integer(), backoff: string() })),
  jitter: optional(string()),
  rollout: optional(RolloutPlan),
});
export type Schedule = Infer<typeof Schedule>;

/** `schedules` bucket, `<id>`. `source` is the operator's own YAML; null when it came as JSON or is over 64 KiB. */
export const StoredSchedule = type({
  schedule: Schedule,
  source: nullable(string()),
  /** When what it says was last changed by a person: what was decided before is not held against it. */
  changed_at: Instant,
  updated_at: Instant,
  updated_by: string(),
});
export type StoredSchedule = Infer<typeof StoredSchedule>;

/**
 * `schedule_state` bucket, `<schedule>`: what the scheduler has decided. Changed by compare-and-set only, so that of two
 * that take themselves for the holder of the lease one finds out before it fires.
 */
export const ScheduleState = type({
  /** By zone: the newest nominal time that was decided on, and how many submissions it has had. */
  zones: record(
    string(),
    type({
      decided: Instant,
      parts: integer(),
      /** With max_concurrent: PCs whose turn has not come yet. */
      waiting: optional(PcList),
    }),
  ),
  /** Decided and perhaps not submitted: the exact messages, published again by whoever finds them. */
  pending: optional(array(Submitted)),
  /** The same of a rollout: its id, the fire it is for, and `changed_at` of the schedule: its text is what is rolled out. */
  pending_rollout: optional(type({ rollout_id: Id, fired: Fired, list: PcList, changed_at: Instant })),
  /** Of the last submission, in EXECUTIONS as it was made at `epoch`: nothing is decided before it is projected. */
  last: optional(type({ seq: integer(), epoch: string() })),
});
export type ScheduleState = Infer<typeof ScheduleState>;

/** `completions` bucket, `<schedule>.<pc>`, without end: "once" never forgets. */
export const Completion = type({ exec_id: Id, finished_at: Instant, version: string() });
export type Completion = Infer<typeof Completion>;
