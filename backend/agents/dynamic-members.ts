/** What the registry asks of the groups that are defined by a query (inventory/dynamic-groups.ts). Names in any spelling. */
export interface DynamicMembers {
  /**
   * Undefined when there is no such dynamic group. Some of these PCs may be retired. Throws `not_ready` while nobody can tell who
   * is in it, and `group_corrupt` when what defines it cannot be read: a part of a group is never taken for the group.
   */
  members(group: string): ReadonlySet<string> | undefined;
  /** The groups a PC is in, as far as that is known. */
  groupsOf(pc: string): readonly string[];
  /** Told of each change, also of what is known. */
  onChange(listener: () => void, signal: AbortSignal): void;
}

export const NO_DYNAMIC_GROUPS: DynamicMembers = { members: () => undefined, groupsOf: () => [], onChange: () => {} };
