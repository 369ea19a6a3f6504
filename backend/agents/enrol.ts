import { decode, encode } from '#core/contract/codec.ts';
import { Pong } from '#core/contract/control.ts';
import { KanadeError, messageOf } from '#core/contract/errors.ts';
import type { Heartbeat } from '#core/contract/heartbeat.ts';
import type { Log } from '#core/contract/log.ts';
import { AgentEntry } from '#core/contract/registry.ts';
import { unlessForged } from '#core/contract/sealed.ts';
import { instant } from '#core/contract/time.ts';
import type { Nats } from '#core/nats/connection.ts';
import { kvGet } from '#core/nats/direct-get.ts';
import { kvCompareAndSet, kvCreate } from '#core/nats/kv.ts';
import type { Agents } from './agents.ts';
import { askAll } from './ask-agent.ts';
import { ONLINE_FOR } from './beats.ts';
import { decideEnrolment, isAlive, reenrolled } from './decide-enrolment.ts';
import type { Durables } from './durables.ts';
import { Pace } from './pace.ts';
import { sayAgentEvent } from './say-agent-event.ts';

export interface EnrolContext {
  nats: Nats;
  agents: Agents;
  durables: Durables;
  /** Without identities a PC is enrolled by its first heartbeat; with them only by the API (enrolment/enrol.ts). */
  open: boolean;
  clock: () => number;
  log: Log;
}

/** How long a PC's rival has to answer. Milliseconds. */
const ASK_FOR = 2000;
/** The same trouble of one PC is reported again after this long. */
const REPORT_AGAIN = 3600_000;

/** An agent that connects sends a handful of heartbeats within seconds; what is beyond that waits for the next. */
const FOLLOWED = { times: 20, every: 10_000 };
/** Whether a PC runs twice is asked this rarely, though it starts more often. Longer than the asking takes. Milliseconds. */
const LOOK_FOR_COPY_EVERY = 30_000;
/** What a PC says of itself is written this rarely, though it changes more often. Milliseconds. */
const REFRESH_EVERY = 60_000;

/** Characters of an instant that are its day, and its hour: PCs that are retired for their silence are written more often. */
const DAY_OF = 10;
const HOUR_OF = 13;

interface Heard {
  heartbeat: Heartbeat;
  /** Another running copy of that PC's disk is about. */
  copy: boolean;
}

/**
 * Lease holder only: turns heartbeats into registry entries. One PC is looked at by one heartbeat at a time, so that
 * what takes a while (asking who else answers) is not begun twice.
 */
export class Enrolment {
  readonly #ctx: EnrolContext;
  /** The PCs of which a heartbeat is being looked at, with the one that came meanwhile. */
  readonly #busy = new Map<string, Heard | undefined>();
  readonly #followed: Pace;
  readonly #copyLooks: Pace;
  readonly #refreshes: Pace;
  readonly #reported = new Map<string, number>();
  /** The instance of each PC that was last told where it stands. */
  readonly #synced = new Map<string, string>();
  /** When two running copies of a PC's disk were last heard. */
  readonly #copies = new Map<string, number>();

  constructor(ctx: EnrolContext) {
    this.#ctx = ctx;
    this.#followed = new Pace(FOLLOWED.every, ctx.clock, { times: FOLLOWED.times });
    this.#copyLooks = new Pace(LOOK_FOR_COPY_EVERY, ctx.clock);
    this.#refreshes = new Pace(REFRESH_EVERY, ctx.clock);
  }

