import { expect, test } from 'vitest';
import { encode } from '#core/contract/codec.ts';
import { HEARTBEAT_MAX } from '#core/contract/heartbeat.ts';
import { streamInfo } from '#core/nats/jetstream.ts';
import { kanadeOfFile } from '#tests/support/kanade-of-file.ts';
import { until } from '#tests/support/until.ts';

const { kanade, nats } = await kanadeOfFile();

function beat(pc: string, more: object = {}): void {
  nats.publish(`heartbeat.${pc}`, encode({ pc_id: pc, at: new Date().toISOString(), ledger_id: 'l', ...more }));
}

/** All that was sent before has been heard, for heartbeats are heard in their order. */
async function heard(marker: string): Promise<void> {
  beat(marker);
  await until('the marker is enrolled', async () => (await kanade.backend.call('GET', `/agents/${marker}`)).status === 200);
}

test('a PC that says something else of itself with every heartbeat has little of it written and is asked once', async () => {
  beat('EVIL', { instance: 'i0', hostname: 'h0' });
  await heard('M1');
  let pings = 0;
  let syncs = 0;
  nats.subscribe('control.EVIL.ping', () => pings++);
  nats.subscribe('control.EVIL.sync', () => syncs++);
  await nats.flush();
  const before = (await streamInfo(nats, 'KV_agents')).state.last_seq;
  for (let i = 1; i <= 300; i++) {
    beat('EVIL', { instance: `i${i}`, hostname: `h${i}`, replay: { state: 'missing' } });
    if (i % 10 === 0) await kanade.backend.get('/agents/M1');
  }
  await heard('M2');
  await nats.flush();
  expect(syncs).toBeGreaterThan(0);
  // Three ten-second windows, should the machine be that slow.
  expect(syncs).toBeLessThanOrEqual(60);
  expect(pings).toBeLessThanOrEqual(2);
  // The marker's entry, and what is new of the PC once a minute.
  expect((await streamInfo(nats, 'KV_agents')).state.last_seq - before).toBeLessThanOrEqual(3);
});

test('junk is passed over, told of once, and whoever else beats is heard', async () => {
  const junk = new Uint8Array(HEARTBEAT_MAX + 1).fill(0x7b);
  for (let i = 0; i < 200; i++) nats.publish('heartbeat.JUNK', junk);
  for (let i = 0; i < 200; i++) beat('JUNK', { running: Array(5000).fill(0) });
  await heard('M3');
  expect((await kanade.backend.call('GET', '/agents/JUNK')).status).toBe(404);
  const output = kanade.backend.process.output();
  expect(output.split('heartbeat.JUNK').length - 1).toBe(1);
  expect(output.length).toBeLessThan(20_000);
});
