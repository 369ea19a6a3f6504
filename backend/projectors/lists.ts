import { setTimeout as sleep } from 'node:timers/promises';
import { KanadeError, messageOf } from '#core/contract/errors.ts';
import { foldPcId } from '#core/contract/ids.ts';
import type { PcList } from '#core/contract/submission.ts';
import type { Nats } from '#core/nats/connection.ts';
import { readPcList } from '../blobs/pc-list.ts';

/** A blob is written before the message that names it, so one that is missing will hardly come; these are the waits, ms. */
const WAITS: readonly number[] = [200, 600, 1200];

/**
 * The PCs of a list, folded, each once. A list that is not there, or not what it should be, is `bad_message`;
 * a broker that does not answer is thrown as it is, and the caller starts again.
 */
export async function pcsOf(nats: Nats, list: PcList, signal: AbortSignal): Promise<string[]> {
  if (list.pcs === undefined && list.pcs_sha256 === undefined) throw new KanadeError('bad_message', '/list: neither pcs nor pcs_sha256');
  for (let attempt = 0; ; attempt++) {
    try {
      return [...new Set((await readPcList(nats, list)).map(foldPcId))];
    } catch (error) {
      if (!(error instanceof KanadeError) || error.code === 'broker_unavailable') throw error;
      const wait = error.code === 'not_found' ? WAITS[attempt] : undefined;
      if (wait === undefined) throw new KanadeError('bad_message', `the list of PCs cannot be read: ${messageOf(error)}`, { cause: error });
      await sleep(wait, undefined, { signal });
    }
  }
}
