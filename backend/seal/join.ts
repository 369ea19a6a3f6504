import type { CommandKeyEntry } from '#core/contract/command-key.ts';
import { SealingKey } from '#core/contract/seal.ts';
import { instant } from '#core/contract/time.ts';
import { type OwnKey, writeKeyFile } from './key-file.ts';
import { CLOCKS_DIFFER } from './key-state.ts';

/** A key of its own for a backend that is to join others, which signs at once. `now` in milliseconds since 1970. */
export function keyToJoin(now: number): OwnKey {
  return { private_key: SealingKey.generate().toPem(), created_at: instant(now), active_from: instant(now - CLOCKS_DIFFER) };
}

/** What the others are to be told of it. */
export function entryOfKey({ private_key, ...times }: OwnKey, backendId: string): CommandKeyEntry {
  return { public_key: SealingKey.fromPem(private_key).publicKey, backend_id: backendId, ...times };
}

/** Before its first start: down beside the keys of those it joins, which it has from one of them and not from the broker. */
export function keepKeysToJoin(path: string, key: OwnKey, trusted: readonly CommandKeyEntry[]): Promise<void> {
  return writeKeyFile(path, { own: [key], trusted: [...trusted], adopted: true });
}
