import { object } from 'superstruct';
import { decode, encode } from '#core/contract/codec.ts';
import { Id } from '#core/contract/ids.ts';
import type { Nats } from '#core/nats/connection.ts';
import { kvGet } from '#core/nats/direct-get.ts';
import { kvCreate } from '#core/nats/kv.ts';

const First = object({ backend_id: Id });

/**
 * What this backend's durables are called after: nothing for the backend that was the first ever to start on this
 * broker, so that its durables carry the seeds' names, and `_<backend id>` for any other.
 */
export async function durableSuffix(nats: Nats, backendId: string): Promise<'' | `_${string}`> {
  await kvCreate(nats, 'leases', 'first', encode({ backend_id: backendId }));
  const stored = await kvGet(nats, 'leases', 'first');
  const first = stored && decode(First, stored.value).backend_id;
  return first === backendId ? '' : `_${backendId}`;
}
