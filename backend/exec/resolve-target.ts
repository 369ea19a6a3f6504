import { type Fault, KanadeError } from '#core/contract/errors.ts';
import { foldPcId, isId } from '#core/contract/ids.ts';
import type { Target } from '#core/contract/submission.ts';
import type { Agents } from '../agents/agents.ts';

export interface ResolvedTarget {
  /** As asked, with pc ids folded; of many only how many. */
  target: Target;
  /** Everybody is meant, so one message to all does. */
  broadcast: boolean;
  /** Sorted, each once. */
  pcs: string[];
}

/** More names than this would make the lists of executions and the submission, which has the PCs anyway, long. */
const NAMES_MAX = 100;

/** PCs as a target keeps them. */
export function namesOf(pcs: readonly string[]): Pick<Target, 'pcs' | 'pcs_count'> {
  return pcs.length <= NAMES_MAX ? { pcs: [...pcs] } : { pcs_count: new Set(pcs).size };
}

/**
 * The PCs a target means now: all, or the union of the groups and PCs it names. Nobody, an unknown PC and a malformed
 * name are refused by name; so is a group without members, and `all` beside names, for whoever wrote names did not mean everybody.
 */
export function resolveTarget(agents: Pick<Agents, 'enrolled' | 'members' | 'entry'>, asked: Target): ResolvedTarget {
  if (asked.all) refuseNames(asked);
  const faults: Fault[] = [];
  const enrolled = agents.enrolled();
  const found = new Set<string>();
  if (asked.all) for (const pc of enrolled) found.add(pc);
  asked.groups?.forEach((group, i) => {
    const pointer = `/target/groups/${i}`;
    const members = isId(group) ? agents.members(group) : [];
    // Also beside others: a misspelt group would leave out PCs, and nobody would see which.
    if (!isId(group)) faults.push({ pointer, code: 'invalid_id', message: `${JSON.stringify(group)} is not a group name` });
    else if (members.length === 0) faults.push({ pointer, code: 'target_empty', message: `no enrolled PC is in the group ${group}` });
    for (const pc of members) found.add(pc);
  });
  const named = (asked.pcs ?? []).map((name, i) => {
    if (!isId(name)) {
      faults.push({ pointer: `/target/pcs/${i}`, code: 'invalid_id', message: `${JSON.stringify(name)} is not a pc_id` });
      return name;
    }
    const pc = foldPcId(name);
    const retired = agents.entry(pc)?.entry.retired_at;
    const why = retired === undefined ? `no PC named ${pc} is enrolled` : `${pc} is retired since ${retired}`;
    if (enrolled.has(pc)) found.add(pc);
    else faults.push({ pointer: `/target/pcs/${i}`, code: 'unknown_pc', message: why });
    return pc;
  });
  if (faults.length > 0) throw refusal(faults);
  if (found.size === 0)
    throw new KanadeError('target_empty', 'the target resolves to no PC', {
      faults: [{ pointer: '/target', code: 'target_empty', message: 'resolves to no PC' }],
    });
  return {
    target: {
      ...(asked.all ? { all: true } : {}),
      ...(asked.groups ? { groups: asked.groups } : {}),
      ...(asked.pcs ? namesOf(named) : {}),
    },
    broadcast: asked.all === true,
    pcs: [...found].sort(),
  };
}

function refuseNames(asked: Target): void {
  const named = (['groups', 'pcs'] as const).filter((field) => asked[field]?.length);
  if (named.length === 0) return;
  throw refusal(
    named.map((field) => ({
      pointer: `/target/${field}`,
      code: 'invalid_body',
      message: `${field} do not go with all: true, which is every PC already`,
    })),
  );
}

function refusal(faults: readonly Fault[]): KanadeError {
  return new KanadeError(faults[0]!.code!, faults.map((f) => f.message).join('; '), { faults });
}
