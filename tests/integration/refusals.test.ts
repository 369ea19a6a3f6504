import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { replayDurable } from '#core/contract/subjects.ts';
import { api, consumerInfo } from '#core/nats/jetstream.ts';
import type { Json } from '#tests/support/kanade.ts';
import { kanadeOfFile } from '#tests/support/kanade-of-file.ts';
import { raw } from '#tests/support/projection.ts';
import { seedCommand, syncAll } from '#tests/support/seed.ts';
import { until } from '#tests/support/until.ts';

const { kanade, nats } = await kanadeOfFile();

beforeAll(async () => {
  await kanade.readyAgent('pc1');
});

/** Waits until an admin can see that this PC refused something for that reason. */
function refused(pc: string, code: string, subject: string): Promise<Json> {
  return until(`${pc} refuses ${subject} as ${code}`, async () => {
    const { items } = await kanade.backend.get(`/events?pc=${pc}&kind=refused&limit=500`);
    return (
      items.find((event: Json) => event.code === code && event.subject === subject) ?? Promise.reject(new Error(JSON.stringify(items)))
    );
  });
}

/** A later command on the same PC runs as if nothing had been: whatever came before has been dealt with by then. */
async function goodOneRuns(pc: string): Promise<void> {
  const exec = await kanade.backend.submit({ script: 'echo good', target: { pcs: [pc] } });
  await kanade.backend.inState(exec, pc, 'succeeded');
}

const mark = (name: string) => join(kanade.dir, name);

test.each([
  ['not JSON', 'malformed', () => new TextEncoder().encode('{"id":')],
  ['not UTF-8', 'malformed', () => new Uint8Array([0x22, 0xff, 0x22])],
  ['empty', 'malformed', () => new Uint8Array()],
  ['no object', 'malformed', () => null],
  ['a list', 'malformed', () => [seedCommand('touch never')]],
  ['without a request id', 'malformed', () => ({ ...seedCommand('touch never'), request_id: undefined })],
  ['with a request id that is too long', 'malformed', () => seedCommand('touch never', { request_id: 'x'.repeat(257) })],
  ['with an exec id that is none', 'malformed', () => seedCommand('touch never', { exec_id: '../etc' })],
  ['without a script', 'malformed', () => ({ ...seedCommand(''), script: undefined })],
  ['with two scripts', 'malformed', () => seedCommand('touch never', { script_sha256: 'a'.repeat(64) })],
  ['with a time-out that is no number', 'malformed', () => seedCommand('touch never', { timeout_secs: 'soon' })],
  ['with a script of 1,000,001 bytes', 'oversized', () => seedCommand('#'.repeat(1_000_001))],
  ['with an unknown shell', 'unknown_shell', () => seedCommand('touch never', { shell: 'bash' })],
])('a command that is %s is refused as %s, and the next one runs', async (_, code, body) => {
  const subject = 'commands.pc.PC1';
  const message = body();
  await raw(
    nats,
    subject,
    typeof message === 'object' && message !== null && 'script' in message ? { ...message, cwd: kanade.dir } : message,
  );
  const event = await refused('pc1', code, subject);
  expect(event).toMatchObject({ pc_id: 'PC1', detail: expect.stringMatching(/./) });
  await goodOneRuns('pc1');
  expect(existsSync(mark('never'))).toBe(false);
});

test('the same bad message live and by the durable is one event', async () => {
  const body = seedCommand('true', { shell: 'fish' });
  await raw(nats, 'commands.pc.PC1', body);
  // A group's command comes by the durable only: when it has run, what was stored before it has come that way too.
  await kanade.backend.call('PUT', '/agents/pc1/groups', { groups: ['lab'] });
  const after = seedCommand('true');
  await raw(nats, 'commands.group.lab', after);
  await syncAll(kanade.backend);
  await kanade.backend.inState(after.request_id, 'pc1', 'succeeded');
  const { items } = await kanade.backend.get('/events?pc=pc1&kind=refused&limit=500');
  expect(items.filter((event: Json) => event.request_id === body.request_id)).toHaveLength(1);
});

test('another command under an id that is taken is refused, and the first one has run once', async () => {
  const first = seedCommand(`echo first >> ${mark('twice')}; cat ${mark('twice')}`);
  await raw(nats, 'commands.pc.PC1', first);
  const row = await kanade.backend.inState(first.request_id, 'pc1', 'succeeded');
  await raw(nats, 'commands.pc.PC1', { ...first, script: `echo second >> ${mark('twice')}` });
  expect(await refused('pc1', 'conflicting_bytes', 'commands.pc.PC1')).toMatchObject({ request_id: first.request_id });
  await goodOneRuns('pc1');
  expect((await kanade.backend.get(`/results/${row.result_id}`)).stdout).toBe('first\n');
  expect((await kanade.backend.targets(first.request_id)).map(({ state }) => state)).toEqual(['succeeded']);
});

test('what was issued before this PC was enrolled, or has expired, is a result that says so', async () => {
  const early = seedCommand(`touch ${mark('early')}`, { issued_at: '2020-01-01T00:00:00Z', expires_at: '2999-01-01T00:00:00Z' });
  const late = seedCommand(`touch ${mark('late')}`, {
    expires_at: '2020-01-08T00:00:00Z',
    issued_at: new Date(Date.now() + 60_000).toISOString(),
  });
  await raw(nats, 'commands.pc.PC1', early);
  await raw(nats, 'commands.pc.PC1', late);
  expect(await kanade.backend.inState(early.request_id, 'pc1', 'skipped')).toMatchObject({
    reason: 'issued_before_enrolment',
    started_at: null,
    exit_code: null,
  });
  expect(await kanade.backend.inState(late.request_id, 'pc1', 'expired')).toMatchObject({ reason: 'expired', started_at: null });
  await goodOneRuns('pc1');
  expect([existsSync(mark('early')), existsSync(mark('late'))]).toEqual([false, false]);
});

test('a durable that hands out the commands of others does not make this PC run them', async () => {
  await kanade.readyAgent('pc2');
  // What a durable of the seeds would be: one that filters nothing. Changed in place, for one that is gone is made again.
  const { config } = await consumerInfo(nats, 'EXEC', replayDurable('PC2'));
  await api(nats, `CONSUMER.CREATE.EXEC.${replayDurable('PC2')}`, {
    stream_name: 'EXEC',
    config: { ...config, filter_subjects: ['commands.>'] },
    action: 'update',
  });
  await raw(nats, 'commands.pc.ELSEWHERE', seedCommand(`touch ${mark('elsewhere')}`));
  await raw(nats, 'commands.pc.ELSEWHERE.some_exec', seedCommand(`touch ${mark('elsewhere')}`, { exec_id: 'some_exec' }));
  await raw(nats, 'commands.group.strangers', seedCommand(`touch ${mark('strangers')}`));
  await raw(nats, 'commands.weird.PC2', seedCommand(`touch ${mark('weird')}`));
  await syncAll(kanade.backend);
  await refused('pc2', 'misaddressed', 'commands.pc.ELSEWHERE');
  await refused('pc2', 'misaddressed', 'commands.pc.ELSEWHERE.some_exec');
  await refused('pc2', 'misaddressed', 'commands.weird.PC2');
  await refused('pc2', 'not_member', 'commands.group.strangers');
  await goodOneRuns('pc2');
  for (const name of ['elsewhere', 'strangers', 'weird']) expect(existsSync(mark(name))).toBe(false);
});
