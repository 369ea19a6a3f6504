import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { encode } from '#core/contract/codec.ts';
import { subjects } from '#core/contract/subjects.ts';
import { lastMessage } from '#core/nats/jetstream.ts';
import { kvPut } from '#core/nats/kv.ts';
import { evidence, settled } from '#tests/support/evidence.ts';
import type { Json } from '#tests/support/kanade.ts';
import { kanadeOfFile } from '#tests/support/kanade-of-file.ts';
import { command } from '#tests/support/projection.ts';
import { seedCommand } from '#tests/support/seed.ts';
import { eventsOf } from '#tests/support/sse.ts';
import { until } from '#tests/support/until.ts';

const { kanade, nats } = await kanadeOfFile({ identities: true });

async function violations(): Promise<string[]> {
  return (await readFile(kanade.broker.logFile, 'utf8')).split('\n').filter((line) => /violation/i.test(line));
}

async function run(request: Record<string, unknown>, state = 'succeeded'): Promise<{ exec: string; row: Json }> {
  const exec = await kanade.backend.submit({ target: { pcs: ['me'] }, ...request });
  return { exec, row: await kanade.backend.inState(exec, 'me', state) };
}

test('every flow of an agent keeps to what the design allows it', async () => {
  const { backend } = kanade;
  // Enrolment, heartbeat, the wait for its durable, live commands.
  let agent = await kanade.readyAgent('me');
  await kanade.readyAgent('other');
  await run({ script: 'echo live' });
  await run({ script: 'echo all', target: { all: true } });
  // A long script out of `blobs`; output in chunks; bytes that are not text.
  const long = await run({ script: `echo long\n# ${'x'.repeat(5000)}` });
  expect((await backend.get(`/results/${long.row.result_id}`)).stdout).toBe('long\n');
  const chunked = await run({ script: 'head -c 700000 /dev/zero; printf "a\\377"' });
  const bytes = await fetch(`${backend.url}/api/v1/results/${chunked.row.result_id}/stdout`, {
    headers: { authorization: `Bearer ${backend.token}` },
  });
  expect((await bytes.arrayBuffer()).byteLength).toBe(700_002);
  // A job, whose status and pin are read; then revoked.
  const job = { id: 'tidy', version: '1', execute: { shell: 'sh', script: 'echo job', timeout: '60s' } };
  await backend.call('PUT', '/jobs/tidy', job);
  const ofJob = (await backend.call('POST', '/executions', { job_id: 'tidy', target: { pcs: ['me'] } })).body.exec_id;
  await backend.inState(ofJob, 'me', 'succeeded');
  const sent = subjects.commandPc('ME', 'revoked');
  await backend.call('POST', '/jobs/tidy/revoke');
  await nats.publishStored(sent, encode(command('revoked', { id: 'tidy', version: '1' })));
  expect(await backend.inState('revoked', 'me', 'skipped')).toMatchObject({ reason: 'revoked' });

  // A section of the inventory, and the answer to who asks for all of it.
  const writes = command('writes', { inventory_section: 'licences', script: `echo '{"seats": 1}'` });
  await nats.publishStored(subjects.commandPc('ME', 'writes'), encode(writes));
  await until('the section is told', () => lastMessage(nats, 'INVENTORY', subjects.inventory('ME', 'licences')));
  await nats.request(subjects.control('ME', 'inventory'), encode({}), { timeout: 5000, reply: subjects.reply('ME', 'asked') });

  // A schedule's command, for which the freeze is read.
  const fired = command('fired', { schedule_id: 'nightly', nominal_at: new Date().toISOString() });
  await nats.publishStored(subjects.commandPc('ME', 'fired'), encode(fired));
  await backend.inState('fired', 'me', 'succeeded');
  await kvPut(nats, 'config', 'freeze', encode({ reason: null, since: new Date().toISOString(), by: 'admin' }));

  // What backend and agent ask and answer while a script runs: tail, ping, logs, cancel.
  const begun = join(kanade.dir, 'begun');
  const running = await backend.submit({ script: `echo said; touch ${begun}; sleep 100`, target: { pcs: ['me'] } });
  const { result_id: id } = await backend.inState(running, 'me', 'running');
  await until('it runs', () => existsSync(begun));
  const tail = await fetch(`${backend.url}/api/v1/results/${id}/tail`, { headers: { authorization: `Bearer ${backend.token}` } });
  for await (const event of eventsOf(tail)) if (event.event === 'stdout') break;
  expect((await backend.call('POST', '/agents/me/ping')).body.heartbeat.running).toEqual([running]);
  expect((await backend.call('GET', '/agents/me/logs')).status).toBe(200);
  await backend.call('POST', `/executions/${running}/cancel`, { pcs: ['me'] });
  await backend.inState(running, 'me', 'killed');

  // What came while it was off: two commands, one of them cancelled, a seed's command for its group.
  await agent.stop();
  await backend.call('PUT', '/agents/me/groups', { groups: ['lab'] });
  const ran = evidence(kanade, 'replayed');
  const replayed = await backend.submit({ script: ran.line, target: { pcs: ['me'] } });
  const part = await backend.submit({ script: ran.line, target: { pcs: ['me', 'other'] } });
  await backend.call('POST', `/executions/${part}/cancel`, { pcs: ['me'] });
  await nats.publishStored('commands.group.lab', encode(seedCommand(ran.line)));
  await nats.publishStored('commands.group.sales', encode(seedCommand(ran.line)));
  const frozen = command('frozen', { schedule_id: 'nightly', nominal_at: new Date().toISOString() });
  await nats.publishStored(subjects.commandPc('ME', 'frozen'), encode(frozen));
  agent = await kanade.readyAgent('me');
  await backend.inState(replayed, 'me', 'succeeded');
  expect((await backend.inState('frozen', 'me', 'skipped')).reason).toBe('frozen');
  await settled(kanade, 'me');
  // The replayed one, the group's, and the other PC's.
  await until('all have run', async () => (await ran.runs()) === 3);

  // The broker goes in the middle of a run and comes back; then the agent stops in the middle of one.
  const through = await backend.submit({ script: 'sleep 1; echo through', target: { pcs: ['me'] } });
  await backend.inState(through, 'me', 'running');
  await kanade.broker.restart();
  await backend.inState(through, 'me', 'succeeded');
  await backend.agentReady('me');
  const cut = await backend.submit({ script: 'sleep 100', target: { pcs: ['me'] } });
  await backend.inState(cut, 'me', 'running');
  await agent.stop();
  await backend.inState(cut, 'me', 'unknown');

  // Refused, reported, and enrolled again with a new data folder.
  await nats.publishStored('commands.pc.ME', encode({ not: 'a command' }));
  const reimaged = { dataDir: join(kanade.dir, 'me-reimaged'), identity: await kanade.identityFor({ replace: true }) };
  await kanade.readyAgent('me', reimaged);
  await until('it was refused', async () => (await backend.get('/events?pc=me&kind=refused')).items.length > 0);
  await run({ script: 'echo new' });
  expect(await violations()).toEqual([]);
});
