import { foldPcId, isId } from './ids.ts';
import { isSectionName } from './inventory.ts';

/** Every subject of the contract (design section 3). Builders take folded pc ids; parsers fold. */
export const subjects = {
  commandPc: (pc: string, exec: string) => `commands.pc.${pc}.${exec}`,
  commandAll: (exec: string) => `commands.all.${exec}`,
  submitted: (exec: string) => `executions.submitted.${exec}`,
  cancelled: (exec: string) => `executions.cancelled.${exec}`,
  lost: (exec: string) => `executions.lost.${exec}`,
  started: (exec: string, pc: string) => `events.started.${exec}.${pc}`,
  agentEvent: (kind: string, pc: string) => `events.agent.${kind}.${pc}`,
  result: (exec: string, pc: string) => `results.${exec}.${pc}`,
  output: (pc: string, result: string, stream: 'stdout' | 'stderr', n: number) => `output.${pc}.${result}.${stream}.${n}`,
  inventory: (pc: string, section: string) => `inventory.${pc}.${section}`,
  heartbeat: (pc: string) => `heartbeat.${pc}`,
  control: (pc: string, verb: ControlVerb) => `control.${pc}.${verb}`,
  reply: (pc: string, nonce: string) => `reply.${pc}.${nonce}`,
  release: (sha256: string, n: number) => `releases.${sha256}.${n}`,
  audit: (actorKind: string, action: string) => `audit.${actorKind}.${action}`,
} as const;

export type ControlVerb = 'sync' | 'ping' | 'tail' | 'logs' | 'inventory';

/** What an agent may hear on its live subscriptions (design section 7): the group form comes by the durable only. */
export function liveCommandSubjects(pc: string): string[] {
  return ['commands.all', 'commands.all.*', `commands.pc.${pc}`, `commands.pc.${pc}.*`];
}

/** What the replay durable of one PC filters on. `groups` adds the seeds' group form. */
export function replayFilters(pc: string, groups: readonly string[]): string[] {
  return [...liveCommandSubjects(pc), ...groups.map((group) => `commands.group.${group}`)].sort();
}

/** The durable that replays commands to one PC: injective, because ids hold nothing that would need replacing. */
export function replayDurable(pc: string): string {
  return `agent_replay_${pc}`;
}

/** Whom a command subject addresses, or undefined when it is no command subject of ours or the seeds'. */
export type Addressee = { kind: 'all' } | { kind: 'pc'; pc: string } | { kind: 'group'; group: string };

export function commandAddressee(subject: string): Addressee | undefined {
  const [root, kind, third, fourth, ...more] = subject.split('.');
  if (root !== 'commands' || more.length > 0) return undefined;
  if (kind === 'all' && fourth === undefined && (third === undefined || isId(third))) return { kind: 'all' };
  if (kind === 'pc' && isId(third) && (fourth === undefined || isId(fourth))) return { kind: 'pc', pc: foldPcId(third) };
  if (kind === 'group' && isId(third) && fourth === undefined) return { kind: 'group', group: third };
  return undefined;
}

/** `events.started.<exec>.<pc>` and `results.<exec>.<pc>`: the exec and the folded pc of the subject. */
export function execAndPc(subject: string, prefix: 'events.started' | 'results'): { exec: string; pc: string } | undefined {
  if (!subject.startsWith(`${prefix}.`)) return undefined;
  const [exec, pc, ...more] = subject.slice(prefix.length + 1).split('.');
  return isId(exec) && isId(pc) && more.length === 0 ? { exec, pc: foldPcId(pc) } : undefined;
}

/** `events.agent.<kind>.<pc>`. */
export function kindAndPc(subject: string): { kind: string; pc: string } | undefined {
  const [events, agent, kind, pc, ...more] = subject.split('.');
  return events === 'events' && agent === 'agent' && isId(kind) && isId(pc) && more.length === 0 ? { kind, pc: foldPcId(pc) } : undefined;
}

export interface PcSection {
  pc: string;
  section: string;
}

/** `inventory.<pc>.<section>`. */
export function pcAndSection(subject: string): PcSection | undefined {
  const [inventory, pc, section, ...more] = subject.split('.');
  return inventory === 'inventory' && isId(pc) && isSectionName(section) && more.length === 0 ? { pc: foldPcId(pc), section } : undefined;
}

/** The last token of a two-level subject such as `heartbeat.<pc>` or `executions.lost.<exec>`. */
export function lastToken(subject: string): string {
  return subject.slice(subject.lastIndexOf('.') + 1);
}

/** Whether a command's subject is the seeds' form, without the execution's id: none of ours is. */
export function isSeedForm(subject: string): boolean {
  return /^commands\.(?:all|(?:pc|group)\.[^.]+)$/.test(subject);
}
