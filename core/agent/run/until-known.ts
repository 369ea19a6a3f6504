import type { Command } from '#core/contract/command.ts';
import { messageOf } from '#core/contract/errors.ts';
import type { Log } from '#core/contract/log.ts';
import type { Nats } from '#core/nats/connection.ts';
import { sleepOrWake } from '#core/nats/retry.ts';
import type { Knowledge } from '../intake/knowledge.ts';
import type { Standing } from '../intake/standing.ts';
import { gate } from './gates.ts';
import { orStopped } from './stopped.ts';

export interface KnownBy {
  /** Milliseconds since 1970 of the broker's clock. */
  clock: () => number;
  nats: () => Nats | undefined;
  standing: Standing;
  knowledge: Knowledge;
  log: Log;
}

/** What of a held command this reads and writes. */
export interface Asking {
  execId: string;
  stop: AbortController;
  /** The generation of knowledge in which `cancelled` was known not to hold it; -1 = to be read. */
  clearedIn: number;
}

/**
 * Waits until everything that may forbid the command is known, and says what follows. Nothing is decided before a sync
 * has confirmed this PC: until then its clock may be wrong by days, and it may not be the PC that is meant any more.
 */
export async function untilKnown(
  by: KnownBy,
  held: Asking,
  command: Command,
  expiresAt: number,
): Promise<'go' | { reason: string; detail?: string }> {
  const { clock, knowledge, standing, log, nats } = by;
  const { signal } = held.stop;
  for (;;) {
    if (signal.aborted) throw signal.reason;
    const connection = nats();
    try {
      if (standing.confirmed && connection?.connected) {
        if (clock() >= expiresAt) return { reason: 'expired' };
        const { generation } = knowledge;
        const answer = await gate(knowledge, { command, execId: held.execId, readCancelled: held.clearedIn !== generation });
        if (answer.kind === 'skip') return answer;
        held.clearedIn = generation;
        if (generation === knowledge.generation && standing.confirmed && connection.connected)
          return clock() >= expiresAt ? { reason: 'expired' } : 'go';
        continue;
      }
    } catch (error) {
      log.warn({ execId: held.execId, error: messageOf(error) }, 'whether it may run is not known yet: it waits');
    }
    await orStopped(sleepOrWake(1000, standing.synced, signal), signal);
  }
}
