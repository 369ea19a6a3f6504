import type { LedgerStore } from '#core/agent/ledger/ledger-store.ts';
import type { OutboxStore, StoredFile } from '#core/agent/outbox/outbox-store.ts';

/** A ledger that a simulated PC keeps in memory: thousands of them must not share one disk. */
export function memoryLedger(): LedgerStore {
  const records = new Map<string, string>();
  const encoder = new TextEncoder();
  return {
    keys: async () => ({ records: [...records.keys()].filter((key) => /^[0-9a-f]{64}$/.test(key)), corrupt: [] }),
    read: async (key) => {
      const text = records.get(key);
      return text === undefined ? undefined : encoder.encode(text);
    },
    write: async (key, text) => void records.set(key, text),
    remove: async (key) => void records.delete(key),
    setAside: async (key) => void records.delete(key),
  };
}

/** An outbox in memory, likewise. */
export function memoryOutbox(): OutboxStore {
  const files = new Map<string, Uint8Array>();
  const keyOf = ({ kind, place, file }: StoredFile) => `${kind}/${place}/${file}`;
  return {
    scan: async () => ({ files: [], corrupt: { files: 0, bytes: 0 } }),
    fileOf: (_kind, name) => name,
    write: async (kind, file, bytes) => void files.set(keyOf({ kind, place: 'waiting', file }), bytes),
    read: async (file) => files.get(keyOf(file)),
    remove: async (file) => void files.delete(keyOf(file)),
    setAside: async (file, to) => {
      const bytes = files.get(keyOf(file));
      files.delete(keyOf(file));
      if (to === 'stuck' && bytes) files.set(keyOf({ ...file, place: 'stuck' }), bytes);
      return file.file;
    },
    probe: async () => {},
  };
}
