import { array, boolean, enums, type Infer, integer, nullable, number, optional, string, type, union } from 'superstruct';
import { Command } from './command.ts';
import { Id } from './ids.ts';
import { Fired, PcList, Target } from './submission.ts';
import { Instant } from './time.ts';

/** Waves that are fixed when the rollout starts (design section 6). */
export const RolloutPlan = type({
  /** Until so many PCs, or such a share of all ("10%"), have been reached; or the members of a group. */
  waves: array(union([number(), string(), type({ group: Id })])),
  /** Of a wave's PCs; one more failure halts the rollout. Default 0. */
  max_failure_percent: optional(number()),
  /** How long a wave is looked at before the next one starts. Default none. */
  soak: optional(string()),
  /** PCs of a wave that have to have succeeded before the next one: a number (of a smaller wave all), or a share of the wave. */
  min_success: optional(union([number(), string()])),
  /** What becomes of commands that PCs have not taken yet when it halts. Default stop: nothing. */
  on_halt: optional(enums(['stop', 'cancel_queued'])),
});
export type RolloutPlan = Infer<typeof RolloutPlan>;

export const ROLLOUT_STATUSES = ['running', 'paused', 'halted', 'aborted', 'completed'] as const;
export type RolloutStatus = (typeof ROLLOUT_STATUSES)[number];

const RolloutWave = type({
  list: PcList,
  count: integer(),
  /** Of its submission; the id is derived, so it is known before. */
  exec_id: Id,
  /** When it was submitted; until then, when that was decided. Null before. */
  started_at: nullable(Instant),
  /** Of its submission in EXECUTIONS, once that is known to be stored. */
  seq: nullable(integer()),
});
export type RolloutWave = Infer<typeof RolloutWave>;

export const HALT_REASONS = ['failures', 'min_success'] as const;

const RolloutWindow = type({ from: integer(), to: integer(), zone: string() });
export type RolloutWindow = Infer<typeof RolloutWindow>;

/** Why a rollout stopped by itself, with the numbers as they were then. */
export const Halt = type({ at: Instant, wave: integer(), reason: enums(HALT_REASONS), detail: string(), offline_queued: integer() });
export type Halt = Infer<typeof Halt>;

export const ROLLOUT_STEPS = [
  'started',
  'wave_started',
  'wave_withheld',
  'halted',
  'queued_cancelled',
  'paused',
  'resumed',
  'advanced',
  'aborted',
  'completed',
] as const;

/** One thing that happened to a rollout, newest last. */
export const RolloutStep = type({ at: Instant, by: string(), what: enums(ROLLOUT_STEPS), detail: nullable(string()) });
export type RolloutStep = Infer<typeof RolloutStep>;

/**
 * `rollouts` bucket, `<rollout>`: the whole state of one, changed by compare-and-set only. A wave is written down as
 * started before it is submitted, so whoever takes over submits it, under the same id, or finds that it was.
 */
export const Rollout = type({
  id: Id,
  actor: string(),
  created_at: Instant,
  /** Tells a retried request from a reused Idempotency-Key. */
  request_hash: string(),
  target: Target,
  target_count: integer(),
  fired: optional(Fired),
  plan: RolloutPlan,
  /** Of its schedule: waves start inside it only. Minutes since midnight in an IANA zone; over midnight when `from` > `to`. */
  window: optional(RolloutWindow),
  status: enums(ROLLOUT_STATUSES),
  /** The command of every wave but for its times and ids; its `request_id` is the rollout's. */
  command: Command,
  /** Seconds from a wave's start until its commands expire, if its window does not close before that. */
  expires_in: number(),
  waves: array(RolloutWave),
  /** Of the newest started wave; -1 when there is none. */
  wave: integer(),
  /** Waves up to this one are not looked at for failures any more: a person let it go on. -1 = none. */
  accepted: integer(),
  /** The next wave is to start without waiting for the soak: a person said so. */
  advance: optional(enums(['now'])),
  /** The last time it halted. */
  halt: optional(Halt),
  /** A halt or an abort wants what is queued cancelled, and whether that is done: a crash in between forgets nothing. */
  cancel: optional(type({ by: string(), done: boolean() })),
  history: array(RolloutStep),
});
export type Rollout = Infer<typeof Rollout>;
