import type { Heartbeat } from '#core/contract/heartbeat.ts';
import { replayDurable, replayFilters } from '#core/contract/subjects.ts';
import { CONSUMER_NOT_FOUND, isJetStreamError, type Nats } from '#core/nats/connection.ts';
import { inParallel } from '#core/nats/in-parallel.ts';
import { api, type ConsumerConfig, consumerInfo, consumersOf, createConsumer, deleteConsumer, streamInfo } from '#core/nats/jetstream.ts';
import type { Agents } from './agents.ts';
import { type ExecFound, replayFrom } from './exec-epoch.ts';

type Replay = Heartbeat['replay'];

/** Seconds until a command that a PC has taken and not acknowledged is delivered again; it naks after 60 s itself. */
const ACK_WAIT = 90;
/** JetStream's "consumer exists with another configuration". */
const OTHER_CONFIG = 10148;
const OTHER_CONFIG_OLD = 10105;

/**
 * Lease holder only: the replay durable of every PC. They live in the broker's memory, because the ledger on the PC
 * remembers what was taken: one that is lost costs a redelivery and nothing else (design section 4).
 */
export class Durables {
  readonly #nats: Nats;
  readonly #agents: Agents;
  readonly #epoch: () => string | undefined;
  readonly #known = new Map<string, string>();

  constructor(nats: Nats, agents: Agents, epoch: () => string | undefined) {
    this.#nats = nats;
    this.#agents = agents;
    this.#epoch = epoch;
  }

  /** All of them: at the start, on taking the lease, and after the broker was away. Creates what is missing. */
  async ensureAll(): Promise<void> {
    this.#known.clear();
    const there = new Map((await consumersOf(this.#nats, 'EXEC')).map(({ name, config }) => [name, Number(config.opt_start_seq ?? 0)]));
    const exec = await this.#exec();
    await inParallel(this.#agents.enrolled(), 64, async (pc) => {
      const start = there.get(replayDurable(pc));
      // One that begins beyond the end of the stream passes over all that is yet to come before it.
      if (start !== undefined && start > exec.lastSeq + 1) await this.drop(pc);
      else if (start !== undefined && this.#agents.groupsOf(pc).length === 0) return;
      await this.#make(pc, this.#agents.beats.get(pc)?.heartbeat.replay, exec);
    });
  }

  /** All of them, made anew: EXEC is another one, in which their places mean nothing. */
  async renewAll(): Promise<void> {
    this.#known.clear();
    const exec = await this.#exec();
    await inParallel(this.#agents.enrolled(), 64, async (pc) => {
      await this.drop(pc);
      await this.#make(pc, this.#agents.beats.get(pc)?.heartbeat.replay, exec);
    });
  }

  /**
   * The durable of one PC, filtering on what concerns it now. It begins behind what the PC's ledger wholly has, when that
   * is known; else when the PC was first seen, for what is older was never meant for it.
   */
  async ensure(pc: string, replay: Replay): Promise<void> {
    await this.#make(pc, replay, await this.#exec());
  }

  async #make(pc: string, replay: Replay, exec: ExecFound): Promise<void> {
    const filters = replayFilters(pc, this.#agents.groupsOf(pc));
    const from = replayFrom(replay, this.#epoch(), exec);
    const config: ConsumerConfig = {
      durable_name: replayDurable(pc),
      // One message a subject is all that EXEC keeps, so each of these is "the last of each subject since".
      ...(from === undefined ? this.#sinceFirstSeen(pc) : { deliver_policy: 'by_start_sequence', opt_start_seq: from }),
      ack_policy: 'explicit',
      ack_wait: ACK_WAIT * 1e9,
      max_ack_pending: 1000,
      filter_subjects: filters,
      mem_storage: true,
      num_replicas: 1,
    };
    try {
      await createConsumer(this.#nats, 'EXEC', config);
    } catch (error) {
      if (!isJetStreamError(error, OTHER_CONFIG, OTHER_CONFIG_OLD) && !/already exists|can not be updated/.test(String(error))) throw error;
      await this.#updateFilters(pc, filters);
    }
    this.#known.set(pc, filters.join(' '));
  }

  /** The same, but nothing when this holder has seen to it before and nothing changed; true when it did something. */
  async ensureOnce(pc: string, replay: Replay): Promise<boolean> {
    if (this.#known.get(pc) === replayFilters(pc, this.#agents.groupsOf(pc)).join(' ')) return false;
    await this.ensure(pc, replay);
    return true;
  }

  /** Made anew, so that what it gave to an agent that died comes at once and not after the ack wait. */
  async renew(pc: string, replay: Replay): Promise<void> {
    await this.drop(pc);
    await this.ensure(pc, replay);
  }

  async drop(pc: string): Promise<void> {
    this.#known.delete(pc);
    try {
      await deleteConsumer(this.#nats, 'EXEC', replayDurable(pc));
    } catch (error) {
      if (!isJetStreamError(error, CONSUMER_NOT_FOUND)) throw error;
    }
  }

  /** The stream itself is asked: what is remembered of it may be of one that is gone. */
  async #exec(): Promise<ExecFound> {
    const { created, state } = await streamInfo(this.#nats, 'EXEC');
    return { created, lastSeq: state.last_seq };
  }

  #sinceFirstSeen(pc: string): Pick<ConsumerConfig, 'deliver_policy' | 'opt_start_time'> {
    const first = this.#agents.entry(pc)?.entry.first_seen;
    return first === undefined ? { deliver_policy: 'all' } : { deliver_policy: 'by_start_time', opt_start_time: first };
  }

  async #updateFilters(pc: string, filters: string[]): Promise<void> {
    const name = replayDurable(pc);
    const { config } = await consumerInfo(this.#nats, 'EXEC', name);
    await api(this.#nats, `CONSUMER.CREATE.EXEC.${name}`, {
      stream_name: 'EXEC',
      config: { ...config, filter_subject: undefined, filter_subjects: filters },
      action: 'update',
    });
  }
}
