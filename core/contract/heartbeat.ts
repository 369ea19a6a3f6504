import { array, boolean, type Infer, integer, number, optional, size, string, type } from 'superstruct';
import { Id } from './ids.ts';
import { Instant } from './time.ts';

/** Bytes of a heartbeat. What is longer is no agent's. */
export const HEARTBEAT_MAX = 64 * 1024;

const Words = size(string(), 0, 256);

/** What a Windows PC says of itself. What could not be read is left out: it is not known, and not the same as no. */
const FACTS = {
  /** `DOMAIN\\user` of who works at it, at the console first; empty when nobody does. */
  logged_on_user: optional(Words),
  /** Why Windows wants to be restarted, in the words of the inventory; none when it does not. */
  pending_reboot: optional(size(array(Words), 0, 16)),
  /** Not there where Defender is not. */
  defender: optional(
    type({
      real_time_protection: optional(boolean()),
      tamper_protected: optional(boolean()),
      signature_age_days: optional(integer()),
    }),
  ),
};
export const PcFacts = type(FACTS);
export type PcFacts = Infer<typeof PcFacts>;

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
  version: optional(Words),
  hostname: optional(Words),
  os: optional(Words),
  tz: optional(Words),
  uptime_secs: optional(number()),
  cpu_pct: optional(number()),
  rss_bytes: optional(number()),
  outbox_depth: optional(integer()),
  stuck: optional(integer()),
  corrupt: optional(integer()),
  pending: optional(integer()),
  running: optional(size(array(Words), 0, 1000)),
  replay: optional(
    type({
      /** waiting: no sync yet; missing: the durable is not there; held: it keeps what was given to an agent that died; ready: drained once. */
      state: Words,
      /** The highest EXEC sequence that is wholly in the ledger, of the stream made at `epoch`. */
      floor: optional(integer()),
      epoch: optional(Words),
    }),
  ),
  /** Broker time minus the PC's own, milliseconds. */
  clock_offset_ms: optional(number()),
  /** When its inventory was last collected whole, whether anything had changed or not. */
  inventory_at: optional(Instant),
  ...FACTS,
  /** What is wrong on this PC: codes of the error table with words. */
  problems: optional(size(array(type({ code: Words, detail: size(string(), 0, 4096) })), 0, 100)),
});
export type Heartbeat = Infer<typeof Heartbeat>;
