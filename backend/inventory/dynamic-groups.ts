import { decode } from '#core/contract/codec.ts';
import { KanadeError } from '#core/contract/errors.ts';
import { foldGroup } from '#core/contract/ids.ts';
import type { Log } from '#core/contract/log.ts';
import { DynamicGroup } from '#core/contract/registry.ts';
import type { Nats } from '#core/nats/connection.ts';
import { Mirror } from '#core/nats/mirror.ts';
import type { DynamicMembers } from '../agents/dynamic-members.ts';
import { parseCondition } from './condition.ts';
import { type Query, queryOf, sectionsIn } from './query.ts';

export interface KnownGroup {
  definition: DynamicGroup;
  query: Query;
  /** Those it asks for. */
  sections: ReadonlySet<string>;
}

/** A definition that can be read, with its place in the bucket: who is in it was found for exactly that. */
export interface GroupToFind extends KnownGroup {
  key: string;
  revision: number;
}

/**
 * The groups that are defined by a query: a mirror of their bucket, and who is in each. Every backend finds that out for itself
 * (keep-groups.ts); until it has, nobody is told of a group that is only part of it.
 */
export class DynamicGroups implements DynamicMembers {
  /** By name in lower case. */
  readonly all: Mirror<KnownGroup>;
  readonly #found = new Map<string, { name: string; pcs: Set<string> }>();
  readonly #keysOf = new Map<string, Set<string>>();
  readonly #listeners = new Set<() => void>();
  /** Whether all groups that were there at the start have been found. */
  ready = false;

  constructor() {
    this.all = new Mirror(readGroup, (key) => {
      this.#forget(key);
      this.#say();
    });
  }

  /** Resolves once all definitions that are there have been read. */
  start(nats: Nats, options: { log: Log; signal: AbortSignal }): Promise<void> {
    return this.all.start(nats, 'dynamic_groups', options);
  }

  /** Told of each change: of a definition, of who is in a group, and that it is known who is. */
  onChange(listener: () => void, signal: AbortSignal): void {
    this.#listeners.add(listener);
    signal.addEventListener('abort', () => this.#listeners.delete(listener), { once: true });
  }

  has(group: string): boolean {
    return this.all.get(foldGroup(group)) !== undefined;
  }

  /** `group_corrupt` when it cannot be read. */
  get(group: string): GroupToFind | undefined {
    const key = foldGroup(group);
    const entry = this.all.get(key);
    if (entry === undefined) return undefined;
    if ('error' in entry)
      throw new KanadeError('group_corrupt', `what is stored of the group ${group} cannot be read, put it again: ${entry.error}`);
    return { key, revision: entry.revision, ...entry.value };
  }

  members(group: string): ReadonlySet<string> | undefined {
    const known = this.get(group);
    if (known === undefined) return undefined;
    const found = this.#found.get(known.key);
    if (found === undefined) throw new KanadeError('not_ready', `it is not known yet which PCs are in the group ${known.definition.group}`);
    return found.pcs;
  }

  groupsOf(pc: string): string[] {
    return [...(this.#keysOf.get(pc) ?? [])].map((key) => this.#found.get(key)!.name);
  }

  /** Those that can be read and have not been found. */
  unfound(): GroupToFind[] {
    return this.#readable().filter(({ key }) => !this.#found.has(key));
  }

  found(): GroupToFind[] {
    return this.#readable().filter(({ key }) => this.#found.has(key));
  }

  /** Who is in a group, all of them. Nothing when its definition is another one by now. */
  setMembers({ key, revision, definition }: Pick<GroupToFind, 'key' | 'revision' | 'definition'>, pcs: ReadonlySet<string>): void {
    if (!this.#isAt(key, revision)) return;
    const before = this.#found.get(key)?.pcs;
    if (before !== undefined && before.size === pcs.size && before.isSubsetOf(pcs)) return;
    this.#forget(key);
    this.#found.set(key, { name: definition.group, pcs: new Set(pcs) });
    for (const pc of pcs) this.#note(pc, key);
    this.#say();
  }

  /** Whether one PC is in each of these groups. */
  setMember(pc: string, verdicts: readonly (Pick<GroupToFind, 'key' | 'revision'> & { meant: boolean })[]): void {
    let changed = false;
    for (const { key, revision, meant } of verdicts) {
      const pcs = this.#found.get(key)?.pcs;
      if (pcs === undefined || !this.#isAt(key, revision) || pcs.has(pc) === meant) continue;
      changed = true;
      if (meant) {
        pcs.add(pc);
        this.#note(pc, key);
      } else {
        pcs.delete(pc);
        this.#unnote(pc, key);
      }
    }
    if (changed) this.#say();
  }

  /**
   * Resolves when this backend knows what was stored at `revision`, and who is in each group; at the latest when `signal`
   * aborts.
   */
  async settled(revision: number, signal: AbortSignal): Promise<void> {
    await this.all.reached(revision, signal);
    const done = Promise.withResolvers<void>();
    const look = () => {
      if (signal.aborted || this.unfound().length === 0) done.resolve();
    };
    const listening = new AbortController();
    this.onChange(look, listening.signal);
    signal.addEventListener('abort', look, { once: true });
    look();
    await done.promise;
    listening.abort();
    signal.removeEventListener('abort', look);
  }

  #readable(): GroupToFind[] {
    return [...this.all.keys()].flatMap((key) => {
      const entry = this.all.get(key)!;
      return 'error' in entry ? [] : [{ key, revision: entry.revision, ...entry.value }];
    });
  }

  #isAt(key: string, revision: number): boolean {
    const entry = this.all.get(key);
    return entry !== undefined && 'value' in entry && entry.revision === revision;
  }

  #forget(key: string): void {
    for (const pc of this.#found.get(key)?.pcs ?? []) this.#unnote(pc, key);
    this.#found.delete(key);
  }

  #note(pc: string, key: string): void {
    const keys = this.#keysOf.get(pc);
    if (keys === undefined) this.#keysOf.set(pc, new Set([key]));
    else keys.add(key);
  }

  #unnote(pc: string, key: string): void {
    const keys = this.#keysOf.get(pc);
    keys?.delete(key);
    if (keys?.size === 0) this.#keysOf.delete(pc);
  }

  #say(): void {
    for (const listener of this.#listeners) listener();
  }
}

/** Throws when it is none. */
export function readGroup(bytes: Uint8Array, key: string): KnownGroup {
  const definition = decode(DynamicGroup, bytes);
  if (foldGroup(definition.group) !== key) throw new KanadeError('bad_message', `it says that it is ${definition.group}`);
  const conditions = definition.query.map((text) => {
    const condition = parseCondition(text);
    if (condition === undefined) throw new KanadeError('bad_message', `${JSON.stringify(text)} is no condition`);
    return condition;
  });
  const query = queryOf(conditions);
  return { definition, query, sections: sectionsIn(query) };
}
