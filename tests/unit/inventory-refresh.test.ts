import Sqlite, { type Database } from 'better-sqlite3';
import { expect, test } from 'vitest';
import { refresh } from '#backend/inventory/refresh.ts';
import { factOf } from '#backend/projectors/decode.ts';
import type { Commit } from '#backend/projectors/projection.ts';
import { SCHEMA } from '#backend/projectors/schema.ts';
import { Writer } from '#backend/projectors/writer.ts';
import { encode } from '#core/contract/codec.ts';
import type { InventoryData, InventorySection } from '#core/contract/inventory.ts';
import { subjects } from '#core/contract/subjects.ts';
import type { Nats } from '#core/nats/connection.ts';
import { inventoryOf } from '#tests/support/inventory.ts';
import { until } from '#tests/support/until.ts';

const { signal } = new AbortController();

/** A backend that asks a PC which answers what the test says. */
class Bench {
  readonly db: Database = new Sqlite(':memory:').exec(SCHEMA);
  readonly asked: unknown[] = [];
  readonly #writer = new Writer(this.db);
  #listener: ((commit: Commit) => void) | undefined;
  #seq = 0;

  get waiting(): boolean {
    return this.#listener !== undefined;
  }

  refresh(reply: unknown, wanted?: Parameters<typeof refresh>[2]): ReturnType<typeof refresh> {
    const request = async (_: string, body: Uint8Array) => {
      this.asked.push(JSON.parse(Buffer.from(body).toString()));
      return { status: 0, data: encode(reply) };
    };
    const onCommit = (listener: (commit: Commit) => void) => {
      this.#listener = listener;
      return () => {
        this.#listener = undefined;
      };
    };
    return refresh({ nats: { request, connected: true } as unknown as Nats, db: this.db, projection: { onCommit } }, 'PC1', wanted, signal);
  }

  project(section: string, data: InventoryData): InventorySection {
    const body = inventoryOf('PC1', section, data);
    const bytes = encode(body);
    const subject = subjects.inventory('PC1', section);
    const seq = ++this.#seq;
    const fact = factOf('INVENTORY', subject, bytes);
    this.#writer.commit('INVENTORY', [{ place: { stream: 'INVENTORY', seq, recorded: seq, subject }, fact, bytes }], seq);
    this.#listener?.({ stream: 'INVENTORY', seq, rows: 1, execIds: new Set(), surplus: [], sections: [{ pc: 'PC1', section }] });
    return body;
  }
}

const said = (section: string, hash = 'h', changed = true) => ({ section, hash, changed });

test.each([
  ['more sections than there will ever be', { sections: Array.from({ length: 65 }, () => said('os')) }],
  ['a hash that is none', { sections: [said('os', 'h'.repeat(129))] }],
  ['an empty hash', { sections: [said('os', '')] }],
  ['a long problem', { sections: [], problem: 'x'.repeat(1025) }],
  ['more bytes than an answer has', { sections: [], more: 'x'.repeat(64 * 1024) }],
])('an answer with %s is none', async (_, reply) => {
  await expect(new Bench().refresh(reply)).rejects.toMatchObject({ code: 'bad_message' });
});

test('what a PC says of sections that nobody asked it for is neither told nor waited for', async () => {
  const bench = new Bench();
  const reply = { sections: [said('cpu'), said('os', 'h', false)] };
  expect(await bench.refresh(reply, ['os'])).toEqual({ sections: [{ section: 'os', changed: false }], pending: [] });
});

test('a newer agent has sections that are not known here: its answer counts, and nobody waits for those', async () => {
  const reply = { sections: [said('quantum_state'), said('constructor'), said('os', 'h', false)], pending: ['quantum_state', 'tpm'] };
  expect(await new Bench().refresh(reply)).toEqual({ sections: [{ section: 'os', changed: false }], pending: ['tpm'] });
});

test('what has arrived once counts, though it is replaced before the rest is here', async () => {
  const bench = new Bench();
  const os = inventoryOf('PC1', 'os', { build: 1 });
  const cpu = inventoryOf('PC1', 'cpu', [{ device_id: '0' }]);
  const answer = bench.refresh({ sections: [said('os', os.hash), said('cpu', cpu.hash)] });
  await until('it waits', () => bench.waiting);
  bench.project('os', { build: 1 });
  bench.project('os', { build: 2 });
  bench.project('cpu', [{ device_id: '0' }]);
  expect(await answer).toEqual({
    sections: [
      { section: 'os', changed: true },
      { section: 'cpu', changed: true },
    ],
    pending: [],
  });
  expect(bench.waiting).toBe(false);
});

test('a PC is told what is here of its sections, but not what is left of a stream that is gone', async () => {
  const bench = new Bench();
  const { hash } = bench.project('os', { build: 1 });
  bench.project('tpm', { present: true });
  bench.project('constructor', { own: true });
  bench.db.exec("UPDATE inventory_sections SET seq = 0 WHERE section = 'tpm'");
  await bench.refresh({ sections: [] });
  await bench.refresh({ sections: [] }, ['cpu']);
  const within_ms = expect.any(Number);
  expect(bench.asked).toEqual([
    { known: { os: hash }, within_ms },
    { sections: ['cpu'], known: { os: hash }, within_ms },
  ]);
});
