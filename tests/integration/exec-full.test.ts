import { expect, test } from 'vitest';
import { submit } from '#backend/exec/submit.ts';
import { encode } from '#core/contract/codec.ts';
import type { AgentEntry } from '#core/contract/registry.ts';
import { subjects } from '#core/contract/subjects.ts';
import { isJetStreamError, STREAM_FULL } from '#core/nats/connection.ts';
import { purgeStream, streamInfo } from '#core/nats/jetstream.ts';
import { kvPut } from '#core/nats/kv.ts';
import { caughtUp } from '#tests/support/api-answers.ts';
import { evidence, settled } from '#tests/support/evidence.ts';
import { execContext } from '#tests/support/exec-context.ts';
import type { Json } from '#tests/support/kanade.ts';
import { kanadeOfFile } from '#tests/support/kanade-of-file.ts';
import { until } from '#tests/support/until.ts';

// EXEC gets its share of this, about 50 MB.
const { kanade, nats } = await kanadeOfFile({ broker: { maxFile: 512 * 1024 * 1024, syncInterval: '10s' } });

/** Until not one more small command goes in. */
async function fill(): Promise<void> {
  for (const size of [900_000, 20_000, 400]) {
    for (let n = 0; ; n++) {
      try {
        await nats.publishStored(`commands.pc.NOBODY.fill-${size}-${n}`, new Uint8Array(size), { lastSubjectSequence: 0 });
      } catch (error) {
        if (!isJetStreamError(error, STREAM_FULL)) throw error;
        break;
      }
    }
  }
}

function empty(which = '>'): Promise<unknown> {
  return purgeStream(nats, 'EXEC', `commands.pc.NOBODY.${which}`);
}

async function inExec(execId: string): Promise<number> {
  const { subjects: found = {} } = (await streamInfo(nats, 'EXEC', { subjects_filter: subjects.commandPc('*', execId) })).state;
  return Object.keys(found).length;
}

test('a full EXEC refuses with 507 before anything is stored, and takes the same request when there is room', async () => {
  const { backend } = kanade;
  await kanade.readyAgent('on');
  const ran = evidence(kanade, 'refused');
  const request = { shell: 'sh', script: ran.line, target: { pcs: ['on'] } };
  await fill();
  const before = await streamInfo(nats, 'EXECUTIONS');
  const key = { 'idempotency-key': 'again' };
  const refused = await backend.call('POST', '/executions', request, key);
  expect(refused).toMatchObject({ status: 507, body: { code: 'exec_full' } });
  expect(refused.headers.get('retry-after')).not.toBeNull();
  expect((await streamInfo(nats, 'EXECUTIONS')).state.last_seq).toBe(before.state.last_seq);
  expect((await backend.get('/executions')).items).toEqual([]);
  await until('the audit says so', async () => {
    const { items } = await backend.get('/audit?action=execution_submit');
    return items[0]?.result === 'exec_full';
  });

  await empty();
  const exec = await backend.submit(request, key);
  await backend.inState(exec, 'on', 'succeeded');
  await settled(kanade, 'on');
  expect(await ran.runs()).toBe(1);
});

test('an EXEC that fills up while commands are sent: the rest stays queued, is sent later, and runs once', async () => {
  await kanade.offAgent('off');
  const far = Array.from({ length: 40 }, (_, i) => `FAR-${i}`);
  const now = new Date().toISOString();
  for (const pc of far) {
    await kvPut(nats, 'agents', pc, encode({ pc_id: pc, enrolled_at: now, first_seen: now, last_seen: now } satisfies AgentEntry));
  }
  const ran = evidence(kanade, 'fills-up');
  await kanade.backend.process.stop();
  const pcs = [...far, 'ON', 'OFF'];
  const exec = await (async () => {
    await using ctx = await execContext(kanade.broker.url, kanade.backend.dataDir);
    // There is room when it is submitted and none when it is sent.
    return (await submit(ctx, { actor: 'admin', request: { shell: 'sh', script: ran.line.replace(/ (?=[^ ]*$)/, ' '), target: { pcs } } }))
      .exec_id;
  })();
  await fill();
  for (let n = 0; n < 5; n++) await empty(`fill-400-${n}`);

  kanade.backend = await kanade.startBackend();
  await until('some are sent', async () => (await inExec(exec)) > 0);
  await until('the rest is refused', () => kanade.backend.process.output().includes('EXEC is full'));
  const sent = await inExec(exec);
  expect(sent).toBeLessThan(pcs.length);
  await caughtUp(kanade.backend);
  // Whoever listens may have it all the same; nobody's row says that it was not sent.
  for (const row of await kanade.backend.targets(exec)) expect(['queued', 'running', 'succeeded']).toContain(row.state);
  expect((await kanade.backend.get(`/executions/${exec}`)).status).toBe('running');

  await empty();
  await until('all are sent', async () => (await inExec(exec)) === pcs.length, 60_000);
  await kanade.backend.inState(exec, 'on', 'succeeded');
  await kanade.readyAgent('off');
  await kanade.backend.inState(exec, 'off', 'succeeded');
  await settled(kanade, 'on');
  await settled(kanade, 'off');
  expect(await ran.runs()).toBe(2);
  const { counts }: Json = await kanade.backend.get(`/executions/${exec}`);
  expect(counts).toMatchObject({ queued: far.length, succeeded: 2 });
});