  /** A heartbeat that comes while an earlier one of the same PC is looked at is looked at next, the latest only. */
  async hear(heartbeat: Heartbeat, copy: boolean): Promise<void> {
    const pc = heartbeat.pc_id;
    if (heartbeat.stopping || !this.#followed.may(pc)) return;
    if (this.#busy.has(pc)) {
      this.#busy.set(pc, { heartbeat, copy: copy || this.#busy.get(pc)?.copy === true });
      return;
    }
    for (let next: Heard | undefined = { heartbeat, copy }; next !== undefined; next = this.#busy.get(pc)) {
      this.#busy.set(pc, undefined);
      try {
        await this.#judge(pc, next.heartbeat, next.copy);
      } catch (error) {
        this.#ctx.log.warn({ pc, error: messageOf(error) }, 'a heartbeat could not be followed up: the next one will be');
      }
    }
    this.#busy.delete(pc);
  }

  async #judge(pc: string, heartbeat: Heartbeat, copy: boolean): Promise<void> {
    const { agents, nats } = this.#ctx;
    const ledger = heartbeat.ledger_id;
    // The mirror may be behind what another holder wrote: where it matters the bucket itself is asked.
    let entry = agents.entry(pc)?.entry;
    let decision = decideEnrolment(entry, ledger);
    let revision = agents.entry(pc)?.revision ?? 0;
    if (decision.kind !== 'known') {
      // An entry that nobody has sealed whom we believe is no entry: it is written over.
      const stored = await kvGet(nats, 'agents', pc).catch(unlessForged);
      entry = stored && decode(AgentEntry, stored.value);
      revision = stored?.revision ?? 0;
      decision = decideEnrolment(entry, ledger);
    }
    if (copy) this.#copies.set(pc, this.#ctx.clock());
    const copied = this.#isCopied(pc);
    if (copied && decision.kind === 'known') decision = { kind: 'conflict' };

    switch (decision.kind) {
      case 'enrol':
        return this.#ctx.open ? this.#enrol(pc, heartbeat) : this.#stranger(pc);
      case 'adopt':
        return this.#adopt(pc, heartbeat, entry!, revision);
      case 'ask':
        if (await this.#isAlive(pc, entry!)) return this.#conflict(pc, heartbeat, copied);
        return this.#reenrol(pc, heartbeat, entry!, revision);
      case 'conflict':
        return this.#conflict(pc, heartbeat, copied);
      case 'retired':
        agents.refuse(pc, 'retired');
        // It learns its new name when it asks why.
        if (entry!.renamed_to !== undefined) return;
        return this.#report(pc, 'retired_seen', undefined, 'a retired PC still sends heartbeats');
      case 'known':
        return this.#known(pc, heartbeat, entry!, revision);
    }
  }

  async #enrol(pc: string, heartbeat: Heartbeat): Promise<void> {
    const now = instant(this.#ctx.clock());
    const entry: AgentEntry = { pc_id: pc, enrolled_at: now, first_seen: now, last_seen: now, ...described(heartbeat) };
    const revision = await kvCreate(this.#ctx.nats, 'agents', pc, encode(entry));
    if (revision === undefined) return;
    await this.#welcome(entry, revision, `enrolled at ${now}`);
  }

  /** Its credential outlives its entry, which somebody deleted. */
  #stranger(pc: string): void {
    this.#ctx.agents.refuse(pc, 'not_enrolled');
    if (!this.#stillReported(`stranger.${pc}`)) this.#ctx.log.warn({ pc }, 'a PC that is not enrolled sends heartbeats: it is refused');
    this.#reported.set(`stranger.${pc}`, this.#ctx.clock());
  }

  /** Enrolled by the API, which did not hear of a ledger: the one that its key says is it. */
  async #adopt(pc: string, heartbeat: Heartbeat, entry: AgentEntry, revision: number): Promise<void> {
    const next = { ...entry, ...described(heartbeat) };
    this.#ctx.agents.accept(next, await kvCompareAndSet(this.#ctx.nats, 'agents', pc, encode(next), revision));
    await this.#ctx.durables.ensureOnce(pc, heartbeat.replay);
    this.#ctx.agents.sync([pc]);
  }

  async #reenrol(pc: string, heartbeat: Heartbeat, entry: AgentEntry, revision: number): Promise<void> {
    const now = instant(this.#ctx.clock());
    const next = { ...reenrolled(entry, heartbeat.ledger_id, now), ...described(heartbeat) };
    const written = await kvCompareAndSet(this.#ctx.nats, 'agents', pc, encode(next), revision);
    await this.#ctx.durables.drop(pc);
    await this.#welcome(next, written, 'its data folder is new: enrolled again, and nothing issued before now runs there');
  }

  async #welcome(entry: AgentEntry, revision: number, detail: string): Promise<void> {
    const { agents, durables, nats, clock } = this.#ctx;
    const pc = entry.pc_id;
    agents.setConflict(pc, false);
    agents.accept(entry, revision);
    await durables.ensure(pc, undefined);
    agents.sync([pc]);
    await sayAgentEvent(nats, clock, pc, 'enrolled', { detail });
  }

  /**
   * Whether the PC that is enrolled is about, beside the newcomer that takes its id. Between two of which it is known,
   * one that is disconnected for a moment does not lose its place: it has to be silent for as long as it counts as online.
   */
  async #isAlive(pc: string, entry: AgentEntry): Promise<boolean> {
    const { agents, nats } = this.#ctx;
    const answered = (await askAll(nats, pc, {}, Pong, ASK_FOR)).map((pong) => pong.heartbeat.ledger_id);
    if (isAlive(entry, answered)) return true;
    return agents.inConflict(pc) && entry.ledger_id !== undefined && agents.beats.heardLately(pc, entry.ledger_id);
  }

