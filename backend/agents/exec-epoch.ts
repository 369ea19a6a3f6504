import { type Infer, integer, object, optional, string } from 'superstruct';
import { decode, encode } from '#core/contract/codec.ts';
import type { Heartbeat } from '#core/contract/heartbeat.ts';
import type { Nats } from '#core/nats/connection.ts';
import { kvGet } from '#core/nats/direct-get.ts';
import { streamInfo } from '#core/nats/jetstream.ts';
import { kvPut } from '#core/nats/kv.ts';

/** EXEC as it is now. */
export interface ExecFound {
  created: string;
  lastSeq: number;
}

/** `leases/exec_epoch`: the EXEC that a lease holder saw last. */
const ExecNote = object({
  created: string(),
  last_seq: optional(integer()),
  /** Random, set when a backup of the same stream took its place: sequences count from an earlier point again. */
  restored: optional(string()),
  /** The one before, until all that waited in it has been sent again. */
  replaces: optional(object({ created: string(), last_seq: optional(integer()) })),
});
export type ExecNote = Infer<typeof ExecNote>;

/** What a sync calls the stream: sequences of another epoch mean nothing. */
export function epochOf({ created, restored }: Pick<ExecNote, 'created' | 'restored'>): string {
  return restored === undefined ? created : `${created} ${restored}`;
}

/**
 * What to note of EXEC now that it is found so. A stream's last sequence never falls, whatever is purged: when it did, a
 * backup was put in its place. Pure.
 */
export function nextNote(before: ExecNote | undefined, found: ExecFound, newId: () => string): ExecNote {
  const now = { created: found.created, last_seq: found.lastSeq };
  if (before === undefined) return now;
  const { created, last_seq, restored, replaces } = before;
  const was = { created, ...(last_seq === undefined ? {} : { last_seq }) };
  if (created !== found.created) return { ...now, replaces: was };
  if (last_seq !== undefined && last_seq > found.lastSeq) return { ...now, restored: newId(), replaces: was };
  return { ...now, ...(restored === undefined ? {} : { restored }), ...(replaces === undefined ? {} : { replaces }) };
}

/**
 * Where a durable begins: behind what the PC says its ledger wholly has. Undefined when it says nothing, or nothing that
 * can be so: of another stream than the one that is there now, or beyond that one's end. Pure.
 */
export function replayFrom(replay: Heartbeat['replay'], epoch: string | undefined, exec: ExecFound): number | undefined {
  if (replay?.floor === undefined || epoch === undefined || replay.epoch !== epoch) return undefined;
  if (epoch !== exec.created && !epoch.startsWith(`${exec.created} `)) return undefined;
  return replay.floor >= 0 && replay.floor <= exec.lastSeq ? replay.floor + 1 : undefined;
}

export async function readExecNote(nats: Nats): Promise<ExecNote | undefined> {
  const stored = await kvGet(nats, 'leases', 'exec_epoch');
  return stored && decode(ExecNote, stored.value);
}

export async function writeExecNote(nats: Nats, note: ExecNote): Promise<void> {
  await kvPut(nats, 'leases', 'exec_epoch', encode(note));
}

/** The epoch that every backend tells, and the broker's time. The note is read last, so that it is never older than what the holder has set. */
export async function currentEpoch(nats: Nats): Promise<{ epoch: string; ts: string }> {
  const { created, ts } = await streamInfo(nats, 'EXEC');
  const note = await readExecNote(nats);
  return { ts, epoch: epochOf(note?.created === created ? note : { created }) };
}
