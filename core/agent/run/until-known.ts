import type { Command } from '#core/contract/command.ts';
import { messageOf } from '#core/contract/errors.ts';
import type { Log } from '#core/contract/log.ts';
import type { Nats } from '#core/nats/connection.ts';
import { sleepOrWake } from '#core/nats/retry.ts';
import type { CatchUp } from '../intake/catch-up.ts';
import type { Knowledge } from '../intake/knowledge.ts';
import type { Standing } from '../intake/standing.ts';
import { fireOf } from '../ledger/fires.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { gate } from './gates.ts';
import { orStopped } from './stopped.ts';
import { superseded } from './superseded.ts';

export interface KnownBy {
  /** Milliseconds since 1970 of the broker's clock. */
  clock: () => number;
  nats: () => Nats | undefined;
  ledger: Ledger;
  catchUp: CatchUp;
  standing: Standing;
  knowledge: Knowledge;
  /** Milliseconds, monotonic. */
  mono: () => number;
  log: Log;
}

/** What of a held command this reads and writes. */
export interface Asking {
  execId: string;
  stop: AbortController;
  /** When it was last known not to be cancelled; undefined = to be read. */
  cleared: Cleared | undefined;
}

/** Why a command is not run after all. */
export interface Skip {
  reason: string;
  detail?: string;
}

/** That a command is not cancelled: in this generation of knowledge, at this time of the monotonic clock (milliseconds). */
export interface Cleared {
  generation: number;
  at: number;
}

/**
 * Milliseconds for which that counts. A command that comes live was not cancelled when it was sent and proves the link;
 * one that had to wait (its turn, a disk, a link that may be dead without our knowing) is asked about again.
 */
const CLEARED_FOR = 2000;
/** Milliseconds by which a fire may lie in the future and supersede all the same: later ones are of a clock that was wrong. */
const AHEAD_AT_MOST = 86_400_000;

/**
 * Waits until everything that may forbid the command is known, and says what follows. Nothing is decided before a sync
 * has confirmed this PC: until then its clock may be wrong by days, and it may not be the PC that is meant any more. Of a
 * fire nothing is decided before the queue is drained.
 */
export async function untilKnown(by: KnownBy, held: Asking, command: Command, expiresAt: number): Promise<'go' | Skip> {
  const { catchUp, clock, knowledge, ledger, mono, standing, log, nats } = by;
  const { signal } = held.stop;
  const fire = fireOf(command);
  const caughtUp = () => fire === undefined || catchUp.done;
  /** What takes no asking. */
  const tooLate = () => {
    const now = clock();
    return now >= expiresAt ? { reason: 'expired' } : fire && superseded(fire, ledger.newestFire(fire.scheduleId, now + AHEAD_AT_MOST));
  };
  for (;;) {
    if (signal.aborted) throw signal.reason;
    const connection = nats();
    try {
      if (standing.confirmed && connection?.connected && caughtUp()) {
        const late = tooLate();
        if (late) return late;
        const { generation } = knowledge;
        const at = mono();
        const readCancelled = held.cleared?.generation !== generation || at - held.cleared.at > CLEARED_FOR;
        const answer = await gate(knowledge, { command, execId: held.execId, readCancelled });
        if (answer.kind === 'skip') return answer;
        if (readCancelled) held.cleared = { generation, at };
        if (generation === knowledge.generation && standing.confirmed && connection.connected && caughtUp()) return tooLate() ?? 'go';
        continue;
      }
    } catch (error) {
      log.warn({ execId: held.execId, error: messageOf(error) }, 'whether it may run is not known yet: it waits');
    }
    await orStopped(sleepOrWake(1000, caughtUp() ? standing.synced : catchUp.ended, signal), signal);
  }
}
