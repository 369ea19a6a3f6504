import { type Infer, integer, string, type } from 'superstruct';
import { decode } from '#core/contract/codec.ts';
import { messageOf } from '#core/contract/errors.ts';
import { Id } from '#core/contract/ids.ts';
import type { Log } from '#core/contract/log.ts';
import type { LedgerStore } from './ledger-store.ts';

const Identity = type({ ledgerId: Id });
const Floor = type({ epoch: string(), seq: integer() });
/** An EXEC sequence, of the stream made at `epoch`. */
export type Floor = Infer<typeof Floor>;

interface Source {
  store: LedgerStore;
  random: (count: number) => Uint8Array;
  log: Log;
}

/** The ledger's id; made and stored at once when there is none yet. */
export async function readIdentity({ store, random, log }: Source): Promise<string> {
  const bytes = await store.read('identity');
  if (bytes) {
    try {
      return decode(Identity, bytes).ledgerId;
    } catch (error) {
      // A new id makes the backend treat this PC as new: nothing old runs, which is the safe side.
      log.error({ error: messageOf(error) }, 'the identity of the ledger is unreadable: beginning a new one');
    }
  }
  const ledgerId = Buffer.from(random(16)).toString('hex');
  await store.write('identity', JSON.stringify({ ledgerId } satisfies Infer<typeof Identity>));
  return ledgerId;
}

export async function readFloor({ store, log }: Pick<Source, 'store' | 'log'>): Promise<Floor | undefined> {
  const bytes = await store.read('floor');
  if (!bytes) return undefined;
  try {
    return decode(Floor, bytes);
  } catch (error) {
    // Without a floor everything is delivered again, and the records know what of it was taken.
    log.warn({ error: messageOf(error) }, 'the replay floor is unreadable: beginning without one');
    return undefined;
  }
}

export async function writeFloor(store: LedgerStore, floor: Floor): Promise<void> {
  await store.write('floor', JSON.stringify(floor));
}
