import { statSync } from 'node:fs';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { parseCondition } from '#backend/inventory/condition.ts';
import { queryOf } from '#backend/inventory/query.ts';
import { findPcs } from '#backend/inventory/search.ts';
import { Slices } from '#backend/inventory/slices.ts';
import { openWriter } from '#backend/projectors/database.ts';
import { factOf } from '#backend/projectors/decode.ts';
import { openReader } from '#backend/projectors/read/open-reader.ts';
import { Writer } from '#backend/projectors/writer.ts';
import { encode } from '#core/contract/codec.ts';
import { subjects } from '#core/contract/subjects.ts';
import { firstInventory, inventoryOf, osOf, softwareOf } from '#tests/support/inventory.ts';
import { projectionBench, result } from '#tests/support/projection.ts';
import { quietLog } from '#tests/support/quiet-log.ts';
import { tempDir } from '#tests/support/temp.ts';
import { type Figures, ms, p50p99, percentile, seconds } from './figures.ts';

const FLEET = 3000;
const AT_ONCE = 200;

/** All of a fleet report for the first time, while results go on coming. */
export async function measureFirstInventory(figures: Figures): Promise<void> {
  await using bench = await projectionBench();
  const { nats } = bench;
  let last = 0;
  let bytes = 0;
  for (let from = 0; from < FLEET; from += AT_ONCE) {
    const published: Promise<{ seq: number }>[] = [];
    for (let n = from; n < from + AT_ONCE; n++) {
      const pc = `PC-${n}`;
      for (const [section, data] of Object.entries(firstInventory(n))) {
        const message = encode(inventoryOf(pc, section, data));
        bytes += message.length;
        published.push(nats.publishStored(subjects.inventory(pc, section), message));
      }
    }
    for (const { seq } of await Promise.all(published)) last = Math.max(last, seq);
  }
  const begun = performance.now();
  await using running = await bench.start();
  let done = false;
  const through = running.projection.passed('INVENTORY', last, { timeout: 600_000 }).then(() => {
    done = true;
  });
  const waits: number[] = [];
  for (let n = 0; !done; n++) {
    const seq = await result(nats, `during-${n}`, 'PC-1');
    const stored = performance.now();
    await running.projection.passed('RESULTS', seq, { timeout: 60_000 });
    waits.push(performance.now() - stored);
  }
  await through;
  const took = performance.now() - begun;
  const size = statSync(running.path).size;
  figures.add(
    `first inventory of ${FLEET} PCs projected`,
    `${seconds(took)}: ${Math.round(last / (took / 1000))} sections/s, ${(bytes / 2 ** 20).toFixed(0)} MiB of messages, projection.db ${(size / 2 ** 20).toFixed(0)} MiB`,
  );
  figures.add('a result projected meanwhile, behind its PubAck', p50p99(waits), 'p99 < 100 ms', percentile(waits, 0.99) < 100);
}

const PCS = 10_000;
const ROWS = 200;
const QUERIES: readonly string[][] = [
  ['software.name=Program 007', 'software.version<101'],
  ['!software.name=Program 007', '!software.version>=102'],
  ['software.publisher~publisher 1', 'os.build>=22000'],
  ['software.name=*'],
  ['software.install_date>=2026-06-01', 'software.name=Program 100'],
  ['software.install_date>=2026-12-28'],
];

/** Searches over 10,000 PCs with 200 programs each. */
export async function measureInventorySearch(figures: Figures): Promise<void> {
  await using temp = await tempDir();
  const path = join(temp.path, 'projection.db');
  const writing = openWriter(path, quietLog);
  const writer = new Writer(writing);
  const pcs = new Set<string>();
  let seq = 0;
  for (let n = 0; n < PCS; n++) {
    const pc = `PC-${String(n).padStart(5, '0')}`;
    pcs.add(pc);
    const items = Object.entries({ software: softwareOf(n, ROWS), os: osOf(n) }).map(([section, data]) => {
      const subject = subjects.inventory(pc, section);
      const bytes = encode(inventoryOf(pc, section, data));
      return {
        place: { stream: 'INVENTORY' as const, seq: ++seq, recorded: seq, subject },
        fact: factOf('INVENTORY', subject, bytes),
        bytes,
      };
    });
    writer.commit('INVENTORY', items, seq);
  }
  const db = openReader(path);
  const slices = new Slices(() => performance.now());
  figures.add(`projection.db of ${PCS} PCs with ${ROWS} programs each`, `${(statSync(path).size / 2 ** 20).toFixed(0)} MiB`);
  for (const texts of QUERIES) {
    const query = queryOf(texts.map((text) => parseCondition(text)!));
    const delay = monitorEventLoopDelay({ resolution: 1 });
    delay.enable();
    const begun = performance.now();
    const found = await findPcs(db, query, pcs, slices.begin(new AbortController().signal));
    const took = performance.now() - begun;
    delay.disable();
    figures.add(
      `search ${texts.join('&')} over ${PCS} PCs`,
      `${found.pcs.size} PCs in ${ms(took)}, the thread kept ${ms(delay.max / 1e6)} at the longest`,
      'thread kept < 20 ms',
      delay.max / 1e6 < 20,
    );
  }
  db.close();
  writing.close();
}
