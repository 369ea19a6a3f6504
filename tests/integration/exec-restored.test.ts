import { cp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readExecNote } from '#backend/agents/exec-epoch.ts';
import { replayDurable } from '#core/contract/subjects.ts';
import { consumerInfo, createConsumer, deleteConsumer, streamInfo, updateStream } from '#core/nats/jetstream.ts';
import { evidence, settled } from '#tests/support/evidence.ts';
import type { Json } from '#tests/support/kanade.ts';
import { kanadeOfFile } from '#tests/support/kanade-of-file.ts';
import { until } from '#tests/support/until.ts';

const { kanade, nats } = await kanadeOfFile();

const execDir = () => join(kanade.broker.storeDir, 'jetstream', '$G', 'streams', 'EXEC');
const backup = () => join(kanade.dir, 'backup');

async function restorations(): Promise<Json[]> {
  return (await kanade.backend.get('/audit?action=exec_restored')).items;
}

/** The lease holder has noted how far EXEC is: it looks when a stream was changed. */
async function noted(): Promise<void> {
  const { config, state } = await streamInfo(nats, 'EXEC');
  const lowered: typeof config = { ...config, max_msgs_per_subject: 5 };
  await updateStream(nats, lowered);
  await until('it is noted', async () => ((await readExecNote(nats))?.last_seq ?? 0) >= state.last_seq);
}

/** A PC whose ledger has the commands up to some sequence, and which is off. */
async function ranSome(pc: string): Promise<number> {
  const agent = await kanade.readyAgent(pc);
  for (let i = 0; i < 5; i++) {
    const exec = await kanade.backend.submit({ script: 'true', target: { pcs: [pc] } });
    await kanade.backend.inState(exec, pc, 'succeeded');
  }
  await settled(kanade, pc);
  // A change of its groups makes it look at its durable.
  await kanade.backend.call('PUT', `/agents/${pc}/groups`, { groups: ['some'] });
  const floor = await until('its floor is known', async () => {
    const { heartbeat } = (await kanade.backend.call('POST', `/agents/${pc}/ping`)).body;
    return heartbeat.replay.floor;
  });
  await agent.stop();
  return floor;
}

test.each([
  ['is lost', 'LOST', false],
  ['is restored from an older backup', 'OLDER', true],
])(
  'EXEC %s with the broker: what waits for a PC that had come further still reaches it',
  async (_, pc, restored) => {
    await kanade.offAgent(pc);
    const seen = (await restorations()).length;
    await kanade.broker.stop();
    await cp(execDir(), backup(), { recursive: true });
    await kanade.broker.restart();
    const floor = await ranSome(pc);
    const ran = evidence(kanade, pc);
    const before = await kanade.backend.submit({ script: ran.line, target: { pcs: [pc] } });
    await noted();

    await kanade.broker.stop();
    await rm(execDir(), { recursive: true });
    if (restored) await cp(backup(), execDir(), { recursive: true });
    await kanade.broker.restart();
    await rm(backup(), { recursive: true });
    const said = await until('the audit says so', async () => {
      const all = await restorations();
      return all.length > seen && all[0];
    });
    expect(said.after.from_backup).toBe(restored);

    const exec = await kanade.backend.submit({ script: ran.line, target: { pcs: [pc] } });
    const { config } = await consumerInfo(nats, 'EXEC', replayDurable(pc));
    expect(Number(config.opt_start_seq ?? 0)).toBeLessThan(floor);
    await kanade.readyAgent(pc);
    for (const one of [before, exec]) await kanade.backend.inState(one, pc, 'succeeded');
    await settled(kanade, pc);
    expect(await ran.runs()).toBe(2);
    // Acknowledgements take their time to count: the PC looks again within a minute.
    await until(
      'its floor is one of the stream that is there',
      async () => {
        const { replay } = (await kanade.backend.call('POST', `/agents/${pc}/ping`)).body.heartbeat;
        return replay.floor <= (await streamInfo(nats, 'EXEC')).state.last_seq;
      },
      90_000,
    );
  },
  180_000,
);

test('a durable that begins beyond the end of EXEC is made anew by whoever takes the lease', async () => {
  await kanade.offAgent('BEYOND');
  await kanade.backend.process.stop();
  const name = replayDurable('BEYOND');
  const { config } = await consumerInfo(nats, 'EXEC', name);
  await deleteConsumer(nats, 'EXEC', name);
  const { deliver_policy: _, opt_start_time: __, opt_start_seq: ___, ...rest } = config as Json;
  await createConsumer(nats, 'EXEC', { ...rest, deliver_policy: 'by_start_sequence', opt_start_seq: 1_000_000 });
  kanade.backend = await kanade.startBackend();
  await until('it begins elsewhere', async () => {
    return Number((await consumerInfo(nats, 'EXEC', name)).config.opt_start_seq ?? 0) < 1_000_000;
  });
});
