import { foldGroup } from '#core/contract/ids.ts';

export interface GroupSize {
  group: string;
  members: number;
}

/** Every group that has a member, once, under the spelling of its first member by pc_id. Pure. */
export function countGroups(memberships: readonly { pc: string; groups: readonly string[] }[]): GroupSize[] {
  const counts = new Map<string, GroupSize>();
  for (const { groups } of memberships.toSorted((a, b) => (a.pc < b.pc ? -1 : 1))) {
    // A membership of before names were compared without case may hold two spellings.
    for (const [folded, group] of new Map(groups.toReversed().map((one) => [foldGroup(one), one]))) {
      const known = counts.get(folded);
      if (known === undefined) counts.set(folded, { group, members: 1 });
      else known.members++;
    }
  }
  return [...counts].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, size]) => size);
}
