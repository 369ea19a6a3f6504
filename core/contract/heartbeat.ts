import { array, boolean, type Infer, integer, number, optional, string, type } from 'superstruct';
import { Id } from './ids.ts';
import { Instant } from './time.ts';

/**
 * `heartbeat.<pc>`, at connect and every 30 s. Units are in the names; `cpu_pct` is percent of one core.
 * Seeds' heartbeats carry fewer fields, so only pc_id and at are required.
 */
export const Heartbeat = type({
  pc_id: Id,
  at: Instant,
  /** Random, made with the data folder: tells a reimaged PC from the one that was enrolled. */
  ledger_id: optional(Id),
  /** Random, made at each start: tells two running copies of one disk apart. */
  instance: optional(Id),
  /** The last one before an orderly stop. */
  stopping: optional(boolean()),
  version: optional(string()),
  hostname: optional(string()),
  os: optional(string()),
  tz: optional(string()),
  uptime_secs: optional(number()),
  cpu_pct: optional(number()),
  rss_bytes: optional(number()),
  outbox_depth: optional(integer()),
  stuck: optional(integer()),
  corrupt: optional(integer()),
  pending: optional(integer()),
  running: optional(array(string())),
  replay: optional(
    type({
      /** waiting: no sync yet; missing: the durable is not there; held: it keeps what was given to an agent that died; ready: drained once. */
      state: string(),
      /** The highest EXEC sequence that is wholly in the ledger, of the stream made at `epoch`. */
      floor: optional(integer()),
      epoch: optional(string()),
    }),
  ),
  /** Broker time minus the PC's own, milliseconds. */
  clock_offset_ms: optional(number()),
  /** What is wrong on this PC: codes of the error table with words. */
  problems: optional(array(type({ code: string(), detail: string() }))),
});
export type Heartbeat = Infer<typeof Heartbeat>;
