import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { connectNats, type Nats } from '#core/nats/connection.ts';
import { startTestBroker, type TestBroker } from '#tests/support/broker.ts';
import { type HalfOpenLink, halfOpenLink } from '#tests/support/half-open.ts';

/** Of which only the watchdog's clock is ours: the connection itself goes by real time. */
let broker: TestBroker;
let link: HalfOpenLink;
let nats: Nats;
let clock = 0;
let stop: AbortController;
const said: string[] = [];

beforeEach(async () => {
  broker = await startTestBroker();
  link = await halfOpenLink(broker.port);
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  stop = new AbortController();
  clock = 0;
  said.length = 0;
  const log = { info: (_: object, text: string) => void said.push(text), warn: (_: object, text: string) => void said.push(text) };
  const time = { mono: () => clock, wall: () => clock, random: () => 0.5 };
  nats = await connectNats({ servers: link.url, name: 'idle', signal: stop.signal, log, ...time, reconnectDelay: () => 10 });
});

afterEach(async () => {
  vi.useRealTimers();
  stop.abort();
  await nats.close();
  await link[Symbol.asyncDispose]();
  await broker[Symbol.asyncDispose]();
});

/** The watchdog looks, and whatever it asked has been answered if it is answered at all. */
async function pass(seconds: number, answered: () => Promise<void>): Promise<void> {
  for (let at = 0; at < seconds; at += 5) {
    clock += 5000;
    await vi.advanceTimersByTimeAsync(5000);
    await answered();
  }
}

test('an idle connection whose pings are answered is left alone, for as long as it is idle', async () => {
  await pass(900, () => nats.flush());
  expect(said).toEqual([]);
  expect(nats.connected).toBe(true);
});

test('a connection that calls itself up and answers nothing is replaced', async () => {
  link.silence();
  await pass(95, () => Promise.resolve());
  expect(said[0]).toBe('no sign of life from the broker: reconnecting');
  await expect.poll(() => said.at(-1), { timeout: 30_000 }).toBe('broker connection is back');
});
