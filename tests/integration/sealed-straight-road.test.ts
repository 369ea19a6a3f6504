import { expect, test } from 'vitest';
import { NEVER, SEAL_HEADERS } from '#core/contract/seal.ts';
import { subjects } from '#core/contract/subjects.ts';
import { lastMessage } from '#core/nats/jetstream.ts';
import { kanadeOfFile } from '#tests/support/kanade-of-file.ts';
import { until } from '#tests/support/until.ts';

const { kanade, nats } = await kanadeOfFile({ sealed: true });

test('a signed command runs on a PC that obeys nothing else, live and after it was off', async () => {
  const agent = await kanade.readyAgent('pc1');
  const live = await kanade.backend.submit({ script: 'echo live', target: { pcs: ['pc1'] } });
  await kanade.backend.inState(live, 'pc1', 'succeeded');
  await agent.stop();
  const later = await kanade.backend.submit({ script: 'echo later', target: { all: true } });
  const stored = (await until('it is stored', () => lastMessage(nats, 'EXEC', subjects.commandAll(later))))!;
  const { expires_at } = JSON.parse(new TextDecoder().decode(stored.data));
  expect(stored.header(SEAL_HEADERS.expires)).toBe(expires_at);
  const submitted = (await lastMessage(nats, 'EXECUTIONS', subjects.submitted(later)))!;
  expect(submitted.header(SEAL_HEADERS.expires)).toBe(NEVER);
  await kanade.readyAgent('pc1');
  await kanade.backend.inState(later, 'pc1', 'succeeded');
});

test('jobs, groups, schedules, freeze, cancellation and revocation go on working', async () => {
  const { backend } = kanade;
  const ok = async (method: string, path: string, body?: unknown) => {
    const answer = await backend.call(method, path, body);
    expect([path, answer.status < 300, answer.body]).toEqual([path, true, answer.body]);
    return answer.body;
  };
  await ok('PUT', '/jobs/tidy', { id: 'tidy', version: '1', execute: { shell: 'sh', script: 'sleep 100', timeout: '200s' } });
  await ok('PUT', '/agents/pc1/groups', { groups: ['lab'] });
  const { exec_id: exec } = await ok('POST', '/executions', { job_id: 'tidy', target: { groups: ['lab'] } });
  await backend.inState(exec, 'pc1', 'running');
  await ok('POST', `/executions/${exec}/cancel`, {});
  await backend.inState(exec, 'pc1', 'killed');
  await ok('PUT', '/freeze', { reason: 'audit' });
  await ok('DELETE', '/freeze');
  await ok('POST', '/jobs/tidy/revoke');
  expect((await backend.call('POST', '/executions', { job_id: 'tidy', target: { all: true } })).body.code).toBe('job_revoked');
  await ok('POST', '/jobs/tidy/unrevoke');
  expect((await ok('POST', '/agents/pc1/ping')).heartbeat.pc_id).toBe('PC1');
  expect((await backend.get('/events?pc=pc1&kind=refused')).items).toEqual([]);
  expect((await backend.get('/dead-letters')).items).toEqual([]);
});
