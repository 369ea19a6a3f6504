import { INVENTORY_VERSIONS } from './inventory.ts';

/**
 * Streams and buckets as data (design section 3); `backend/broker` creates them and repairs drift.
 * Sizes are explicit because JetStream reserves `max_bytes` up front.
 */
const DAY = 86_400;
const MiB = 1024 * 1024;

export interface StreamSpec {
  name: string;
  subjects: readonly string[];
  /** Seconds; 0 keeps for good. */
  maxAge: number;
  /** Bytes wanted; scaled down together with the others when the store is smaller than their sum. */
  maxBytes: number;
  maxMsgsPerSubject?: number;
  /** `new` refuses what does not fit, `old` drops the oldest. */
  discard: 'new' | 'old';
  /** nats-server refuses the 1,001st durable of a stream unless this is set. */
  maxConsumers?: number;
  allowDirect?: boolean;
}

export interface BucketSpec {
  name: string;
  history: number;
  /** Seconds; 0 keeps for good. */
  ttl: number;
  maxBytes: number;
}

export const STREAMS = {
  EXEC: {
    name: 'EXEC',
    subjects: ['commands.>'],
    maxAge: 7 * DAY,
    maxBytes: 2048 * MiB,
    maxMsgsPerSubject: 1,
    discard: 'new',
    maxConsumers: 100_000,
  },
  EXECUTIONS: { name: 'EXECUTIONS', subjects: ['executions.>'], maxAge: 90 * DAY, maxBytes: 2048 * MiB, discard: 'new' },
  EVENTS: { name: 'EVENTS', subjects: ['events.>'], maxAge: 90 * DAY, maxBytes: 2048 * MiB, discard: 'new' },
  RESULTS: { name: 'RESULTS', subjects: ['results.>'], maxAge: 90 * DAY, maxBytes: 8192 * MiB, discard: 'new' },
  OUTPUT: { name: 'OUTPUT', subjects: ['output.>'], maxAge: 30 * DAY, maxBytes: 4096 * MiB, discard: 'old', allowDirect: true },
  INVENTORY: {
    name: 'INVENTORY',
    subjects: ['inventory.>'],
    maxAge: 365 * DAY,
    maxBytes: 4096 * MiB,
    maxMsgsPerSubject: INVENTORY_VERSIONS,
    discard: 'new',
  },
  /** `releases.<hash>.<n>`: the files of releases in chunks, each file once. */
  RELEASES: {
    name: 'RELEASES',
    subjects: ['releases.>'],
    maxAge: 0,
    maxBytes: 1024 * MiB,
    maxMsgsPerSubject: 1,
    discard: 'new',
    allowDirect: true,
  },
  AUDIT: { name: 'AUDIT', subjects: ['audit.>'], maxAge: 365 * DAY, maxBytes: 512 * MiB, discard: 'new' },
} as const satisfies Record<string, StreamSpec>;

export type StreamName = keyof typeof STREAMS;

