import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { type Account, decode as decodeJwt } from '@nats-io/jwt';
import { createAccount } from '@nats-io/nkeys';
import { describe, expect, test } from 'vitest';
import type { Enrolled } from '#core/contract/enrolment.ts';
import { joinCodeText, readJoinCode } from '#core/contract/joining.ts';
import { keyIdOf, SealingKey } from '#core/contract/seal.ts';
import type { Nats } from '#core/nats/connection.ts';
import { fingerprintOf } from '#core/tls/fingerprint.ts';
import type { AgentProcessOptions } from '#tests/support/agent-process.ts';
import { evidence } from '#tests/support/evidence.ts';
import { FakePc } from '#tests/support/fake-pc.ts';
import { connectAsBackend, connectAsPc, connectAsSystem, keysOf, letsIn } from '#tests/support/identity.ts';
import { type Json, TestBackend, TestKanade } from '#tests/support/kanade.ts';
import { kanadeOfFile } from '#tests/support/kanade-of-file.ts';
import { startProcess } from '#tests/support/processes.ts';
import { firesOf, putJob, putSchedule } from '#tests/support/schedules.ts';
import { tempDir } from '#tests/support/temp.ts';
import { until } from '#tests/support/until.ts';

/** A join code of the first backend: its text. */
async function joinCode(kanade: TestKanade, terms: Record<string, unknown> = {}): Promise<string> {
  const { status, body } = await kanade.backend.call('POST', '/backends/join-codes', terms);
  expect(status).toBe(201);
  return body.code;
}

const flags = (kanade: TestKanade, code: string) => ['--join', code, '--server', kanade.backend.url];

async function runsOn(by: TestBackend, pc: string): Promise<void> {
  await by.inState(await by.submit({ script: 'true', target: { pcs: [pc] } }), pc, 'succeeded');
}

/** The agent of a PC that enrols there. */
async function enrolledAt(kanade: TestKanade, backend: TestBackend, pc: string) {
  const agent = kanade.startAgent(pc, { identity: { server: backend.url, token: await backend.enrolmentToken() } });
  await agent.ready;
  await backend.agentReady(pc);
  return agent;
}

/** How many connections that backend has, in whatever account. */
async function connectionsOf(system: Nats, backendId: string): Promise<number> {
  const { data } = await system.request('$SYS.REQ.SERVER.PING.CONNZ', Buffer.from('{}'), { timeout: 5000 });
  const { connections } = JSON.parse(Buffer.from(data).toString()).data;
  return connections.filter(({ name }: Json) => String(name).includes(backendId)).length;
}

/** Who may sign for the system's account and that of the backends, beside their own keys. */
function signersOf(accounts: string): unknown[][] {
  const { system, backends } = JSON.parse(accounts);
  return [system, backends].map((jwt) => decodeJwt<Account>(jwt).nats.signing_keys ?? []);
}

async function secondOf(backend: TestBackend): Promise<Json> {
  return (await backend.get('/backends')).items.find((row: Json) => !row.operator);
}

