import { KanadeError } from '#core/contract/errors.ts';
import type { Nats } from '#core/nats/connection.ts';
import type { JsMessage } from '#core/nats/js-message.ts';
import type { AwaitedKeys } from '../seal/awaited-keys.ts';
import { dead, factOf } from './decode.ts';
import { type Fact, type Item, listOf } from './fact.ts';
import { pcsOf } from './lists.ts';
import type { ProjectedStream } from './streams.ts';
import { isWeighed } from './volumes.ts';

type Raw = Pick<JsMessage, 'subject' | 'data' | 'seq' | 'stored' | 'header'>;

export interface ReadContext {
  nats: Nats;
  awaited: AwaitedKeys;
  signal: AbortSignal;
}

/** Messages made ready for the transaction. Rejects when the broker does not answer for a list of PCs. */
export async function readItems(ctx: ReadContext, stream: ProjectedStream, messages: readonly Raw[]): Promise<Item[]> {
  const { nats, awaited, signal } = ctx;
  const items: Item[] = [];
  for (const message of messages) {
    const { subject, data, seq, stored } = message;
    const fault = stream === 'EXECUTIONS' ? await awaited.faultSoon(nats, message, signal) : undefined;
    const fact: Fact = fault
      ? dead(fault)
      : stream === 'INVENTORY' || isWeighed(stream)
        ? { kind: 'unread' }
        : factOf(stream, subject, data);
    const item: Item = { place: { stream, seq, recorded: stored, subject }, fact, bytes: data };
    const list = listOf(item.fact);
    items.push(list === undefined ? item : await withPcs(nats, item, list, signal));
  }
  return items;
}

async function withPcs(nats: Nats, item: Item, list: NonNullable<ReturnType<typeof listOf>>, signal: AbortSignal): Promise<Item> {
  try {
    return { ...item, pcs: await pcsOf(nats, list, signal) };
  } catch (error) {
    if (error instanceof KanadeError && error.code === 'bad_message') return { ...item, fact: dead(error) };
    throw error;
  }
}
