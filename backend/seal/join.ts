import { encode } from '#core/contract/codec.ts';
import type { CommandKeyEntry } from '#core/contract/command-key.ts';
import { keyIdOf, SealingKey } from '#core/contract/seal.ts';
import { instant } from '#core/contract/time.ts';
import { kvPut } from '#core/nats/kv.ts';
import type { KeysContext } from './follow-keys.ts';
import { writeKeyFile } from './key-file.ts';

/**
 * For a backend that joins others, before its first start: makes its key and writes it down beside the keys of those it
 * joins, which it has from one of them and not from the broker. Gives what they are to be told of it.
 */
export async function prepareToJoin(o: {
  path: string;
  backendId: string;
  trusted: readonly CommandKeyEntry[];
  /** Milliseconds since 1970. */
  now: number;
}): Promise<CommandKeyEntry> {
  const key = SealingKey.generate();
  const at = instant(o.now);
  const times = { created_at: at, active_from: at };
  await writeKeyFile(o.path, { own: [{ private_key: key.toPem(), ...times }], trusted: [...o.trusted], adopted: true });
  return { public_key: key.publicKey, backend_id: o.backendId, ...times };
}

/** Vouches for the key of a backend that joins: from then on all backends believe it. */
export async function endorse({ nats, keys }: Pick<KeysContext, 'nats' | 'keys'>, entry: CommandKeyEntry): Promise<void> {
  await keys.learn(entry);
  await kvPut(nats, 'command_keys', keyIdOf(entry.public_key), encode(entry));
}
