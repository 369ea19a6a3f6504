import { setTimeout as sleep } from 'node:timers/promises';
import { messageOf } from '#core/contract/errors.ts';
import type { Log } from '#core/contract/log.ts';
import type { Nats } from './connection.ts';
import { type ConsumerConfig, createConsumer } from './jetstream.ts';
import type { JsMessage } from './js-message.ts';
import { pull } from './pull.ts';
import { REOPEN_PAUSE } from './retry.ts';

export interface DurableWork {
  nats: Nats;
  stream: string;
  config: ConsumerConfig & { durable_name: string };
  /** Messages asked for at a time. */
  batch: number;
  /** Acknowledges, or says later, by itself. */
  handle: (message: JsMessage) => Promise<void>;
  log: Pick<Log, 'warn'>;
  /** What the log says while it cannot go on. */
  paused: string;
}

/**
 * Works off a durable that several backends share, one message after another, until `signal` aborts. It is made when it
 * is not there, and opened again whenever the pull ends: the broker was away, the stream or the durable was deleted.
 */
export async function serveDurable({ nats, stream, config, batch, handle, log, paused }: DurableWork, signal: AbortSignal): Promise<void> {
  let said: string | undefined;
  while (!signal.aborted) {
    try {
      await createConsumer(nats, stream, config);
      said = undefined;
      for await (const messages of pull(nats, stream, config.durable_name, { batch, signal })) {
        for (const message of messages) await handle(message);
      }
    } catch (error) {
      if (signal.aborted) return;
      // Said once for as long as it stays the same.
      if (messageOf(error) !== said) log.warn({ error: messageOf(error) }, paused);
      said = messageOf(error);
    }
    await sleep(REOPEN_PAUSE, undefined, { signal }).catch(() => {});
  }
}
