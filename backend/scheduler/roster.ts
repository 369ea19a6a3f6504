import { foldGroup } from '#core/contract/ids.ts';
import type { Schedule } from '#core/contract/schedule.ts';
import type { Agents } from '../agents/agents.ts';
import type { PcFacts } from './facts.ts';
import { zoneNamed } from './occurrences.ts';

/** The alive threshold of seed 004. Milliseconds. */
const ALIVE_FOR = 120_000;

/** The PCs as they are enrolled at one moment: 1,000 schedules ask for their members at every tick. */
export class Roster {
  readonly #agents: Agents;
  readonly #all: readonly string[];
  readonly #groups = new Map<string, string[]>();
  /** By the target as a schedule holds it: it is another object when the schedule is changed. */
  readonly #members = new WeakMap<Schedule['target'], readonly string[]>();

  constructor(agents: Agents) {
    this.#agents = agents;
    this.#all = [...agents.enrolled()].sort();
    for (const pc of this.#all) {
      for (const name of agents.groupsOf(pc)) {
        const group = foldGroup(name);
        const members = this.#groups.get(group);
        if (members) members.push(pc);
        else this.#groups.set(group, [pc]);
      }
    }
  }

  /**
   * Whom a schedule means: the union of what its target names, sorted. Named PCs that are not enrolled are left out. Throws
   * `not_ready` or `group_corrupt` when it cannot be told who is in a dynamic group of it.
   */
  members(target: Schedule['target']): readonly string[] {
    let members = this.#members.get(target);
    if (members === undefined) {
      members = this.#resolve(target);
      this.#members.set(target, members);
    }
    return members;
  }

  #resolve({ all, groups = [], pcs = [] }: Schedule['target']): readonly string[] {
    if (all) return this.#all;
    const found = new Set(
      groups.flatMap((group) => [...(this.#groups.get(foldGroup(group)) ?? []), ...this.#agents.dynamicMembers(group)]),
    );
    const enrolled = pcs.length === 0 ? undefined : new Set(this.#all);
    for (const pc of pcs) if (enrolled!.has(pc.toUpperCase())) found.add(pc.toUpperCase());
    return [...found].sort();
  }

  /** Whether those are all there are. */
  isEverybody(pcs: readonly string[]): boolean {
    return pcs.length === this.#all.length && pcs.every((pc, n) => pc === this.#all[n]);
  }

  /** PCs that a target names itself count as alive: whoever wrote their names wants it queued for them (seed 004). */
  facts(pc: string, named: ReadonlySet<string>): PcFacts {
    return {
      pc,
      zone: zoneOf(this.#agents, pc),
      alive: named.has(pc) || this.isAlive(pc),
      since: this.enrolledAt(pc),
    };
  }

  /** The zones these PCs are in, each once. */
  zonesOf(pcs: readonly string[]): string[] {
    return [...new Set(pcs.flatMap((pc) => zoneOf(this.#agents, pc) ?? []))];
  }

  isAlive(pc: string): boolean {
    return this.#agents.beats.heardWithin(pc, ALIVE_FOR);
  }

  /** When it was enrolled, milliseconds since 1970: what it did before was another installation. */
  enrolledAt(pc: string): number {
    return Date.parse(this.#agents.entry(pc)?.entry.enrolled_at ?? '') || 0;
  }
}

/** The zone a PC last said it is in, however long ago, as IANA spells it; undefined when it never did, or said nonsense. */
function zoneOf(agents: Agents, pc: string): string | undefined {
  const zone = agents.beats.get(pc)?.heartbeat.tz ?? agents.entry(pc)?.entry.tz;
  return zone === undefined ? undefined : zoneNamed(zone);
}
