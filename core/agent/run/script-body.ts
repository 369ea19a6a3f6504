import { setTimeout as sleep } from 'node:timers/promises';
import { blobName, openBlob } from '#core/contract/blob.ts';
import type { Command } from '#core/contract/command.ts';
import { KanadeError } from '#core/contract/errors.ts';
import type { Log } from '#core/contract/log.ts';
import type { Nats } from '#core/nats/connection.ts';
import { kvGet } from '#core/nats/direct-get.ts';

/**
 * The script's bytes: out of the command, or from the broker by their hash when they are long, as often as it takes to
 * get an answer, until `expired` says that nobody wants it any more. `missing`: the broker says it has none that fit the
 * hash. Rejects when `signal` aborts.
 */
export async function scriptBody(
  { nats, log, expired }: { nats: () => Nats | undefined; log: Log; expired: () => boolean },
  command: Command,
  signal: AbortSignal,
): Promise<Uint8Array | 'missing' | 'expired'> {
  if (command.script !== undefined) return new TextEncoder().encode(command.script);
  const hash = command.script_sha256!;
  for (;;) {
    signal.throwIfAborted();
    if (expired()) return 'expired';
    try {
      const connection = nats();
      const found = connection && (await kvGet(connection, 'blobs', blobName(hash), 30_000));
      if (connection) return (found && openBlob(hash, found.value)) ?? 'missing';
    } catch (error) {
      if (!(error instanceof KanadeError)) throw error;
      log.warn({ hash, error: error.message }, 'a script body could not be fetched yet');
    }
    await sleep(1000, undefined, { signal });
  }
}
