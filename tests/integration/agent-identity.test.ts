import { existsSync } from 'node:fs';
import { cp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { pcJwt } from '#backend/identity/claims.ts';
import { connectProxy } from '#tests/support/connect-proxy.ts';
import { evidence } from '#tests/support/evidence.ts';
import type { Json } from '#tests/support/kanade.ts';
import { kanadeOfFile } from '#tests/support/kanade-of-file.ts';
import { until } from '#tests/support/until.ts';

const { kanade } = await kanadeOfFile({ identities: true });

/** Lines of the agent's log that say this. */
async function said(pcId: string, text: string): Promise<Json[]> {
  const log = await readFile(join(kanade.agentDir(pcId), 'test.log'), 'utf8').catch(() => '');
  return log
    .split('\n')
    .filter((line) => line.includes(text))
    .map((line) => JSON.parse(line));
}

function saying(pcId: string, text: string): Promise<Json[]> {
  return until(`${pcId} says ${text}`, async () => {
    const lines = await said(pcId, text);
    return lines.length > 0 && lines;
  });
}

async function runs(pcId: string): Promise<void> {
  const exec = await kanade.backend.submit({ script: 'echo hello', target: { pcs: [pcId] } });
  await kanade.backend.inState(exec, pcId, 'succeeded');
}

const identityFile = (pcId: string) => join(kanade.agentDir(pcId), 'agent', 'identity.json');

test('an agent enrols once, keeps its credential for itself, and needs no token afterwards', async () => {
  const first = await kanade.readyAgent('keeps');
  await runs('keeps');
  const { public_key } = await kanade.backend.get('/agents/keeps');
  expect((await stat(identityFile('keeps'))).mode & 0o777).toBe(0o600);
  await first.stop();
  // Neither a token nor the server: it knows where it is at home.
  const second = kanade.startAgent('keeps', { identity: {} });
  await second.ready;
  await runs('keeps');
  expect((await kanade.backend.get('/agents/keeps')).public_key).toBe(public_key);
  expect(await said('keeps', 'has made its key')).toHaveLength(1);
  await second.stop();
});

test.each([
  ['weeks behind', -21 * 86_400_000],
  ['a day ahead', 86_400_000],
])('a PC that starts with a clock that is %s asks the server, and no broker, what time it is', async (way, clockShift) => {
  const pc = way.replaceAll(' ', '-');
  await kanade.offAgent(pc);
  await kanade.startAgent(pc, { identity: { server: kanade.backend.url }, clockShift }).ready;
  await kanade.backend.agentReady(pc);
  await runs(pc);
  expect(await said(pc, 'the command keys were asked for anew')).not.toEqual([]);
  expect((await kanade.backend.get(`/events?pc=${pc}&kind=refused`)).items).toEqual([]);
  const { heartbeat } = (await kanade.backend.call('POST', `/agents/${pc}/ping`)).body;
  expect(Math.abs(heartbeat.clock_offset_ms + clockShift)).toBeLessThan(5000);
});

/** The agent is off; what it has is good for so many seconds more. */
async function goodFor(pcId: string, secs: number): Promise<void> {
  const { protected: kept } = JSON.parse(await readFile(identityFile(pcId), 'utf8'));
  const credential = JSON.parse(Buffer.from(kept, 'base64').toString());
  const expiresAt = Math.floor(Date.now() / 1000) + secs;
  credential.enrolled.jwt = await pcJwt(kanade.identity!.signers.pcs, {
    pcId: pcId.toUpperCase(),
    publicKey: credential.public_key,
    expiresAt,
  });
  await writeFile(identityFile(pcId), JSON.stringify({ protected: Buffer.from(JSON.stringify(credential)).toString('base64') }));
}

test.each([
  ['while it was off', -60],
  ['while it is connected', 5],
])('a JWT that runs out %s is renewed by the key alone, and the PC goes on', async (_, secs) => {
  const name = secs < 0 ? 'over' : 'running-out';
  await kanade.offAgent(name);
  await goodFor(name, secs);
  const agent = kanade.startAgent(name, { identity: {} });
  if (secs > 0) {
    await agent.ready;
    await saying(name, 'broker connection lost');
  }
  await saying(name, 'the identity was renewed');
  await kanade.backend.agentReady(name);
  await runs(name);
  await agent.stop();
});

test('with nothing to enrol with it ends at once and says what is missing', async () => {
  const agent = kanade.startAgent('nothing', { identity: { server: kanade.backend.url } });
  expect(await agent.exited).toBe(1);
  await expect(agent.ready).rejects.toMatchObject({ code: 'no_identity', message: expect.stringContaining('KANADE_ENROLMENT_TOKEN') });
});

test('a token that does not count makes it try ever more slowly, and say why; a right one makes it come in with the key it has', async () => {
  const server = kanade.backend.url;
  const wrong = kanade.startAgent('wrong', { identity: { server, token: `ket_nobody_${'x'.repeat(43)}` } });
  const tries = await until('it has tried a few times', async () => {
    const lines = await said('wrong', 'could not enrol');
    return lines.length >= 3 && lines;
  });
  expect(tries[0]).toMatchObject({ level: 'error', code: 'enrolment_token_invalid' });
  expect(tries.slice(0, 3).map(({ next_try_secs }) => next_try_secs)).toEqual([1, 2, 4]);
  await wrong.stop();
  const right = await kanade.readyAgent('wrong');
  expect(await said('wrong', 'has made its key')).toHaveLength(1);
  await right.stop();
});

test('a right token that is written into its settings file makes it come in without a restart', async () => {
  const settings = join(kanade.dir, 'told.json');
  const tell = (enrolment_token: string) => writeFile(settings, JSON.stringify({ enrolment_token }));
  await tell(`ket_nobody_${'x'.repeat(43)}`);
  const agent = kanade.process('core/agent/main.ts', [
    ...['--settings', settings, '--server', kanade.backend.url, '--pc-id', 'told'],
    ...['--data-dir', kanade.agentDir('told'), '--inventory-interval', 'off'],
  ]);
  const log = () => readFile(join(kanade.agentDir('told'), 'agent/log/agent.1.log'), 'utf8').catch(() => '');
  await until('it was refused', async () => (await log()).includes('could not enrol'));
  await tell((await kanade.identityFor()).token);
  await agent.ready;
  await agent.stop();
});

test('it waits for an admin over a restart, and comes in when it is approved', async () => {
  const identity = await kanade.identityFor({ needs_approval: true });
  const first = kanade.startAgent('waits', { identity });
  await saying('waits', 'waits for an admin');
  await first.stop();
  const { items } = await kanade.backend.get('/enrolments');
  const { id } = items.find(({ pc_id }: Json) => pc_id === 'WAITS');
  await kanade.backend.call('POST', `/enrolments/${id}/approve`);
  const second = kanade.startAgent('waits', { identity });
  await second.ready;
  await runs('waits');
  expect((await kanade.backend.get('/agents/waits')).public_key).toBe(id);
  await second.stop();
});

test('a PC that is revoked is cut at once and stays out, until it is given another token and an admin lets it in', async () => {
  const agent = await kanade.readyAgent('stolen');
  await kanade.backend.call('POST', '/agents/stolen/revoke');
  await saying('stolen', 'broker connection lost');
  const [refusal] = await saying('stolen', 'could not be renewed');
  expect(refusal).toMatchObject({ code: 'identity_revoked' });
  await agent.stop();
  const again = kanade.startAgent('stolen', { identity: await kanade.identityFor() });
  await saying('stolen', 'another enrolment token');
  await saying('stolen', 'waits for an admin');
  const { items } = await kanade.backend.get('/enrolments');
  const { id } = items.find(({ pc_id }: Json) => pc_id === 'STOLEN');
  await again.stop();
  await kanade.backend.call('POST', `/enrolments/${id}/approve`);
  const back = kanade.startAgent('stolen', { identity: {} });
  await back.ready;
  await kanade.backend.agentReady('stolen');
  await runs('stolen');
  await back.stop();
});

test('a retired PC is cut and stays out', async () => {
  const agent = await kanade.readyAgent('leaves');
  await kanade.backend.call('DELETE', '/agents/leaves');
  await saying('leaves', 'broker connection lost');
  expect(await saying('leaves', 'could not be renewed')).toMatchObject([{ code: 'pc_retired' }]);
  await agent.stop();
  expect(await kanade.backend.get('/agents/leaves')).toMatchObject({ identity: 'revoked', retired_at: expect.any(String) });
});

test('what was queued for a PC that was retired does not run on whoever has its name next', async () => {
  await kanade.offAgent('inherited');
  const ran = evidence(kanade, 'retired-queue');
  const queued = await kanade.backend.submit({ script: ran.line, target: { pcs: ['inherited'] } });
  await kanade.backend.call('DELETE', '/agents/inherited');
  const dataDir = `${kanade.agentDir('inherited')}-next`;
  const next = kanade.startAgent('inherited', { dataDir, identity: await kanade.identityFor() });
  const { id } = await until('it waits for an admin', async () => {
    const { items } = await kanade.backend.get('/enrolments?state=pending');
    return items.find(({ pc_id }: Json) => pc_id === 'INHERITED');
  });
  expect((await kanade.backend.call('POST', `/enrolments/${id}/approve`)).status).toBe(200);
  await next.ready;
  await kanade.backend.agentReady('inherited');
  await runs('inherited');
  expect(await ran.runs()).toBe(0);
  expect(await kanade.backend.target(queued, 'inherited')).toMatchObject({ state: 'cancelled' });
  await next.stop();
});

test('a PC that is renamed goes on under its new name with the key it has; what was queued under the old one does not run', async () => {
  const agent = await kanade.readyAgent('before');
  await kanade.backend.call('PUT', '/agents/before/groups', { groups: ['lab'] });
  const { public_key } = await kanade.backend.get('/agents/before');
  const renamed = await kanade.backend.call('POST', '/agents/before/rename', { pc_id: 'after' });
  expect(renamed).toMatchObject({ status: 200, body: { pc_id: 'AFTER', renamed_from: 'BEFORE' } });
  await kanade.backend.agentReady('after');
  await runs('after');
  expect(await kanade.backend.get('/agents/after')).toMatchObject({ public_key, groups: ['lab'], identity: 'active' });
  expect(await kanade.backend.get('/agents/before')).toMatchObject({
    renamed_to: 'AFTER',
    public_key: null,
    retired_at: expect.any(String),
  });
  // Nobody else has its old name while it might still use it.
  expect(await kanade.backend.call('POST', '/agents/before/readmit')).toMatchObject({ status: 409, body: { code: 'pc_id_taken' } });
  expect(await kanade.backend.call('POST', '/agents/after/rename', { pc_id: 'before' })).toMatchObject({ status: 409 });
  await agent.stop();
});

test('a PC that is off when it is renamed learns it when it comes back', async () => {
  await kanade.offAgent('off-before');
  const ran = evidence(kanade, 'renamed-queue');
  const queued = await kanade.backend.submit({ script: ran.line, target: { pcs: ['off-before'] } });
  await kanade.backend.call('POST', '/agents/off-before/rename', { pc_id: 'off-after' });
  await kanade.backend.inState(queued, 'off-before', 'cancelled');
  const meant = await kanade.backend.submit({ script: ran.line, target: { pcs: ['off-after'] } });
  const agent = kanade.startAgent('off-before', { identity: {} });
  await kanade.backend.inState(meant, 'off-after', 'succeeded');
  expect(await ran.runs()).toBe(1);
  await agent.stop();
});

test('a copy of a disk notices in another PC what it is, and carries nothing on', async () => {
  const hardware = { uuid: 'original', machine_guid: 'g' };
  const identity = { ...(await kanade.identityFor({ uses: null })), hardware };
  const original = kanade.startAgent('original', { identity });
  await original.ready;
  await kanade.backend.agentReady('original');
  await runs('original');
  await original.stop();
  await cp(kanade.agentDir('original'), kanade.agentDir('copy'), { recursive: true });
  await rm(join(kanade.agentDir('copy'), 'test.log'));
  const copy = kanade.startAgent('copy', { identity: { ...identity, hardware: { uuid: 'another', machine_guid: 'g' } } });
  await saying('copy', 'is a copy of another PC');
  await copy.ready;
  await kanade.backend.agentReady('copy');
  await runs('copy');
  const aside = (await saying('copy', 'is a copy'))[0].to;
  // The key that is not its own is nowhere on it any more.
  expect([existsSync(join(aside, 'identity.json')), existsSync(join(aside, 'ledger'))]).toEqual([false, true]);
  // The PC that it is a copy of goes on as what it is.
  const again = kanade.startAgent('original', { identity: { hardware } });
  await again.ready;
  await runs('original');
  const keys = await Promise.all(['original', 'copy'].map(async (pc) => (await kanade.backend.get(`/agents/${pc}`)).public_key));
  expect(new Set(keys).size).toBe(2);
  await copy.stop();
  await again.stop();
});

test('a credential that nobody can read is set aside, and the PC enrols anew', async () => {
  const agent = await kanade.readyAgent('damaged');
  await agent.stop();
  await writeFile(identityFile('damaged'), 'nonsense');
  const again = kanade.startAgent('damaged', { identity: await kanade.identityFor({ replace: true }) });
  await saying('damaged', 'cannot be used');
  await again.ready;
  await runs('damaged');
  await again.stop();
});

test('in the clear it asks nobody in between, whoever has set a proxy', async () => {
  await using proxy = await connectProxy();
  const agent = kanade.startAgent('clear', { identity: { ...(await kanade.identityFor()), proxy: proxy.url } });
  await agent.ready;
  expect(proxy.asked).toEqual([]);
  await agent.stop();
});
