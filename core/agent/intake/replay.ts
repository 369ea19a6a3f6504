import { messageOf } from '#core/contract/errors.ts';
import type { Log } from '#core/contract/log.ts';
import { replayDurable } from '#core/contract/subjects.ts';
import type { BrokerClock } from '#core/nats/broker-clock.ts';
import { CONSUMER_NOT_FOUND, isJetStreamError, type Nats, STREAM_NOT_FOUND } from '#core/nats/connection.ts';
import { consumerInfo } from '#core/nats/jetstream.ts';
import { drain, PullEnded } from '#core/nats/pull.ts';
import { FIRST_BACKOFF, nextBackoff, sleepOrWake, Wake, withJitter } from '#core/nats/retry.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { type CatchUp, DRAIN_AWAITED } from './catch-up.ts';
import type { Intake } from './intake.ts';
import type { Knowledge } from './knowledge.ts';
import type { Standing } from './standing.ts';

export interface ReplayParts {
  nats: Nats;
  pcId: string;
  clock: BrokerClock;
  random: () => number;
  ledger: Ledger;
  standing: Standing;
  catchUp: CatchUp;
  knowledge: Knowledge;
  intake: Intake;
  log: Log;
  /** A heartbeat now: its replay state has changed. */
  beat: () => void;
  signal: AbortSignal;
}

/** Milliseconds. */
const NAK_DELAY = 60_000;
/** Until what is signed by an unknown key may be handed out again; it is drained once the key has been asked for. */
export const ASKING_DELAY = 1000;
const PARKED_AT_MOST = 256;

/** How long the backend has to make a durable anew that holds back what it gave to an earlier life of this agent. */
const HELD_AT_MOST = 5000;
/** Said again that it waits after 1, 3, 7 and 15 s, then with every heartbeat. */
const LAST_WAITING_PAUSE = 8000;

export type ReplayState = 'waiting' | 'missing' | 'held' | 'ready';

/**
 * Brings this PC everything that EXEC holds for it. States, told in the heartbeat: waiting (no sync has confirmed this
 * PC since the connection came up) -> missing (its durable is not there: the backend makes it) or held (the durable has
 * given out what nobody acknowledged, because the agent died or the connection did, and would keep it for its ack wait,
 * while newer commands overtake it: the backend makes it anew) -> ready (drained at least once since the connection
 * came up). The durable is drained, not kept open (design section 4): at connect, after each sync, 30-60 s after a live
 * command that was not taken, every minute while something that was handed out is unacknowledged, and whenever it is told
 * to (every 10 minutes). Live commands wait for the first drain, 60 s at most, so that what waited for this PC starts
 * before what is new.
 */
export class Replay {
  readonly #p: ReplayParts;
  readonly #wake = new Wake();
  readonly #ready = new Wake();
  /** The durable has handed out something that is not acknowledged: by us, or by this agent before it died. */
  #unsettled = false;
  #state: ReplayState = 'waiting';
  #drainAt = Number.POSITIVE_INFINITY;
  #connectedAt = performance.now();
  /** Live commands that wait. */
  #parked = 0;

  constructor(parts: ReplayParts) {
    this.#p = parts;
  }

  get state(): ReplayState {
    return this.#state;
  }

  /**
   * A live command came and was not taken: the durable holds it too. One that was taken is acknowledged there by the next
   * drain, whenever that is: should it be delivered again before, the ledger knows it, and 10,000 PCs that drain
   * within a minute of one command keep a broker busy for as long.
   */
  missedLive(): void {
    const at = performance.now() + 30_000 + this.#p.random() * 30_000;
    if (at < this.#drainAt) {
      this.#drainAt = at;
      this.#wake.fire();
    }
  }

  /** Drain as soon as may be: the connection is back, or the backend said so. */
  now(): void {
    this.#p.catchUp.behind();
    this.#drainAt = 0;
    this.#wake.fire();
  }

