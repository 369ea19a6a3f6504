import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { encode } from '#core/contract/codec.ts';
import type { Heartbeat } from '#core/contract/heartbeat.ts';
import { subjects } from '#core/contract/subjects.ts';
import { checkShape } from '#tests/support/api-shape.ts';
import { fakeEdge } from '#tests/support/fake-edge.ts';
import type { Answer, Json } from '#tests/support/kanade.ts';
import { kanadeOfFile } from '#tests/support/kanade-of-file.ts';
import { until } from '#tests/support/until.ts';

const { kanade, nats } = await kanadeOfFile();

beforeAll(async () => {
  await kanade.readyAgent('pc1');
});

function call(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Answer> {
  return kanade.backend.call(method, path, body, headers);
}

/** A PC that has nothing but heartbeats: enrolled by its first one. */
async function beat(pc: string, more: Partial<Heartbeat> = {}): Promise<void> {
  const heartbeat: Heartbeat = { pc_id: pc, at: new Date().toISOString(), ledger_id: `ledger-${pc}`, instance: `instance-${pc}` };
  const says = (what: Heartbeat, online: boolean) =>
    until(`${pc} is ${online ? 'online' : 'off'}`, async () => {
      nats.publish(subjects.heartbeat(pc), encode(what));
      return (await call('GET', `/agents/${pc}`)).body.online === online;
    });
  const { stopping, ...rest } = more;
  await says({ ...heartbeat, ...rest }, true);
  if (stopping) await says({ ...heartbeat, ...more }, false);
}

async function ids(query: string): Promise<string[]> {
  const page = await kanade.backend.get(`/agents?${query}`);
  checkShape('GET', '/api/v1/agents', page);
  return page.items.map((agent: Json) => agent.pc_id);
}

test('a PC is shown with what it says of itself', async () => {
  const agent = await kanade.backend.get('/agents/pc1');
  checkShape('GET', '/api/v1/agents/pc1', agent);
  expect(agent).toMatchObject({
    pc_id: 'PC1',
    online: true,
    last_heartbeat: expect.any(String),
    version: '0.0.0-test',
    os: expect.stringMatching(/./),
    hostname: expect.stringMatching(/./),
    tz: expect.stringMatching(/./),
    outbox_depth: expect.any(Number),
    stuck: 0,
    corrupt: 0,
    pending: 0,
    running: [],
    replay_state: 'ready',
    clock_offset_ms: expect.any(Number),
    rss_bytes: expect.any(Number),
    problems: [],
    conflict: false,
    identity: 'none',
    public_key: null,
    hardware: null,
    token_id: null,
    renewed_at: null,
    ephemeral_days: null,
    renamed_to: null,
    retired_at: null,
  });
  expect(await call('GET', '/agents/ghost')).toMatchObject({ status: 404, body: { code: 'not_found' } });
});

test('what .NET says of a Windows PC comes with its heartbeat; what is not known of a PC is null', async () => {
  const native = await fakeEdge(
    join(kanade.dir, 'native'),
    `(input, done) => done(null, { logged_on_user: 'LAB\\\\ann', pending_reboot: [], faults: [] })`,
  );
  await kanade.readyAgent('pc3', { native });
  const said = await until('its heartbeat says so', async () => {
    const { body } = await call('POST', '/agents/pc3/ping');
    return body.heartbeat.logged_on_user === undefined ? undefined : body.heartbeat;
  });
  expect(said).toMatchObject({ logged_on_user: 'LAB\\ann', pending_reboot: [] });
  expect(said).not.toHaveProperty('defender');
  expect(await kanade.backend.get('/agents/pc1')).toMatchObject({ logged_on_user: null, pending_reboot: null, defender: null });

  await beat('WIN-A', { logged_on_user: 'LAB\\Ann', pending_reboot: ['file_rename'], defender: { real_time_protection: false } });
  await beat('WIN-B', { logged_on_user: '', pending_reboot: [], defender: { real_time_protection: true, signature_age_days: 3 } });
  await beat('WIN-C', { logged_on_user: 'LAB\\bob', defender: {} });
  const a = await kanade.backend.get('/agents/win-a');
  expect([a.logged_on_user, a.pending_reboot]).toEqual(['LAB\\Ann', ['file_rename']]);
  expect(a.defender).toEqual({ real_time_protection: false, tamper_protected: null, signature_age_days: null });
  expect((await kanade.backend.get('/agents/win-b')).defender).toMatchObject({ real_time_protection: true, signature_age_days: 3 });
  expect(await ids('q=win-&pending_reboot=true')).toEqual(['WIN-A']);
  expect(await ids('q=win-&pending_reboot=false')).toEqual(['WIN-B']);
  expect(await ids('q=win-&real_time_protection=false')).toEqual(['WIN-A']);
  expect(await ids('q=win-&real_time_protection=true')).toEqual(['WIN-B']);
  expect(await ids('q=win-&logged_on_user=lab%5Cann')).toEqual(['WIN-A']);
  expect(await ids('q=win-&logged_on_user=b%5Cb')).toEqual(['WIN-C']);
});

test('a list of the PCs of a group that there is not is refused by its name', async () => {
  const { status, body } = await call('GET', '/agents?group=misspelt');
  expect([status, body.code, body.detail]).toEqual([404, 'not_found', 'there is no group misspelt']);
});

test('the list is filtered, sorted and cut into pages, however it is asked for', async () => {
  await beat('FLEET-A', { version: '1.0.0', os: 'Windows 11 Pro', hostname: 'reception', stuck: 2, outbox_depth: 5, clock_offset_ms: -40 });
  await beat('FLEET-B', { version: '2.0.0', os: 'Windows Server 2022', hostname: 'backup-host', outbox_depth: 0, clock_offset_ms: 90_000 });
  await beat('FLEET-C', { version: '1.0.0', os: 'Windows 11 Home', hostname: 'lab-c', outbox_depth: 5 });
  await beat('FLEET-D', { version: '2.0.0', os: 'Windows 11 Pro', hostname: 'lab-d', outbox_depth: 1, stopping: true });
  await call('PUT', '/agents/fleet-a/groups', { groups: ['front'] });
  await call('PUT', '/agents/fleet-c/groups', { groups: ['front', 'lab'] });

  expect(await ids('q=fleet')).toEqual(['FLEET-A', 'FLEET-B', 'FLEET-C', 'FLEET-D']);
  expect(await ids('q=LAB-')).toEqual(['FLEET-C', 'FLEET-D']);
  expect(await ids('q=fleet&online=false')).toEqual(['FLEET-D']);
  expect(await ids('q=fleet&os=windows%2011')).toEqual(['FLEET-A', 'FLEET-C', 'FLEET-D']);
  expect(await ids('q=fleet&version=2.0.0')).toEqual(['FLEET-B', 'FLEET-D']);
  expect(await ids('group=front')).toEqual(['FLEET-A', 'FLEET-C']);
  expect(await ids('group=front&version=1.0.0&q=rece')).toEqual(['FLEET-A']);
  expect(await ids('stuck=true')).toEqual(['FLEET-A']);
  expect(await ids('q=fleet&sort=outbox_depth&order=desc')).toEqual(['FLEET-C', 'FLEET-A', 'FLEET-D', 'FLEET-B']);
  expect(await ids('q=fleet&sort=clock_offset_ms')).toEqual(['FLEET-C', 'FLEET-D', 'FLEET-A', 'FLEET-B']);
  expect(await ids('q=fleet&sort=hostname')).toEqual(['FLEET-B', 'FLEET-C', 'FLEET-D', 'FLEET-A']);

  for (const query of ['q=fleet&sort=outbox_depth&order=desc', 'q=fleet&sort=clock_offset_ms', 'q=fleet&sort=version', 'q=fleet']) {
    const whole = await ids(query);
    const paged: string[] = [];
    for (let cursor = '', n = 0; n < 4; n++) {
      const page = await kanade.backend.get(`/agents?${query}&limit=1${cursor && `&cursor=${cursor}`}`);
      expect(page.items).toHaveLength(1);
      paged.push(page.items[0].pc_id);
      expect(page.next === null).toBe(n === 3);
      cursor = page.next ?? '';
    }
    expect(paged).toEqual(whole);
  }
  const { next } = await kanade.backend.get('/agents?q=fleet&limit=1');
  expect(await call('GET', `/agents?q=fleet&sort=os&limit=1&cursor=${next}`)).toMatchObject({
    status: 422,
    body: { code: 'invalid_cursor' },
  });
});

test('what waits for a PC is in its queue in the order in which it will run, and leaves it', async () => {
  const agent = await kanade.readyAgent('pc2');
  const long = await kanade.backend.submit({ script: 'sleep 300', target: { pcs: ['PC2'] } });
  await kanade.backend.inState(long, 'pc2', 'running');
  const queue = async () => {
    const page = await kanade.backend.get('/agents/pc2/queue');
    checkShape('GET', '/api/v1/agents/pc2/queue', page);
    return page.items.map((row: Json) => [row.exec_id, row.state]);
  };
  expect(await queue()).toEqual([[long, 'running']]);
  await agent.stop();
  await kanade.backend.inState(long, 'pc2', 'unknown');
  const [first, second, third] = [
    await kanade.backend.submit({ script: 'true', target: { pcs: ['PC2'] }, expires_in: '1h' }),
    await kanade.backend.submit({ script: 'true', target: { all: true }, expires_in: '2h' }),
    await kanade.backend.submit({ script: 'true', target: { pcs: ['PC2', 'PC1'] }, expires_in: '1s' }),
  ];
  await kanade.backend.inState(third, 'pc2', 'expired');
  expect(await queue()).toEqual([
    [first, 'queued'],
    [second, 'queued'],
  ]);
  expect((await kanade.backend.get('/agents/pc2/queue?limit=1')).items).toHaveLength(1);
  await kanade.readyAgent('pc2');
  await kanade.backend.inState(second, 'pc2', 'succeeded');
  await kanade.backend.inState(first, 'pc2', 'succeeded');
  expect(await queue()).toEqual([]);
});

test('a PC answers for itself: ping and log', async () => {
  const ping = await call('POST', '/agents/pc1/ping');
  checkShape('POST', '/api/v1/agents/pc1/ping', ping.body);
  expect(ping).toMatchObject({ status: 200, body: { pc_id: 'PC1', heartbeat: { pc_id: 'PC1', running: [] } } });
  const desk = kanade.process('core/agent/main.ts', [
    '--open',
    '--nats',
    kanade.broker.url,
    '--pc-id',
    'DESK',
    '--data-dir',
    kanade.agentDir('desk'),
  ]);
  await desk.ready;
  await kanade.backend.agentReady('desk');
  const { body } = await call('GET', '/agents/desk/logs?max_bytes=20000');
  checkShape('GET', '/api/v1/agents/desk/logs', body);
  const lines = body.text
    .trim()
    .split('\n')
    .map((line: string) => JSON.parse(line));
  expect(lines.length).toBeGreaterThan(0);
  expect(lines[0]).toMatchObject({ program: 'agent', pc_id: 'DESK' });
  expect(await call('GET', '/agents/desk/logs?max_bytes=0')).toMatchObject({ status: 422, body: { code: 'invalid_query' } });
  await desk.stop();
  for (const [method, path] of [
    ['POST', '/agents/desk/ping'],
    ['GET', '/agents/desk/logs'],
  ] as const) {
    expect(await call(method, path)).toMatchObject({ status: 504, body: { code: 'agent_unreachable' } });
  }
  expect(await call('POST', '/agents/ghost/ping')).toMatchObject({ status: 404 });
});

test('groups are set whole, only over what was seen when that is asked for, and can be used at once', async () => {
  const before = await call('GET', '/agents/pc1/groups');
  const etag = before.headers.get('etag')!;
  expect(before.body).toEqual({ pc_id: 'PC1', groups: [], etag });
  const put = await call('PUT', '/agents/pc1/groups', { groups: ['zulu', 'alpha', 'zulu'] }, { 'if-match': etag });
  expect(put).toMatchObject({ status: 200, body: { pc_id: 'PC1', groups: ['alpha', 'zulu'], etag: put.headers.get('etag') } });
  expect((await kanade.backend.get('/agents/pc1')).groups).toEqual(['alpha', 'zulu']);
  expect(await ids('group=zulu')).toEqual(['PC1']);
  expect((await kanade.backend.get('/groups')).items).toContainEqual({
    group: 'alpha',
    kind: 'static',
    members: 1,
    query: null,
    description: null,
    error: null,
  });
  const exec = await kanade.backend.submit({ script: 'true', target: { groups: ['alpha', 'zulu'] } });
  expect(await kanade.backend.get(`/executions/${exec}`)).toMatchObject({ target_count: 1, target: { groups: ['alpha', 'zulu'] } });
  await kanade.backend.inState(exec, 'pc1', 'succeeded');

  expect(await ids('group=ZULU')).toEqual(['PC1']);
  const loud = await kanade.backend.submit({ script: 'true', target: { groups: ['ALPHA'] } });
  expect(await kanade.backend.inState(loud, 'pc1', 'succeeded')).toMatchObject({ exit_code: 0 });
  expect(await call('PUT', '/agents/pc1/groups', { groups: ['lab', 'Lab'] })).toMatchObject({
    status: 422,
    body: { code: 'invalid_body', errors: [{ pointer: '/groups/1', code: 'invalid_body' }] },
  });

  expect(await call('PUT', '/agents/pc1/groups', { groups: [] }, { 'if-match': etag })).toMatchObject({
    status: 412,
    body: { code: 'precondition_failed' },
  });
  expect(await call('GET', '/agents/pc1/groups', undefined, { 'if-none-match': put.headers.get('etag')! })).toMatchObject({
    status: 304,
    body: '',
  });
  expect(await call('PUT', '/agents/pc1/groups', { groups: ['a b'] })).toMatchObject({
    status: 422,
    body: { code: 'invalid_id', errors: [{ pointer: '/groups/0' }] },
  });
  expect(await call('PUT', '/agents/pc1/groups', { group: 'a' })).toMatchObject({ status: 422, body: { code: 'invalid_body' } });
  expect(await call('PUT', '/agents/ghost/groups', { groups: [] })).toMatchObject({ status: 404 });
  const last = await call('PUT', '/agents/pc1/groups', { groups: [] }, { 'if-match': put.headers.get('etag')! });
  expect(last).toMatchObject({ status: 200, body: { groups: [] } });
  expect((await kanade.backend.get('/groups')).items.filter((group: Json) => group.group === 'alpha')).toEqual([]);
});

test('a PC that is retired is out of everything at once', async () => {
  await beat('LEAVER');
  await call('PUT', '/agents/leaver/groups', { groups: ['leaving'] });
  const exec = await kanade.backend.submit({ script: 'true', target: { pcs: ['LEAVER'] } });
  expect(await call('DELETE', '/agents/leaver')).toMatchObject({ status: 200, body: { pc_id: 'LEAVER', settled: 1 } });
  expect(await kanade.backend.target(exec, 'leaver')).toMatchObject({ state: 'cancelled', reason: 'retired' });
  expect(await ids('q=leaver')).toEqual([]);
  expect(await ids('q=leaver&retired=true')).toEqual(['LEAVER']);
  expect((await kanade.backend.get('/groups')).items.map((group: Json) => group.group)).not.toContain('leaving');
  const submit = (target: object) => call('POST', '/executions', { shell: 'sh', script: 'true', target });
  const refused = await submit({ pcs: ['leaver'] });
  expect(refused).toMatchObject({ status: 422, body: { code: 'unknown_pc', errors: [{ pointer: '/target/pcs/0' }] } });
  expect(refused.body.detail).toContain('LEAVER is retired since 2');
  expect(await submit({ groups: ['leaving'] })).toMatchObject({ status: 422, body: { code: 'target_empty' } });
  expect(await call('PUT', '/agents/leaver/groups', { groups: [] })).toMatchObject({ status: 404 });
  expect(await call('DELETE', '/agents/leaver')).toMatchObject({ status: 200, body: { settled: 0 } });
  nats.publish(subjects.heartbeat('LEAVER'), encode({ pc_id: 'LEAVER', at: new Date().toISOString() }));
  await until('it is noticed that it still talks', async () => {
    const { items } = await kanade.backend.get('/events?pc=leaver&kind=retired_seen');
    return items.length === 1;
  });
  expect(await ids('q=leaver')).toEqual([]);
});

test('a retired PC that is let in again is enrolled anew by its next heartbeat, and one that is not retired is 409', async () => {
  await beat('RETURNER');
  const { enrolled_at: before } = await kanade.backend.get('/agents/returner');
  expect(await call('POST', '/agents/returner/readmit')).toMatchObject({ status: 409, body: { code: 'not_retired' } });
  expect(await call('POST', '/agents/ghost/readmit')).toMatchObject({ status: 404, body: { code: 'not_found' } });
  await call('DELETE', '/agents/returner');
  const { retired_at: retired } = await kanade.backend.get('/agents/returner');
  const readmitted = await call('POST', '/agents/returner/readmit');
  checkShape('POST', '/api/v1/agents/returner/readmit', readmitted.body);
  expect(readmitted).toMatchObject({ status: 200, body: { pc_id: 'RETURNER' } });
  expect(await call('GET', '/agents/returner')).toMatchObject({ status: 404 });
  await beat('RETURNER');
  const agent = await kanade.backend.get('/agents/returner');
  expect(agent).toMatchObject({ retired_at: null, groups: [] });
  expect(Date.parse(agent.enrolled_at)).toBeGreaterThan(Date.parse(before));
  // What it was in before was deleted, and is changed by its ETag all the same.
  const { etag } = (await call('GET', '/agents/returner/groups')).body;
  expect(await call('PUT', '/agents/returner/groups', { groups: ['back'] }, { 'if-match': etag })).toMatchObject({ status: 200 });
  const { items } = await until('it is in the audit', async () => {
    const page = await kanade.backend.get('/audit?target=agents/returner&action=agent_readmit');
    return page.items.some((entry: Json) => entry.result === 'ok') && page;
  });
  expect(items[0]).toMatchObject({ actor: 'admin', before: { enrolled_at: before, retired_at: retired } });
});
