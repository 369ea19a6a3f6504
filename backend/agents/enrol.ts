import { decode, encode } from '#core/contract/codec.ts';
import { Pong } from '#core/contract/control.ts';
import { KanadeError, messageOf } from '#core/contract/errors.ts';
import type { Heartbeat } from '#core/contract/heartbeat.ts';
import { AgentEntry } from '#core/contract/registry.ts';
import { instant } from '#core/contract/time.ts';
import type { Nats } from '#core/nats/connection.ts';
import { kvGet } from '#core/nats/direct-get.ts';
import { streamInfo } from '#core/nats/jetstream.ts';
import { kvCompareAndSet, kvCreate } from '#core/nats/kv.ts';
import type { Log } from '../exec/context.ts';
import type { Agents } from './agents.ts';
import { askAll } from './ask-agent.ts';
import { decideEnrolment, isAlive, reenrolled } from './decide-enrolment.ts';
import type { Durables } from './durables.ts';
import { sayAgentEvent } from './say-agent-event.ts';

export interface EnrolContext {
  nats: Nats;
  agents: Agents;
  durables: Durables;
  clock: () => number;
  log: Log;
}

/** How long a PC's rival has to answer. Milliseconds. */
const ASK_FOR = 2000;
/** The same trouble of one PC is reported again after this long. */
const REPORT_AGAIN = 3600_000;

/**
 * Lease holder only: turns heartbeats into registry entries. One PC is looked at by one heartbeat at a time, so that
 * what takes a while (asking who else answers) is not begun twice.
 */
export class Enrolment {
  readonly #ctx: EnrolContext;
  readonly #busy = new Set<string>();
  readonly #reported = new Map<string, number>();
  readonly #synced = new Map<string, string>();

  constructor(ctx: EnrolContext) {
    this.#ctx = ctx;
  }

  async hear(heartbeat: Heartbeat, copy: boolean): Promise<void> {
    const pc = heartbeat.pc_id;
    if (this.#busy.has(pc) || heartbeat.stopping) return;
    this.#busy.add(pc);
    try {
      await this.#judge(pc, heartbeat, copy);
    } catch (error) {
      this.#ctx.log.warn({ pc, error: messageOf(error) }, 'a heartbeat could not be followed up: the next one will be');
    } finally {
      this.#busy.delete(pc);
    }
  }

  async #judge(pc: string, heartbeat: Heartbeat, copy: boolean): Promise<void> {
    const { agents, nats } = this.#ctx;
    const ledger = heartbeat.ledger_id;
    // The mirror may be behind what another holder wrote: where it matters the bucket itself is asked.
    let entry = agents.entry(pc)?.entry;
    let decision = decideEnrolment(entry, ledger);
    let revision = agents.entry(pc)?.revision ?? 0;
    if (decision.kind !== 'known') {
      const stored = await kvGet(nats, 'agents', pc);
      entry = stored && decode(AgentEntry, stored.value);
      revision = stored?.revision ?? 0;
      decision = decideEnrolment(entry, ledger);
    }
    if (copy && decision.kind === 'known') decision = { kind: 'conflict' };

    switch (decision.kind) {
      case 'enrol':
        return this.#enrol(pc, heartbeat);
      case 'ask': {
        const answered = (await askAll(nats, pc, {}, Pong, ASK_FOR)).map((pong) => pong.heartbeat.ledger_id);
        if (isAlive(entry!, answered)) return this.#conflict(pc, heartbeat, copy);
        return this.#reenrol(pc, heartbeat, entry!, revision);
      }
      case 'conflict':
        return this.#conflict(pc, heartbeat, copy);
      case 'retired':
        agents.refuse(pc, 'retired');
        return this.#report(pc, 'retired_seen', undefined, 'a retired PC still sends heartbeats');
      case 'known':
        return this.#known(pc, heartbeat, entry!, revision);
    }
  }

