/**
 * What is sent, most urgent first: news of a start is small and awaited, output can be megabytes, and for the inventory
 * nobody waits.
 */
export const OUTBOX_KINDS = ['events', 'results', 'output', 'inventory'] as const;
export type OutboxKind = (typeof OUTBOX_KINDS)[number];

/** What is long, and can be gone without: kept back where there is no room for it, and sent a few at a time. */
export function isBulk(kind: OutboxKind): boolean {
  return kind === 'output' || kind === 'inventory';
}

/** Where a message's file lies: among those to be sent, or put aside after many failures. */
export type Place = 'waiting' | 'stuck';

export interface StoredFile {
  kind: OutboxKind;
  place: Place;
  file: string;
}

/** Where the outbox keeps its messages: one file each, written as a whole or not at all. */
export interface OutboxStore {
  /** Everything there, oldest first, and how much was found unreadable earlier. Makes what folders are missing. */
  scan(): Promise<{ files: (StoredFile & { name: string; bytes: number })[]; corrupt: { files: number; bytes: number } }>;
  /** The name of the file of a new message. */
  fileOf(kind: OutboxKind, name: string): string;
  /** Durable when it resolves; rejects with `disk_full` or `folder_unwritable`. */
  write(kind: OutboxKind, file: string, bytes: Uint8Array): Promise<void>;
  /** undefined when it is gone. */
  read(file: StoredFile): Promise<Uint8Array | undefined>;
  remove(file: StoredFile): Promise<void>;
  /** Moves it to `stuck` or `corrupt`, keeping whatever has its name there already; the name it got. */
  setAside(file: StoredFile, to: 'stuck' | 'corrupt'): Promise<string>;
  /** Resolves when the disk takes writes; else rejects as `write` does. */
  probe(): Promise<void>;
}