  /**
   * Whether a live command may be taken: once this PC is confirmed and has drained, or 60 s after the connection came up.
   * One that would have to wait longer, or beside too many others, is let go: the durable holds it too.
   */
  async liveMayRun(signal: AbortSignal): Promise<boolean> {
    const { standing } = this.#p;
    const began = performance.now();
    if (this.#parked >= PARKED_AT_MOST) return false;
    this.#parked++;
    try {
      while (!signal.aborted) {
        const connectedFor = performance.now() - this.#connectedAt;
        if (standing.confirmed && (this.#state === 'ready' || connectedFor >= DRAIN_AWAITED)) return true;
        const left = DRAIN_AWAITED - (performance.now() - began);
        if (left <= 0) return false;
        const due = standing.confirmed ? Math.max(1, DRAIN_AWAITED - connectedFor) : left;
        await sleepOrWake(Math.min(due, left), this.#ready, signal).catch(() => {});
      }
      return false;
    } finally {
      this.#parked--;
    }
  }

  async run(): Promise<void> {
    const { nats, standing, catchUp, signal, log, random } = this.#p;
    let connection = -1;
    let backoff = FIRST_BACKOFF;
    while (!signal.aborted) {
      try {
        if (!nats.connected) {
          await sleepOrWake(5000, nats.tracker.connectedAgain, signal);
          continue;
        }
        if (connection !== nats.tracker.disconnections) {
          connection = nats.tracker.disconnections;
          this.#connectedAt = performance.now();
          catchUp.behind();
          this.#become('waiting');
        }
        if (!standing.confirmed) {
          this.#become('waiting');
          await this.#untilConfirmed(connection);
          continue;
        }
        if (this.#state !== 'ready') await this.#bind();
        this.#drainAt = Number.POSITIVE_INFINITY;
        await catchUp.by(() => this.#drain());
        backoff = FIRST_BACKOFF;
        this.#become('ready');
        await this.#untilDue();
      } catch (error) {
        if (signal.aborted) return;
        if (isGone(error)) this.#become('missing');
        else log.warn({ error: messageOf(error) }, 'the replay durable cannot be read: trying again');
        await sleepOrWake(withJitter(backoff, random), this.#wake, signal).catch(() => {});
        backoff = nextBackoff(backoff);
      }
    }
  }

  /** The first time it was said that this PC waits, nobody may have been listening. */
  async #untilConfirmed(connection: number): Promise<void> {
    const { nats, standing, signal, random } = this.#p;
    let pause = FIRST_BACKOFF;
    let beatAt = performance.now() + withJitter(pause, random);
    while (!standing.confirmed && nats.connected && nats.tracker.disconnections === connection) {
      await sleepOrWake(Math.min(30_000, Math.max(0, beatAt - performance.now())), standing.synced, signal);
      // A sync that refuses us ends the sleep as well, and is not to be answered with another heartbeat.
      if (standing.confirmed || performance.now() < beatAt) continue;
      this.#p.beat();
      pause = nextBackoff(pause);
      beatAt = pause > LAST_WAITING_PAUSE ? Number.POSITIVE_INFINITY : performance.now() + withJitter(pause, random);
    }
  }

  /** CONSUMER.INFO says that the durable is there, and what time it is, before anything is judged. */
  async #bind(): Promise<void> {
    const { standing, signal } = this.#p;
    const until = performance.now() + HELD_AT_MOST;
    await this.#look();
    while (this.#unsettled && performance.now() < until) {
      this.#become('held');
      await sleepOrWake(until - performance.now(), standing.synced, signal);
      await this.#look();
    }
  }

  async #look(): Promise<void> {
    const info = await consumerInfo(this.#p.nats, 'EXEC', replayDurable(this.#p.pcId));
    // Where what is said is signed, the time is too: the broker could make an old command new again.
    if (this.#p.nats.seal === undefined) this.#p.clock.anchor(Date.parse(info.ts));
    this.#unsettled = info.num_ack_pending > 0;
  }

  async #drain(): Promise<void> {
    const { nats, pcId, intake, standing, signal } = this.#p;
    const { epoch } = standing;
    let some = false;
    for await (const messages of drain(nats, 'EXEC', replayDurable(pcId), { batch: 64, signal })) {
      some = true;
      for (const message of messages) {
        const { subject, data: bytes, seq, stored: storedAt } = message;
        const header = (name: string) => message.header(name);
        const intaken = await intake.take({ subject, bytes, header, seq, storedAt });
        if (intaken === 'taken') message.ack();
        else message.nak(intaken === 'later' ? NAK_DELAY : ASKING_DELAY);
      }
    }
    if (some || this.#unsettled) await this.#settle(epoch);
  }

  /**
   * What is wholly in the ledger is what the durable holds as acknowledged, and not what was handed out last: something
   * before that may have been handed out to this agent before it died, and comes back only after its ack wait.
   */
  async #settle(epoch: string): Promise<void> {
    const { nats, pcId, ledger, standing } = this.#p;
    const { ack_floor, num_ack_pending } = await consumerInfo(nats, 'EXEC', replayDurable(pcId));
    this.#unsettled = num_ack_pending > 0;
    if (this.#unsettled) this.#drainAt = Math.min(this.#drainAt, performance.now() + NAK_DELAY + 1000);
    // A sync that came meanwhile may have told of another stream, whose sequences these are not.
    if (ack_floor.stream_seq > 0 && standing.epoch === epoch) await ledger.setFloor(epoch, ack_floor.stream_seq);
  }

  async #untilDue(): Promise<void> {
    const { nats, signal } = this.#p;
    const connection = nats.tracker.disconnections;
    while (!signal.aborted && nats.tracker.disconnections === connection) {
      const wait = this.#drainAt - performance.now();
      if (wait <= 0) return;
      await sleepOrWake(Math.min(wait, 60_000), this.#wake, signal);
    }
  }

  #become(state: ReplayState): void {
    if (this.#state === state && state !== 'missing') return;
    this.#state = state;
    if (state === 'ready') this.#ready.fire();
    this.#p.beat();
  }
}

function isGone(error: unknown): boolean {
  return (
    isJetStreamError(error, CONSUMER_NOT_FOUND, STREAM_NOT_FOUND) ||
    (error instanceof PullEnded && (error.status === 503 || error.status === 409))
  );
}
