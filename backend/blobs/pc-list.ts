import { array } from 'superstruct';
import { decode, encode } from '#core/contract/codec.ts';
import { Id } from '#core/contract/ids.ts';
import { INLINE_TARGETS_MAX } from '#core/contract/streams.ts';
import type { PcList } from '#core/contract/submission.ts';
import type { Nats } from '#core/nats/connection.ts';
import { getBlob, putBlob } from './blobs.ts';

/** A list of PCs as it travels: inline up to `inlineMax` bytes, else in `blobs`, written before the message that names it. */
export async function storePcList(nats: Nats, pcs: readonly string[], inlineMax: number = INLINE_TARGETS_MAX): Promise<PcList> {
  const bytes = encode(pcs);
  if (bytes.length <= inlineMax) return { pcs: [...pcs] };
  return { pcs_sha256: await putBlob(nats, bytes) };
}

export async function readPcList(nats: Nats, list: PcList): Promise<string[]> {
  if (list.pcs) return list.pcs;
  const bytes = await getBlob(nats, list.pcs_sha256 ?? '');
  return decode(array(Id), bytes);
}
