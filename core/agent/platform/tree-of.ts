import type { ProcessTree } from './platform.ts';

/** One process as a platform lists it. `start` grows with time; its unit is the platform's. */
export interface ProcessRow {
  pid: number;
  ppid: number;
  start: number;
  group?: number;
  session?: number;
  marked: boolean;
}

/** The pids of `rows` that belong to the tree; remembers them in `tree.seen`. `self` is never among them. */
export function treeOf(rows: readonly ProcessRow[], tree: ProcessTree, self: number): number[] {
  const members = new Map<number, ProcessRow>();
  for (const row of rows) if (row.pid !== self && belongs(row, tree)) members.set(row.pid, row);
  const children = Map.groupBy(rows, (row) => row.ppid);
  const queue = [...members.values()];
  for (let parent = queue.pop(); parent; parent = queue.pop()) {
    for (const child of children.get(parent.pid) ?? []) {
      // Windows leaves the parent's pid in place when the parent dies, and another process may have taken it since.
      if (child.start < parent.start || child.pid === self || members.has(child.pid)) continue;
      members.set(child.pid, child);
      queue.push(child);
    }
  }
  for (const row of members.values()) tree.seen.set(row.pid, row.start);
  return [...members.keys()];
}

function belongs(row: ProcessRow, tree: ProcessTree): boolean {
  if (row.marked || tree.seen.get(row.pid) === row.start) return true;
  return tree.pid !== undefined && (row.pid === tree.pid || row.group === tree.pid || row.session === tree.pid);
}
