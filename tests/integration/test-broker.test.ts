import { connect } from 'nats';
import { expect, test } from 'vitest';
import { startTestBroker } from '#tests/support/broker.ts';

test('what a killed broker stored is there when it is back on the same port', async () => {
  await using broker = await startTestBroker();
  const nc = await connect({ servers: broker.url });
  const jsm = await nc.jetstreamManager();
  await jsm.streams.add({ name: 'S', subjects: ['s.>'] });
  await nc.jetstream().publish('s.1', 'kept');
  await nc.close();
  const before = broker.pid;
  await broker.kill();
  await broker.restart();
  expect(broker.pid).not.toBe(before);
  const again = await connect({ servers: broker.url });
  expect((await (await again.jetstreamManager()).streams.info('S')).state.messages).toBe(1);
  await again.close();
});

test('the broker takes an authorization block', async () => {
  await using broker = await startTestBroker({ config: 'authorization { user: a, password: b }' });
  await expect(connect({ servers: broker.url })).rejects.toThrow(/Authorization/i);
  await (await connect({ servers: broker.url, user: 'a', pass: 'b' })).close();
});