describe.each([{ tls: false }, { tls: true }])('a further backend, tls: $tls', ({ tls }) => {
  test('joins by a code with keys of its own, and does what the first does', async () => {
    await using kanade = await TestKanade.start({ identities: true, tls });
    const code = await joinCode(kanade);
    if (tls) expect(code).toMatch(new RegExp(`_${fingerprintOf(await readFile(kanade.backend.caFile!, 'utf8'))}$`));
    let two = await kanade.startBackend('two', flags(kanade, code));

    // It has made its keys itself, and got none.
    const folder = join(two.dataDir, 'identity');
    const files = (await readdir(folder)).sort();
    expect(files).toEqual(['accounts.json', ...(tls ? ['broker-ca.pem'] : []), 'command-keys.json', 'joined.json']);
    const all = (await Promise.all(files.map((file) => readFile(join(folder, file), 'utf8')))).join('\n');
    for (const key of Object.values(kanade.identity!.keys)) expect(all).not.toContain(new TextDecoder().decode(key.getSeed()));
    const [, theirs] = /"private_key":"([^"]+)"/.exec(await readFile(join(kanade.dir, 'one', 'identity', 'command-keys.json'), 'utf8'))!;
    expect(all).not.toContain(theirs);
    if (process.platform !== 'win32') for (const file of files) expect((await stat(join(folder, file))).mode & 0o077).toBe(0);
    const { items } = await kanade.backend.get('/backends');
    expect(items).toMatchObject([
      { state: 'in', own: true, operator: true, signing_keys: null, code_id: null },
      {
        state: 'in',
        own: false,
        operator: false,
        signing_keys: { system: expect.stringMatching(/^A/) },
        command_keys: [{ state: 'active' }],
      },
    ]);
    expect((await kanade.backend.get('/audit?action=backend_join')).items).toMatchObject([{ target: `backends/${items[1].id}` }]);
    const told = await kanade.backend.get('/backends/join-codes');
    expect(told.items).toMatchObject([{ state: 'used', used_by: items[1].id }]);
    expect(JSON.stringify(told)).not.toContain(readJoinCode(code)!.secret);

    // Later starts need no code, and another try has nothing to join with.
    await two.process.stop();
    await expect(kanade.startBackend('two', flags(kanade, code))).rejects.toThrow('joined_already');
    two = await kanade.startBackend('two');
    await expect(kanade.startBackend('three', flags(kanade, code))).rejects.toThrow('join_code_used');

    await enrolledAt(kanade, two, 'pc1');
    await enrolledAt(kanade, kanade.backend, 'pc2');
    for (const backend of [two, kanade.backend]) for (const pc of ['pc1', 'pc2']) await runsOn(backend, pc);

    // Whoever was asked by one may answer the other.
    const here = new FakePc(kanade.backend, 'THIEF');
    const there = new FakePc(two, 'THIEF', here.pair);
    const enrolled = (await there.server.enrol({ ...(await here.proof('enrol')), token: await two.enrolmentToken() })) as Enrolled;
    expect(enrolled.other_apis).toEqual([kanade.backend.url]);

    // The one with the operator's key signs what the other asks for, and every server is told.
    const stop = new AbortController();
    const seed = here.pair.getSeed();
    await using thief = await connectAsPc(kanade.broker.url, 'THIEF', { jwt: enrolled.jwt, seed }, stop.signal);
    expect((await two.call('POST', '/agents/thief/revoke')).status).toBe(200);
    await until('it is cut', () => !thief.connected);
    expect(await letsIn(kanade.broker.url, 'THIEF', { jwt: enrolled.jwt, seed })).toBe(false);
    stop.abort();
    expect((await two.call('POST', '/backends/join-codes')).body.code).toBe('operator_key_elsewhere');
  });
});

test('while the first is off the other does all but change accounts, and what was asked of it is done when it is back', async () => {
  await using kanade = await TestKanade.start({ identities: true });
  const two = await kanade.startBackend('two', flags(kanade, await joinCode(kanade)));
  await enrolledAt(kanade, kanade.backend, 'pc1');
  const mark = evidence(kanade, 'fires');
  await putJob(kanade, 'fires', mark.line);
  await kanade.backend.process.kill();

  // What was let in there renews here, and new PCs come in.
  await enrolledAt(kanade, two, 'pc2');
  for (const pc of ['pc1', 'pc2']) await runsOn(two, pc);
  const pc3 = new FakePc(two, 'PC3');
  await pc3.enrol(await two.enrolmentToken());
  await expect(pc3.renew()).resolves.toMatchObject({ state: 'enrolled', pc_id: 'PC3' });
  await putSchedule({ ...kanade, backend: two } as TestKanade, 'fires', { cron: '* * * * * *', target: { all: true } });
  await until(
    'the other has taken the lease and fires',
    async () => (await firesOf({ ...kanade, backend: two } as TestKanade, 'fires')).length > 0,
    60_000,
  );

  expect((await two.call('POST', '/agents/pc3/revoke')).body).toMatchObject({ code: 'revocation_pending' });
  await expect(pc3.renew()).rejects.toMatchObject({ code: 'identity_revoked' });
  kanade.backend = await kanade.startBackend();
  await until('it is done', async () => (await two.call('POST', '/agents/pc3/revoke')).status === 200);
});

