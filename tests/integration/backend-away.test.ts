import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { submit } from '#backend/exec/submit.ts';
import { encode } from '#core/contract/codec.ts';
import { deriveId } from '#core/contract/ids.ts';
import type { AgentEntry } from '#core/contract/registry.ts';
import { subjects } from '#core/contract/subjects.ts';
import { lastMessage, streamInfo } from '#core/nats/jetstream.ts';
import { kvPut } from '#core/nats/kv.ts';
import { evidence, settled } from '#tests/support/evidence.ts';
import { execContext } from '#tests/support/exec-context.ts';
import { kanadeOfFile } from '#tests/support/kanade-of-file.ts';
import { until } from '#tests/support/until.ts';

const { kanade, nats } = await kanadeOfFile();

async function inExec(filter: string): Promise<number> {
  const { subjects = {} } = (await streamInfo(nats, 'EXEC', { subjects_filter: filter })).state;
  return Object.keys(subjects).length;
}

test('what PCs do while there is no backend is all there once one is back', async () => {
  await kanade.readyAgent('busy');
  const ran = evidence(kanade, 'busy');
  const [begun, gate] = [join(kanade.dir, 'begun'), join(kanade.dir, 'gate')];
  const exec = await kanade.backend.submit({
    script: `${ran.line}; touch ${begun}; while [ ! -e ${gate} ]; do sleep 0.05; done; echo the end`,
    target: { pcs: ['busy'] },
  });
  await until('it runs', () => existsSync(begun));
  await kanade.backend.process.kill();
  await writeFile(gate, '');
  await until('the result is stored', async () => lastMessage(nats, 'RESULTS', subjects.result(exec, 'BUSY')));
  kanade.backend = await kanade.startBackend();
  const row = await kanade.backend.inState(exec, 'busy', 'succeeded');
  expect(row.started_at).not.toBeNull();
  expect(await kanade.backend.get(`/results/${row.result_id}`)).toMatchObject({ stdout: 'the end\n' });
  expect(await ran.runs()).toBe(1);
});

test('a backend killed between storing a submission and sending it: the next one sends it, and the retry gets the same', async () => {
  await kanade.readyAgent('retry');
  const ran = evidence(kanade, 'retry');
  const request = { shell: 'sh' as const, script: ran.line, target: { pcs: ['retry'] } };
  await kanade.backend.process.kill();
  const { exec_id: exec } = await (async () => {
    // This process goes as far as the commit and has no dispatcher.
    await using ctx = await execContext(kanade.broker.url, kanade.backend.dataDir);
    return await submit(ctx, { actor: 'admin', idempotencyKey: 'once', request });
  })();
  expect(await inExec(`commands.pc.RETRY.${exec}`)).toBe(0);

  kanade.backend = await kanade.startBackend();
  const other = await kanade.startBackend('two');
  const key = { 'idempotency-key': 'once' };
  expect(await other.submit(request, key)).toBe(exec);
  expect(await kanade.backend.submit(request, key)).toBe(exec);
  await kanade.backend.inState(exec, 'retry', 'succeeded');
  await settled(kanade, 'retry');
  expect(await ran.runs()).toBe(1);
  expect((await other.targets(exec)).map((row) => row.pc_id)).toEqual(['RETRY']);

  for (const backend of [kanade.backend, other]) {
    const changed = await backend.call('POST', '/executions', { ...request, timeout: '61s' }, key);
    expect(changed).toMatchObject({ status: 422, body: { code: 'idempotency_key_reused' } });
  }
  // Written in another order it is the same request.
  const { target, ...rest } = request;
  expect(await other.submit({ target, ...rest }, key)).toBe(exec);
  await other.process.stop();
});

test('two backends asked at once under one key start one execution', async () => {
  const other = await kanade.startBackend('two');
  const ran = evidence(kanade, 'race');
  const request = { script: ran.line, target: { pcs: ['retry'] } };
  const ids = await Promise.all(
    [kanade.backend, other, kanade.backend, other].map((backend) => backend.submit(request, { 'idempotency-key': 'race' })),
  );
  expect(new Set(ids).size).toBe(1);
  await kanade.backend.inState(ids[0]!, 'retry', 'succeeded');
  await settled(kanade, 'retry');
  expect(await ran.runs()).toBe(1);
  await other.process.stop();
});

test('a backend killed in the middle of sending: another one sends the rest, and each PC has it once', async () => {
  const many = Array.from({ length: 2000 }, (_, i) => `FAR-${String(i).padStart(4, '0')}`);
  const now = new Date().toISOString();
  await Promise.all(
    many.map((pc) =>
      kvPut(nats, 'agents', pc, encode({ pc_id: pc, enrolled_at: now, first_seen: now, last_seen: now } satisfies AgentEntry)),
    ),
  );
  // First and last of the list: one has it before the kill, the other only from the second backend.
  await kanade.readyAgent('a-first');
  await kanade.readyAgent('z-last');
  await until('all are known', async () => (await kanade.backend.get('/agents/FAR-1999')).pc_id);
  const ran = evidence(kanade, 'rest');
  const exec = deriveId('exec', 'admin', 'cut');
  // Nobody waits for the answer: it may never come.
  const request = { script: ran.line, target: { pcs: [...many, 'a-first', 'z-last'] } };
  kanade.backend.submit(request, { 'idempotency-key': 'cut' }).catch(() => {});
  const sent = await until('some are sent', async () => (await inExec(`commands.pc.*.${exec}`)) || undefined);
  await kanade.backend.process.kill();
  const other = await kanade.startBackend('two');
  expect(sent).toBeLessThan(many.length + 2);
  await until('all are sent', async () => (await inExec(`commands.pc.*.${exec}`)) >= many.length, 120_000);
  await until('both have run it', async () => (await other.get(`/executions/${exec}`)).counts.succeeded === 2, 120_000);
  kanade.backend = other;
  await settled(kanade, 'a-first');
  await settled(kanade, 'z-last');
  expect(await ran.runs()).toBe(2);
  expect((await other.get(`/executions/${exec}`)).counts).toMatchObject({ queued: many.length, succeeded: 2 });
  // One command for each, and no more: that of the two that are done waits for the rest.
  expect(await inExec(`commands.pc.*.${exec}`)).toBe(many.length + 2);
  await other.process.stop();
}, 300_000);
