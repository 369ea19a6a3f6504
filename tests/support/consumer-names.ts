import type { Nats } from '#core/nats/connection.ts';
import { consumersOf } from '#core/nats/jetstream.ts';

export async function consumerNames(nats: Nats, stream: string): Promise<string[]> {
  return (await consumersOf(nats, stream)).map(({ name }) => name);
}
