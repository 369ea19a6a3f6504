import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { resultId } from '#core/contract/ids.ts';
import { instant } from '#core/contract/time.ts';
import type { Json } from '#tests/support/kanade.ts';
import { kanadeOfFile } from '#tests/support/kanade-of-file.ts';
import { raw } from '#tests/support/projection.ts';
import { seedCommand } from '#tests/support/seed.ts';
import { until } from '#tests/support/until.ts';

/**
 * Agents and backends are updated one after another: each is to work with one that knows less, and with one that knows more. There is no
 * older release yet: what runs here is today's agent under other numbers, told things that it does not know, and messages of one that says
 * more than today's. So no number stands in the way, and what is new is passed over; what an older program did, this cannot show.
 */
const { kanade, nats } = await kanadeOfFile();

const ours = () => {
  const exec = randomUUID().replaceAll('-', '');
  const times = { issued_at: instant(Date.now()), expires_at: instant(Date.now() + 600_000) };
  return { request_id: exec, exec_id: exec, ...times };
};

/** What a backend that is a version ahead may send. */
const ahead = { priority: 3, retry: { times: 2, pause: '5m' }, notify: ['someone'], sandbox: null };

test.each([
  '0.0.9',
  '0.1.0',
  '0.1.1',
  '1.0.0',
])('an agent %s does what it is told by this backend, and by one that says more', async (version) => {
  const pc = `V${version.replaceAll('.', '-')}`;
  const agent = await kanade.readyAgent(pc, { version });
  expect(await kanade.backend.get(`/agents/${pc}`)).toMatchObject({ version, online: true });
  const plain = await kanade.backend.submit({ script: 'echo out', target: { pcs: [pc] } });
  await kanade.backend.inState(plain, pc, 'succeeded');

  const more = ours();
  await raw(nats, `commands.pc.${pc}.${more.exec_id}`, { ...seedCommand('echo more'), ...more, ...ahead });
  const { result_id } = await kanade.backend.inState(more.exec_id, pc, 'succeeded');
  expect(await kanade.backend.get(`/results/${result_id}`)).toMatchObject({ stdout: 'more\n' });

  // A verb and a kind of command that it has never heard of: it goes on, and says what it has not done.
  await nats.publish(`control.${pc}.dance`, new TextEncoder().encode('{}'));
  const command = { id: 'inv-hw', version: '1.0.0', timeout_secs: 60, ...ours() };
  await raw(nats, `commands.pc.${pc}.${command.exec_id}`, { ...command, collect: { what: 'dumps' } });
  const refused = await until('it refuses what it does not know', async () => {
    const { items } = await kanade.backend.get(`/events?kind=refused&pc=${pc}`);
    return items.find(({ request_id }: Json) => request_id === command.request_id);
  });
  expect(refused).toMatchObject({ code: 'unknown_command' });
  const after = await kanade.backend.submit({ script: 'true', target: { pcs: [pc] } });
  await kanade.backend.inState(after, pc, 'succeeded');
  await agent.stop();
});

test('what an agent that is a version ahead says more is passed over, and what it says is taken', async () => {
  const beat = () => ({
    pc_id: 'AHEAD',
    at: instant(Date.now()),
    ledger_id: 'ledger-ahead',
    instance: 'one',
    version: '99.0.0',
    battery_pct: 71,
    replay: { state: 'ready', lag: 3 },
    problems: [{ code: 'battery_low', detail: 'a code of its own', since: '2030-01-01T00:00:00Z' }],
  });
  await until('it is enrolled', async () => {
    nats.publish('heartbeat.AHEAD', new TextEncoder().encode(JSON.stringify(beat())));
    return (await kanade.backend.call('GET', '/agents/AHEAD')).status === 200;
  });
  expect(await kanade.backend.get('/agents/AHEAD')).toMatchObject({ version: '99.0.0', problems: [{ code: 'battery_low' }] });
  const exec = await kanade.backend.submit({ script: 'true', target: { pcs: ['AHEAD'] } });
  const about = {
    result_id: resultId(exec, 'AHEAD'),
    request_id: exec,
    exec_id: exec,
    pc_id: 'AHEAD',
    manifest_id: 'ad-hoc',
    version: '1',
  };
  const at = instant(Date.now());
  await raw(nats, `events.started.${exec}.AHEAD`, { ...about, started_at: at, cgroup: 'x' });
  await kanade.backend.inState(exec, 'AHEAD', 'running');
  const output = { stdout: '', stderr: '', stdout_bytes: 0, stderr_bytes: 0 };
  await raw(nats, `results.${exec}.AHEAD`, {
    ...about,
    ...output,
    exit_code: 0,
    outcome: 'succeeded',
    started_at: at,
    finished_at: at,
    energy_j: 12,
  });
  await kanade.backend.inState(exec, 'AHEAD', 'succeeded');
});