test('one that is put out is none any more: its connections end, nothing that it signs counts, and its PCs go on at another', async () => {
  await using kanade = await TestKanade.start({ identities: true });
  const two = await kanade.startBackend('two', flags(kanade, await joinCode(kanade)));
  await enrolledAt(kanade, two, 'pc1');
  const { id } = await secondOf(kanade.backend);
  const mine = (await kanade.backend.get('/backends')).items.find((row: Json) => row.own).id;
  expect((await kanade.backend.call('DELETE', `/backends/${mine}`)).body.code).toBe('backend_state');
  expect((await two.call('DELETE', `/backends/${mine}`)).body.code).toBe('backend_state');

  const theirs = await keysOf(two);
  const stop = new AbortController();
  await using system = await connectAsSystem(kanade.broker.url, kanade.identity!, stop.signal);
  expect(await connectionsOf(system, id)).toBeGreaterThan(2);
  const { status, body } = await kanade.backend.call('DELETE', `/backends/${id}`);
  expect(status).toBe(200);
  expect(body).toMatchObject({ state: 'out', command_keys: [{ state: 'retired' }], removed_by: 'admin' });
  const audited = await until('it is audited', async () => (await kanade.backend.get('/audit?action=backend_remove')).items[0]);
  expect(audited).toMatchObject({ target: `backends/${id}`, result: 'ok' });
  await until(
    'it is cut',
    async () => (await two.call('POST', '/executions', { shell: 'sh', script: 'true', target: { pcs: ['pc1'] } })).status === 503,
  );
  // In no account: not in that of the system either.
  expect(await connectionsOf(system, id)).toBe(0);
  await until('its PC is back by the other', async () => (await kanade.backend.get('/agents/pc1')).online, 90_000);
  await runsOn(kanade.backend, 'pc1');
  const kept = join(kanade.agentDir('pc1'), 'agent', 'identity.json');
  await until('the PC has heard that its key counts no longer', async () => {
    const { enrolled } = JSON.parse(Buffer.from(JSON.parse(await readFile(kept, 'utf8')).protected, 'base64').toString());
    const known = enrolled.command_keys.find(({ public_key }: Json) => keyIdOf(public_key) === theirs.sealingId);
    return known?.retired_at !== undefined;
  });

  // Somebody who has its key, and a connection with every right there.
  await using nats = await connectAsBackend(kanade.broker.url, kanade.identity!, stop.signal, { seal: theirs });
  const command = {
    id: 'x',
    version: '1',
    request_id: 'forged',
    exec_id: 'forged',
    issued_at: new Date().toISOString(),
    shell: 'sh',
    script: 'true',
    timeout_secs: 5,
    run_as: 'system',
    expires_at: new Date(Date.now() + 60_000).toISOString(),
  };
  await nats.publishStored('commands.pc.PC1.forged', Buffer.from(JSON.stringify(command)));
  const refused = await until('it is refused', async () => (await kanade.backend.get('/events?pc=pc1&kind=refused')).items[0]);
  expect(refused).toMatchObject({ code: 'retired_key' });
  stop.abort();

  await two.process.kill();
  await expect(kanade.startBackend('two')).rejects.toThrow('broker_refuses');
  await kanade.backend.process.kill();
  kanade.backend = await kanade.startBackend();
  expect(await secondOf(kanade.backend)).toMatchObject({ id, state: 'out' });
  await expect(kanade.startBackend('two')).rejects.toThrow('broker_refuses');
});

test('one that says what it likes of itself is put out all the same', async () => {
  await using kanade = await TestKanade.start({ identities: true });
  const stop = new AbortController();
  await using system = await connectAsSystem(kanade.broker.url, kanade.identity!, stop.signal);
  await using nats = await connectAsBackend(kanade.broker.url, kanade.identity!, stop.signal);
  const account = () => createAccount().getPublicKey();
  const others = { system: account(), backends: account(), pcs: account() };
  const joined_at = new Date().toISOString();
  const says: [string, (id: string) => unknown, boolean][] = [
    ['that it made the installation', (id) => ({ backend_id: id, joined_at, operator: true }), true],
    ['that it has other keys', (id) => ({ backend_id: id, joined_at, operator: false, signing_keys: others }), true],
    ['junk', () => ({}), true],
    ['what nobody has signed', () => ({}), false],
  ];
  for (const [at, [what, word, signed]] of says.entries()) {
    const two = await kanade.startBackend(`hostile${at}`, flags(kanade, await joinCode(kanade)));
    const { id, signing_keys } = (await kanade.backend.get('/backends')).items.findLast((row: Json) => !row.own);
    await until('it is in every account', async () => (await connectionsOf(system, id)) > 2);
    const own = SealingKey.fromPem(
      JSON.parse(await readFile(join(two.dataDir, 'identity', 'command-keys.json'), 'utf8')).own[0].private_key,
    );
    const [subject, bytes] = [`$KV.backends.${id}`, Buffer.from(JSON.stringify(word(id)))];
    await nats.publishStored(subject, bytes, { headers: signed ? own.seal(subject, bytes, 'never') : {}, asItCame: true });
    const { status, body } = await kanade.backend.call('DELETE', `/backends/${id}`);
    expect([status, body.state, body.signing_keys, body.command_keys[0].state], what).toEqual([200, 'out', signing_keys, 'retired']);
    expect(await connectionsOf(system, id), what).toBe(0);
    expect(await readFile(join(kanade.dir, 'one', 'identity', 'accounts.json'), 'utf8').then(signersOf), what).toEqual([[], []]);
    await two.process.kill();
  }
  stop.abort();
  await kanade.backend.process.stop();
  kanade.backend = await kanade.startBackend();
  const { items } = await kanade.backend.get('/backends');
  expect(items.map((row: Json) => row.state)).toEqual(['in', 'out', 'out', 'out', 'out']);
});

