import { setTimeout as sleep } from 'node:timers/promises';
import { messageOf } from '#core/contract/errors.ts';
import type { Log } from '#core/contract/log.ts';
import type { Nats } from '#core/nats/connection.ts';
import type { Agents } from './agents.ts';
import { sayAgentEvent } from './say-agent-event.ts';

const LOOK_EVERY = 15_000;

/** Lease holder only: says once on EVENTS that a PC has gone silent. That it comes, it says itself. */
export async function watchOnline({
  nats,
  agents,
  clock,
  log,
  signal,
}: {
  nats: Nats;
  agents: Agents;
  clock: () => number;
  log: Log;
  signal: AbortSignal;
}): Promise<void> {
  const online = new Set<string>();
  while (!signal.aborted) {
    for (const pc of agents.beats.pcs()) {
      if (agents.beats.online(pc)) online.add(pc);
      else if (online.has(pc) && nats.connected) {
        try {
          const stopped = agents.beats.get(pc)?.heartbeat.stopping;
          if (!stopped) await sayAgentEvent(nats, clock, pc, 'offline', { detail: 'no heartbeat for 90 s' });
          online.delete(pc);
        } catch (error) {
          log.warn({ pc, error: messageOf(error) }, 'could not say that a PC went offline: trying again');
        }
      }
    }
    await sleep(LOOK_EVERY, undefined, { signal }).catch(() => {});
  }
}
