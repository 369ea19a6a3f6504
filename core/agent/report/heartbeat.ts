import { setTimeout as sleep } from 'node:timers/promises';
import { encode } from '#core/contract/codec.ts';
import type { Heartbeat } from '#core/contract/heartbeat.ts';
import { subjects } from '#core/contract/subjects.ts';
import type { Nats } from '#core/nats/connection.ts';

/** Milliseconds between two heartbeats. */
export const BEAT_EVERY = 30_000;

/** Percent of one core used since the last call; undefined at the first, for it takes two samples. */
export function cpuMeter(mono: () => number): () => number | undefined {
  let last: { at: number; used: number } | undefined;
  return () => {
    const { user, system } = process.cpuUsage();
    const now = { at: mono(), used: (user + system) / 1000 };
    const before = last;
    last = now;
    if (before === undefined || now.at <= before.at) return undefined;
    return Math.round(((now.used - before.used) / (now.at - before.at)) * 10_000) / 100;
  };
}

/** Sends what `describe` gives every 30 s until `signal` aborts. Nobody waits for a heartbeat: one that is lost is lost. */
export async function runHeartbeat({
  nats,
  describe,
  signal,
}: {
  nats: Nats;
  describe: () => Heartbeat;
  signal: AbortSignal;
}): Promise<void> {
  while (!signal.aborted) {
    sendHeartbeat(nats, describe());
    await sleep(BEAT_EVERY, undefined, { signal }).catch(() => {});
  }
}

export function sendHeartbeat(nats: Nats, heartbeat: Heartbeat): void {
  nats.publish(subjects.heartbeat(heartbeat.pc_id), encode(heartbeat));
}