export const BUCKETS = {
  /** `<pc>` -> AgentEntry: the registry. */
  agents: { name: 'agents', history: 1, ttl: 0, maxBytes: 64 * MiB },
  /** `<pc>` -> { groups: [..] }. */
  agent_groups: { name: 'agent_groups', history: 1, ttl: 0, maxBytes: 64 * MiB },
  /** `<group>` in lower case -> DynamicGroup. */
  dynamic_groups: { name: 'dynamic_groups', history: 5, ttl: 0, maxBytes: 16 * MiB },
  /** `<job>` -> StoredJob. */
  jobs: { name: 'jobs', history: 5, ttl: 0, maxBytes: 256 * MiB },
  /** `<job>` -> the version that may run. */
  script_current: { name: 'script_current', history: 5, ttl: 0, maxBytes: 16 * MiB },
  /** `<job>` -> ACTIVE | REVOKED. */
  script_status: { name: 'script_status', history: 5, ttl: 0, maxBytes: 16 * MiB },
  /** `blobName` -> encrypted bytes (blob.ts): script bodies and target lists that are too long for a message. */
  blobs: { name: 'blobs', history: 1, ttl: 0, maxBytes: 1024 * MiB },
  /** `freeze` -> Freeze: schedules start nothing while it is there. */
  config: { name: 'config', history: 5, ttl: 0, maxBytes: 16 * MiB },
  /** `cancelledKey`: outlives the longest command (7 d) by two days. */
  cancelled: { name: 'cancelled', history: 1, ttl: 9 * DAY, maxBytes: 64 * MiB },
  /** `<schedule>` -> StoredSchedule. */
  schedules: { name: 'schedules', history: 5, ttl: 0, maxBytes: 64 * MiB },
  /** `<schedule>` -> ScheduleState: what was decided. */
  schedule_state: { name: 'schedule_state', history: 1, ttl: 0, maxBytes: 256 * MiB },
  /** `<schedule>.<pc>` -> Completion, for good: "once" never forgets. */
  completions: { name: 'completions', history: 1, ttl: 0, maxBytes: 512 * MiB },
  /** `<rollout>` -> Rollout: durable state, not timers. */
  rollouts: { name: 'rollouts', history: 1, ttl: 0, maxBytes: 256 * MiB },
  /** `first` (whose durables carry the seeds' names), `holder` (who runs the deadlines), `exec_epoch` (the EXEC that it saw last). */
  leases: { name: 'leases', history: 1, ttl: 0, maxBytes: 1 * MiB },
  /** `token.<id>` -> StoredToken. */
  accounts: { name: 'accounts', history: 1, ttl: 0, maxBytes: 16 * MiB },
  /** `<id>` -> StoredEnrolmentToken. */
  enrolment_tokens: { name: 'enrolment_tokens', history: 1, ttl: 0, maxBytes: 16 * MiB },
  /** `<public key>` -> PendingEnrolment. */
  enrolments: { name: 'enrolments', history: 1, ttl: 0, maxBytes: 16 * MiB },
  /** `<public key>` -> whose it was and since when it opens nothing. */
  revoked: { name: 'revoked', history: 1, ttl: 0, maxBytes: 16 * MiB },
  /** `<release>` -> StoredRelease: what of the agent's releases PCs may be told to take. */
  releases: { name: 'releases', history: 1, ttl: 0, maxBytes: 64 * MiB },
  /** `<key id>` -> a public key whose seals the backends trust. */
  command_keys: { name: 'command_keys', history: 5, ttl: 0, maxBytes: 1 * MiB },
  /** `<backend id>` -> BackendEntry: the backends, and those that were. */
  backends: { name: 'backends', history: 1, ttl: 0, maxBytes: 1 * MiB },
  /** `<id>` -> StoredJoinCode. */
  join_codes: { name: 'join_codes', history: 1, ttl: 0, maxBytes: 1 * MiB },
  /** `<account>` -> AccountEntry: what the operator says of it. */
  broker_accounts: { name: 'broker_accounts', history: 1, ttl: 0, maxBytes: 8 * MiB },
} as const satisfies Record<string, BucketSpec>;

export type BucketName = keyof typeof BUCKETS;

export const DISPATCHER_DURABLE = 'backend_dispatcher';

/** Bytes. A script longer than this lies in `blobs`; its hash is in the command. */
export const INLINE_SCRIPT_MAX = 4 * 1024;
export const SCRIPT_MAX = 1_000_000;
/** Bytes of an encoded target list inside a submission; longer ones lie in `blobs`. */
export const INLINE_TARGETS_MAX = 256 * 1024;
/** Bytes of an encoded command: it travels quoted inside the submission, next to the target list, under 1 MiB. */
export const COMMAND_MAX = 128 * 1024;
/** Bytes of an encoded result that is sent whole; a longer one keeps a preview and sends its output in chunks. */
export const INLINE_RESULT_MAX = 512 * 1024;
/** Bytes of one OUTPUT chunk. */
export const OUTPUT_CHUNK = 256 * 1024;
/** Bytes kept of each of stdout and stderr. */
export const OUTPUT_MAX = 8 * 1024 * 1024;
/** A result cannot have more of them: whoever reads them buffers no more than this. */
export const OUTPUT_CHUNKS_MAX = Math.ceil(OUTPUT_MAX / OUTPUT_CHUNK);
/** Bytes of one RELEASES chunk. */
export const RELEASE_CHUNK = 256 * 1024;
/** Seconds. */
export const TIMEOUT_DEFAULT = 3600;
export const TIMEOUT_MAX = 7 * DAY;
export const EXPIRES_DEFAULT = 7 * DAY;
export const EXPIRES_MAX = 7 * DAY;