  async #enrol(pc: string, heartbeat: Heartbeat): Promise<void> {
    // What EXEC holds already was issued before this PC was known: nothing of it is for this PC, so none of it is replayed.
    const { state } = await streamInfo(this.#ctx.nats, 'EXEC');
    const now = instant(this.#ctx.clock());
    const entry: AgentEntry = { pc_id: pc, enrolled_at: now, first_seen: now, last_seen: now, ...described(heartbeat) };
    const revision = await kvCreate(this.#ctx.nats, 'agents', pc, encode(entry));
    if (revision === undefined) return;
    await this.#welcome(entry, revision, `enrolled at ${now}`, state.last_seq);
  }

  async #reenrol(pc: string, heartbeat: Heartbeat, entry: AgentEntry, revision: number): Promise<void> {
    const now = instant(this.#ctx.clock());
    const next = { ...reenrolled(entry, heartbeat.ledger_id, now), ...described(heartbeat) };
    const written = await kvCompareAndSet(this.#ctx.nats, 'agents', pc, encode(next), revision);
    await this.#ctx.durables.drop(pc);
    await this.#welcome(next, written, 'its data folder is new: enrolled again, and nothing issued before now runs there');
  }

  async #welcome(entry: AgentEntry, revision: number, detail: string, after?: number): Promise<void> {
    const { agents, durables, nats, clock } = this.#ctx;
    const pc = entry.pc_id;
    agents.setConflict(pc, false);
    agents.accept(entry, revision);
    await durables.ensure(pc, after === undefined ? undefined : { state: 'waiting', floor: after, epoch: agents.epoch });
    agents.sync([pc]);
    await sayAgentEvent(nats, clock, pc, 'enrolled', { detail });
  }

  async #known(pc: string, heartbeat: Heartbeat, entry: AgentEntry, revision: number): Promise<void> {
    const { agents, durables } = this.#ctx;
    if (agents.inConflict(pc) && !this.#stillReported(`conflict.${pc}`)) agents.setConflict(pc, false);
    const state = heartbeat.replay?.state;
    const instance = heartbeat.instance ?? '';
    if (state === 'missing') await durables.ensure(pc, heartbeat.replay);
    if (state === 'waiting' || state === 'missing' || this.#synced.get(pc) !== instance) {
      if (state !== 'missing') await durables.ensureOnce(pc, heartbeat.replay);
      agents.sync([pc]);
      this.#synced.set(pc, instance);
    }
    await this.#refresh(pc, heartbeat, entry, revision);
  }

  /** The registry's copy of what a PC says of itself is written when it changed, and `last_seen` once a day. */
  async #refresh(pc: string, heartbeat: Heartbeat, entry: AgentEntry, revision: number): Promise<void> {
    const now = instant(this.#ctx.clock());
    const said = described(heartbeat);
    const changed = (['version', 'hostname', 'os', 'tz'] as const).some((key) => said[key] !== undefined && said[key] !== entry[key]);
    if (!changed && now.slice(0, 10) === entry.last_seen.slice(0, 10)) return;
    try {
      await kvCompareAndSet(
        this.#ctx.nats,
        'agents',
        pc,
        encode({ ...entry, ...said, ledger_id: entry.ledger_id, last_seen: now }),
        revision,
      );
    } catch (error) {
      // Somebody else wrote it meanwhile; the next heartbeat compares again.
      if (!(error instanceof KanadeError && error.code === 'precondition_failed')) throw error;
    }
  }

  async #conflict(pc: string, heartbeat: Heartbeat, copy: boolean): Promise<void> {
    const { agents } = this.#ctx;
    agents.setConflict(pc, true);
    // Of two ledgers the enrolled one goes on; of two copies of one ledger nobody can tell which is the PC.
    if (copy) agents.refuse(pc, 'conflict');
    else agents.sync([pc]);
    const who = [heartbeat.hostname, heartbeat.ledger_id].filter(Boolean).join(', ledger ');
    await this.#report(pc, 'conflict', 'folder_in_use', `two PCs answer to ${pc}: this one (${who}) is refused`);
  }

  async #report(pc: string, kind: 'conflict' | 'retired_seen', code: string | undefined, detail: string): Promise<void> {
    if (this.#stillReported(`${kind}.${pc}`)) return;
    this.#reported.set(`${kind}.${pc}`, this.#ctx.clock());
    await sayAgentEvent(this.#ctx.nats, this.#ctx.clock, pc, kind, { detail, ...(code === undefined ? {} : { code }) });
  }

  #stillReported(key: string): boolean {
    const at = this.#reported.get(key);
    return at !== undefined && this.#ctx.clock() - at < REPORT_AGAIN;
  }
}

function described(heartbeat: Heartbeat): Pick<AgentEntry, 'ledger_id' | 'version' | 'hostname' | 'os' | 'tz'> {
  const { ledger_id, version, hostname, os, tz } = heartbeat;
  return { ledger_id, version, hostname, os, tz };
}