  async #known(pc: string, heartbeat: Heartbeat, entry: AgentEntry, revision: number): Promise<void> {
    const { agents, durables } = this.#ctx;
    if (agents.inConflict(pc) && !agents.beats.hasRival(pc, entry.ledger_id)) agents.setConflict(pc, false);
    const state = heartbeat.replay?.state;
    const instance = heartbeat.instance ?? '';
    const before = this.#synced.get(pc);
    if (state === 'missing') await durables.ensure(pc, heartbeat.replay);
    else if (state === 'held') await durables.renew(pc, heartbeat.replay);
    else if (state === 'waiting' || before !== instance) await durables.ensureOnce(pc, heartbeat.replay);
    if (state !== 'ready' || before !== instance) {
      agents.sync([pc]);
      this.#synced.set(pc, instance);
    }
    // Asking takes a while, and what it waits for it has by now.
    if (before !== undefined && before !== instance && this.#copyLooks.may(pc)) void this.#lookForCopy(pc, heartbeat);
    await this.#refresh(pc, heartbeat, entry, revision);
  }

  /** Another instance of the same ledger than before: a restart, or a copy of that disk beside the first. */
  async #lookForCopy(pc: string, heartbeat: Heartbeat): Promise<void> {
    const { nats, clock, log } = this.#ctx;
    try {
      const answered = (await askAll(nats, pc, {}, Pong, ASK_FOR)).map((pong) => pong.heartbeat);
      if (!answered.some(({ ledger_id, instance }) => ledger_id === heartbeat.ledger_id && instance !== heartbeat.instance)) return;
      this.#copies.set(pc, clock());
      await this.#conflict(pc, heartbeat, true);
    } catch (error) {
      log.warn({ pc, error: messageOf(error) }, 'whether two copies of a PC run could not be found out: their heartbeats will tell');
    }
  }

  #isCopied(pc: string): boolean {
    const at = this.#copies.get(pc);
    return at !== undefined && this.#ctx.clock() - at < ONLINE_FOR;
  }

  /** The registry's copy of what a PC says of itself is written when it changed, at most once a minute, and `last_seen` once a day or hour. */
  async #refresh(pc: string, heartbeat: Heartbeat, entry: AgentEntry, revision: number): Promise<void> {
    const now = instant(this.#ctx.clock());
    const said = described(heartbeat);
    const changed = (['version', 'hostname', 'os', 'tz'] as const).some((key) => said[key] !== undefined && said[key] !== entry[key]);
    const often = entry.ephemeral_days === undefined ? DAY_OF : HOUR_OF;
    if (!changed && now.slice(0, often) === entry.last_seen.slice(0, often)) return;
    if (!this.#refreshes.may(pc)) return;
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
    await this.#report(pc, 'conflict', 'pc_id_conflict', `two PCs answer to ${pc}: this one (${who}) is refused`);
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
