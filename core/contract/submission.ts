import { array, boolean, enums, type Infer, integer, optional, string, type } from 'superstruct';
import { Id } from './ids.ts';
import { Instant } from './time.ts';

/** Whom an admin named; resolved to PCs once, at submit. Of many PCs only how many they are: all of them are in the list. */
export const Target = type({
  all: optional(boolean()),
  groups: optional(array(Id)),
  pcs: optional(array(Id)),
  pcs_count: optional(integer()),
});
export type Target = Infer<typeof Target>;

/** A list of PCs: inline, or in `blobs` as a JSON array under its hash. */
export const PcList = type({ pcs: optional(array(Id)), pcs_sha256: optional(string()) });
export type PcList = Infer<typeof PcList>;

/** What an execution that a schedule fired knows of it. */
export const Fired = type({
  schedule_id: Id,
  nominal_at: Instant,
  /** 0 = the fire itself, 1 = its first retry. */
  attempt: integer(),
  /** A person asked for it: the freeze and later fires leave it alone. */
  run_now: optional(boolean()),
});
export type Fired = Infer<typeof Fired>;

/** Which wave of which rollout an execution is; the first is 0. */
export const Wave = type({ rollout_id: Id, n: integer() });
export type Wave = Infer<typeof Wave>;

/** `executions.submitted.<exec>`: the commit of an execution. Published once, with expected-last-subject-sequence 0. */
export const Submitted = type({
  exec_id: Id,
  actor: string(),
  submitted_at: Instant,
  /** SHA-256 of the request as normalised: tells a retry from a reused Idempotency-Key. */
  request_hash: string(),
  target: Target,
  /** One message to all instead of one to each: only when the target is all. */
  broadcast: boolean(),
  list: PcList,
  target_count: integer(),
  /** The exact bytes of the command, as text. */
  command: string(),
  rerun_of: optional(Id),
  fired: optional(Fired),
  wave: optional(Wave),
});
export type Submitted = Infer<typeof Submitted>;

/** `executions.cancelled.<exec>`: of the PCs listed, or of all when there is no list. */
export const Cancelled = type({
  exec_id: Id,
  actor: string(),
  at: Instant,
  list: optional(PcList),
  reason: optional(string()),
});
export type Cancelled = Infer<typeof Cancelled>;

/** `executions.lost.<exec>`: rows the backend gives up on. */
export const Lost = type({ exec_id: Id, at: Instant, list: PcList, reason: enums(['unknown_to_agent', 'no_answer', 'retired']) });
export type Lost = Infer<typeof Lost>;
