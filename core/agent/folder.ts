import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { number, object } from 'superstruct';
import type { Log } from '#core/contract/log.ts';
import { lockFolder } from '#core/files/folder-lock.ts';
import { type Kept, keptInMemory, StateFile } from '#core/files/state-file.ts';
import { BrokerClock } from '#core/nats/broker-clock.ts';
import { Heard } from './intake/heard.ts';
import { InventoryState, NOTHING_SAID } from './inventory/inventory-state.ts';
import { Ledger } from './ledger/ledger.ts';
import { LedgerFolder, type LedgerStore } from './ledger/ledger-store.ts';
import { OutboxFolder } from './outbox/outbox-folder.ts';
import type { OutboxStore } from './outbox/outbox-store.ts';
import { NOTHING_TRIED, UpdateState } from './update/update-state.ts';

export interface FolderOptions {
  dataDir: string;
  /** Milliseconds: wall clock and monotonic clock. */
  wall: () => number;
  mono: () => number;
  log: Log;
  /** What is to be done once nobody else can come in, before anything is read. */
  prepare?: () => Promise<void>;
  /** What a simulated PC has in place of a disk. */
  stores?: { ledger: LedgerStore; outbox: OutboxStore };
  /** When the ledger is full; default: as it says. */
  ledgerLimits?: { maxRecords?: number; maxBytes?: number };
}

/** What an agent keeps on disk, open and locked against a second agent. */
export interface AgentFolder extends AsyncDisposable {
  clock: BrokerClock;
  heard: Heard;
  ledger: Ledger;
  outboxStore: OutboxStore;
  inventory: Kept<InventoryState>;
  update: Kept<UpdateState>;
  /** Saves by how much this PC's clock is wrong when that changed, so that after a restart without a broker the time is not simply this PC's. */
  clockMoved(): Promise<void>;
}

/** Milliseconds that are worth a write. */
const CLOCK_MOVED = 1000;

/** Rejects with `folder_in_use`, `disk_full` or `folder_unwritable`. */
export async function openFolder({ dataDir, wall, mono, log, prepare, stores, ledgerLimits }: FolderOptions): Promise<AgentFolder> {
  const lock = stores ? undefined : await lockFolder(dataDir);
  let ledger: Ledger | undefined;
  const letGo = async () => {
    try {
      await ledger?.[Symbol.asyncDispose]();
    } finally {
      await lock?.[Symbol.asyncDispose]();
    }
  };
  try {
    await prepare?.();
    const path = join(dataDir, 'clock.json');
    const offset = stores ? undefined : await StateFile.open(path, object({ offset_ms: number() }), { offset_ms: 0 }, log);
    const clock = new BrokerClock(wall, mono, offset?.value.offset_ms);
    ledger = await Ledger.open({
      store: stores?.ledger ?? new LedgerFolder(join(dataDir, 'ledger')),
      clock: clock.now,
      random: randomBytes,
      log,
      ...ledgerLimits,
    });
    const heard = await Heard.open(stores ? undefined : join(dataDir, 'heard.json'), mono, log);
    clock.notBefore(heard.atLeast);
    // Whatever this PC's clock says now: it was that late already.
    clock.notBefore(ledger.newest());
    const said = join(dataDir, 'inventory.json');
    const inventory = stores ? keptInMemory(NOTHING_SAID) : await StateFile.open(said, InventoryState, NOTHING_SAID, log);
    const update = stores
      ? keptInMemory(NOTHING_TRIED)
      : await StateFile.open(join(dataDir, 'update.json'), UpdateState, NOTHING_TRIED, log);
    return {
      clock,
      heard,
      ledger,
      outboxStore: stores?.outbox ?? new OutboxFolder(join(dataDir, 'outbox')),
      inventory,
      update,
      clockMoved: async () => {
        if (offset && clock.certain && Math.abs(clock.offset - offset.value.offset_ms) >= CLOCK_MOVED)
          await offset.set({ offset_ms: clock.offset });
      },
      [Symbol.asyncDispose]: letGo,
    };
  } catch (error) {
    await letGo();
    throw error;
  }
}