test('with TLS to the broker as well: it takes the CA that it was told, and its PCs those of both', async () => {
  await using temp = await tempDir();
  const [one, two] = [join(temp.path, 'one'), join(temp.path, 'two')];
  const own = ['--tls', 'on', '--data-dir', one, '--listen', '127.0.0.1:0', '--broker-listen', '127.0.0.1:0'];
  await using all = startProcess('backend/start.ts', [...own, '--pc-id', 'PC1', '--inventory-interval', 'off']);
  await until('the first is up', () => all.output().includes('Ctrl-C stops'), 100_000);
  const [, api] = /API +(https:\S+)\/api\/v1/.exec(all.output())!;
  const token = (await readFile(join(one, 'admin.token'), 'utf8')).trim();
  const first = new TestBackend(all, api!, token, one, join(one, 'tls', 'ca.pem'));
  const { code } = (await first.call('POST', '/backends/join-codes')).body;
  const flags = ['--tls', 'on', '--data-dir', two, '--listen', '127.0.0.1:0', '--join', code, '--server', api!];
  await using process = startProcess('backend/main.ts', flags);
  const second = new TestBackend(process, String((await process.ready).url), token, two, join(two, 'tls', 'ca.pem'));
  const identity = { server: second.url, token: await second.enrolmentToken() };
  const options = { pcId: 'PC2', dataDir: join(temp.path, 'agent'), identity } satisfies AgentProcessOptions;
  await using agent = startProcess('tests/support/agent-process.ts', [JSON.stringify(options)]);
  await agent.ready;
  await second.agentReady('PC2');
  await runsOn(second, 'PC2');
  const { protected: kept } = JSON.parse(await readFile(join(temp.path, 'agent', 'agent', 'identity.json'), 'utf8'));
  const { ca } = JSON.parse(Buffer.from(kept, 'base64').toString());
  for (const backend of [first, second]) expect(ca).toContain((await readFile(backend.caFile!, 'utf8')).trim());
  await agent.stop();
  await process.stop();
  await all.stop();
});

describe('who is not let in', async () => {
  const { kanade } = await kanadeOfFile({ identities: true });

  test('with a code that is over, revoked or nobody knows', async () => {
    const code = await joinCode(kanade);
    const { id } = readJoinCode(code)!;
    const wrong = joinCodeText({ id, secret: 'A'.repeat(43) });
    await expect(kanade.startBackend('wrong', flags(kanade, wrong))).rejects.toThrow('join_code_unknown');
    expect((await kanade.backend.call('DELETE', `/backends/join-codes/${id}`)).body.state).toBe('revoked');
    await expect(kanade.startBackend('wrong', flags(kanade, code))).rejects.toThrow('join_code_revoked');
    // What has asked and has no answer is no first backend of its own.
    await expect(kanade.startBackend('wrong')).rejects.toThrow('join_unfinished');
    // And another code completes it.
    const two = await kanade.startBackend('wrong', flags(kanade, await joinCode(kanade)));
    await two.process.stop();
  });

  test('with a folder that has keys, without TLS beyond loopback, or at a server in open mode', async () => {
    const code = await joinCode(kanade);
    await kanade.backend.process.stop();
    await expect(kanade.startBackend('one', flags(kanade, code))).rejects.toThrow('joined_already');
    kanade.backend = await kanade.startBackend();
    await expect(kanade.startBackend('plain', ['--join', code, '--server', 'http://192.0.2.1:8480'])).rejects.toThrow('setting_invalid');
    await expect(kanade.startBackend('plain', ['--join', code, '--server', kanade.backend.url.replace('http:', 'https:')])).rejects.toThrow(
      'tls_missing',
    );
    await using open = await TestKanade.start();
    await expect(kanade.startBackend('open', ['--join', code, '--server', open.backend.url])).rejects.toThrow('open_mode');
    expect((await open.backend.get('/backends').catch(String)) as string).toContain('open_mode');
  });
});
