import { createUser } from '@nats-io/nkeys';
import { expect, test } from 'vitest';
import { decode, encode } from '#core/contract/codec.ts';
import { StoredEnrolmentToken } from '#core/contract/enrolment.ts';
import { AgentEntry } from '#core/contract/registry.ts';
import { kvGet } from '#core/nats/direct-get.ts';
import { kvPut } from '#core/nats/kv.ts';
import { checkShape } from '#tests/support/api-shape.ts';
import { FakePc } from '#tests/support/fake-pc.ts';
import type { Json } from '#tests/support/kanade.ts';
import { kanadeOfFile } from '#tests/support/kanade-of-file.ts';
import { until } from '#tests/support/until.ts';

const { kanade, nats } = await kanadeOfFile({ identities: true });

const refused = (code: string) => expect.objectContaining({ code });
const pc = (name: string) => new FakePc(kanade.backend, name);

function token(terms: Record<string, unknown> = {}): Promise<string> {
  return kanade.backend.enrolmentToken(terms);
}

async function auditOf(target: string): Promise<Json[]> {
  const { items } = await kanade.backend.get(`/audit?target=${target}`);
  return items;
}

async function event(name: string, kind: string): Promise<Json> {
  return until(`${kind} of ${name}`, async () => (await kanade.backend.get(`/events?pc=${name}&kind=${kind}`)).items[0] ?? false);
}

test('a token is told once, and what is stored of it opens nothing', async () => {
  const { status, body, headers } = await kanade.backend.call('POST', '/enrolment-tokens', {
    description: 'the lab',
    expires_in: '2h',
    uses: 3,
    groups: ['lab'],
    name_pattern: 'LAB-*',
    ephemeral: { retire_after_days: 3 },
  });
  expect(status).toBe(201);
  checkShape('POST', '/api/v1/enrolment-tokens', body);
  expect(headers.get('location')).toBe(`/api/v1/enrolment-tokens/${body.id}`);
  const { token: text, ...view } = body;
  expect(text).toMatch(new RegExp(`^ket_${body.id}_[\\w-]{43}$`));
  expect(await kanade.backend.get(`/enrolment-tokens/${body.id}`)).toEqual(view);
  const secret = text.slice(`ket_${body.id}_`.length);
  const stored = (await kvGet(nats, 'enrolment_tokens', body.id))!.value;
  expect(Buffer.from(stored).toString()).not.toContain(secret);
  expect(decode(StoredEnrolmentToken, stored).hash).toMatch(/^[0-9a-f]{64}$/);
  const [audited] = await until('it is audited', async () => {
    const items = await auditOf(`enrolment-tokens/${body.id}`);
    return items.length > 0 && items;
  });
  expect(audited).toMatchObject({ actor: 'admin', action: 'enrolment_token_create', after: { id: body.id, groups: ['lab'] } });
  expect(JSON.stringify(audited)).not.toContain(secret);
  expect((await kanade.backend.get('/enrolment-tokens?usable=true')).items.map(({ id }: Json) => id)).toContain(body.id);
});

test('a PC is enrolled by its token, under its groups, and again without using the token up', async () => {
  const one = pc('first');
  const text = await token({ uses: 1, groups: ['lab', 'berlin'] });
  const enrolled = await one.enrol(text, { ledger_id: 'l1', hostname: 'FIRST', hardware: { uuid: 'u' } });
  expect(enrolled).toMatchObject({ state: 'enrolled', pc_id: 'FIRST', servers: [kanade.broker.url] });
  // Its answer got lost.
  expect(await one.enrol(text, { ledger_id: 'l1' })).toMatchObject({ state: 'enrolled', pc_id: 'FIRST' });
  const agent = await kanade.backend.get('/agents/first');
  expect(agent).toMatchObject({
    identity: 'active',
    public_key: one.publicKey,
    groups: ['berlin', 'lab'],
    hostname: 'FIRST',
    hardware: { uuid: 'u' },
  });
  await expect(pc('second').enrol(text)).rejects.toEqual(refused('enrolment_token_used_up'));
  const [audited] = await until('it is audited', async () => {
    const items = (await auditOf('agents/FIRST')).filter(({ action }) => action === 'agent_enrol');
    return items.length > 0 && items;
  });
  expect(audited).toMatchObject({
    actor_kind: 'system',
    actor: 'enrolment',
    result: 'ok',
    after: { public_key: one.publicKey, how: 'new' },
  });
  expect(await event('FIRST', 'enrolled')).toMatchObject({ detail: expect.stringContaining('enrolment token') });
});

test.each([
  ['one that nobody made', async () => `ket_nobody_${'x'.repeat(43)}`, 'enrolment_token_invalid'],
  ['no token at all', async () => 'hello', 'enrolment_token_invalid'],
  ['a wrong secret', async () => `${(await token()).slice(0, -43)}${'x'.repeat(43)}`, 'enrolment_token_invalid'],
  ['for other names', () => token({ name_pattern: 'lab-??' }), 'enrolment_name_refused'],
  [
    'one that is revoked',
    async () => {
      const text = await token();
      expect((await kanade.backend.call('DELETE', `/enrolment-tokens/${text.split('_')[1]}`)).status).toBe(200);
      return text;
    },
    'enrolment_token_revoked',
  ],
])('a token opens nothing: %s', async (_, make, code) => {
  await expect(pc('nobody').enrol(await make())).rejects.toEqual(refused(code));
  expect((await kanade.backend.call('GET', '/agents/nobody')).status).toBe(404);
});

test('each PC that comes in vain with a token is told of, and why; how many those are is counted', async () => {
  const text = await token({ name_pattern: 'fleet-*' });
  const id = text.split('_')[1]!;
  await expect(pc('stray').enrol(text)).rejects.toEqual(refused('enrolment_name_refused'));
  await kanade.backend.call('DELETE', `/enrolment-tokens/${id}`);
  const late = ['fleet-1', 'fleet-2', 'fleet-2'];
  for (const name of late) await expect(pc(name).enrol(text)).rejects.toEqual(refused('enrolment_token_revoked'));
  expect(await event('STRAY', 'enrolment_refused')).toMatchObject({
    code: 'enrolment_name_refused',
    detail: expect.stringContaining(`${id}: the enrolment token is for PCs named fleet-*`),
  });
  for (const name of ['FLEET-1', 'FLEET-2']) {
    expect(await event(name, 'enrolment_refused')).toMatchObject({ code: 'enrolment_token_revoked', detail: expect.stringContaining(id) });
    expect((await kanade.backend.get(`/events?pc=${name}`)).items).toHaveLength(1);
  }
  expect((await kanade.backend.get(`/enrolment-tokens/${id}`)).refused).toEqual([
    { code: 'enrolment_name_refused', count: 1, last_at: expect.any(String) },
    { code: 'enrolment_token_revoked', count: 3, last_at: expect.any(String) },
  ]);
  const waits = pc('waiting');
  await waits.enrol(await token({ needs_approval: true }));
  await expect(pc('x').enrol(`ket_nobody_${'x'.repeat(43)}`)).rejects.toEqual(refused('enrolment_token_invalid'));
  const metrics = await (await fetch(`${kanade.backend.url}/metrics`)).text();
  expect(metrics).toContain(`kanade_enrolments_refused_total{token_id="${id}",code="enrolment_token_revoked"} 3`);
  expect(metrics).toMatch(/kanade_enrolments_refused_total\{token_id="",code="enrolment_token_invalid"\} [1-9]/);
  expect(metrics).toMatch(/kanade_enrolments\{state="pending"\} [1-9]/);
  expect(metrics).toMatch(/kanade_agents\{what="revoked"\} \d/);
});

test('what has come in by a token can be found, and its identity taken away; by its former name it is not', async () => {
  const text = await token({ uses: 2 });
  const [first, second] = [pc('leak-1'), pc('leak-2')];
  for (const one of [first, second]) await one.enrol(text);
  const id = text.split('_')[1]!;
  const { items } = await kanade.backend.get(`/agents?token_id=${id}`);
  expect(items.map(({ pc_id, token_id }: Json) => [pc_id, token_id])).toEqual([
    ['LEAK-1', id],
    ['LEAK-2', id],
  ]);
  await kanade.backend.call('POST', '/agents/leak-2/rename', { pc_id: 'leak-3' });
  expect(await kanade.backend.call('POST', '/agents/leak-2/revoke')).toMatchObject({
    status: 409,
    body: { code: 'pc_retired', detail: expect.stringContaining('renamed to LEAK-3') },
  });
  expect((await kanade.backend.call('POST', '/agents/leak-3/revoke')).status).toBe(200);
  expect(await kanade.backend.call('POST', '/agents/leak-3/readmit')).toMatchObject({
    status: 409,
    body: { code: 'not_retired', detail: expect.stringContaining('another enrolment token') },
  });
});

test('nobody enrols without the key: another one, another name, another nonce, another purpose', async () => {
  const text = await token({ uses: null });
  const thief = pc('thief');
  const other = createUser().getPublicKey();
  const proof = await thief.proof('enrol');
  const wrong = [
    { ...proof, public_key: other },
    { ...proof, pc_id: 'FIRST' },
    { ...proof, nonce: (await thief.server.challenge()).nonce },
    { ...proof, nonce: `${proof.nonce.slice(0, -4)}AAAA` },
    { ...proof, nonce: 'x' },
    await thief.proof('renew'),
    { ...proof, signature: ''.padEnd(86, 'A') },
    { ...proof, public_key: `U${'A'.repeat(55)}` },
  ];
  for (const one of wrong) await expect(thief.server.enrol({ ...one, token: text })).rejects.toEqual(refused('enrolment_proof_invalid'));
  await expect(thief.renew()).rejects.toEqual(refused('identity_unknown'));
});

test('a name that another key has waits for an admin: denied it stays out, approved it takes the name over', async () => {
  const [owner, newcomer] = [pc('taken'), pc('taken')];
  await owner.enrol(await token());
  const text = await token({ groups: ['lab'] });
  const pending = await newcomer.enrol(text, { hostname: 'TAKEN', hardware: { machine_guid: 'g' } });
  expect(pending).toEqual({ state: 'pending', reason: 'name_taken', retry_after_secs: 30 });
  expect(await newcomer.renew()).toEqual(pending);
  expect((await owner.renew()).state).toBe('enrolled');
  const { items } = await kanade.backend.get('/enrolments?state=pending');
  const mine = items.find(({ id }: Json) => id === newcomer.publicKey);
  expect(mine).toMatchObject({
    pc_id: 'TAKEN',
    reason: 'name_taken',
    hostname: 'TAKEN',
    hardware: { machine_guid: 'g' },
    source_ip: '127.0.0.1',
  });
  checkShape('GET', '/api/v1/enrolments', { items, next: null });
  expect(await event('TAKEN', 'enrolment_pending')).toMatchObject({ code: 'name_taken' });

  const denied = await kanade.backend.call('POST', `/enrolments/${newcomer.publicKey}/deny`);
  expect(denied).toMatchObject({ status: 200, body: { state: 'denied', decided_by: 'admin' } });
  await expect(newcomer.renew()).rejects.toEqual(refused('enrolment_denied'));
  await expect(newcomer.enrol(text)).rejects.toEqual(refused('enrolment_denied'));
  expect(await event('TAKEN', 'enrolment_denied')).toMatchObject({ code: 'enrolment_denied' });

  // After all.
  const approved = await kanade.backend.call('POST', `/enrolments/${newcomer.publicKey}/approve`);
  expect(approved).toMatchObject({ status: 200, body: { pc_id: 'TAKEN' } });
  expect(await newcomer.renew()).toMatchObject({ state: 'enrolled', pc_id: 'TAKEN' });
  await expect(owner.renew()).rejects.toEqual(refused('identity_revoked'));
  expect(await event('TAKEN', 'revoked_seen')).toMatchObject({ code: 'identity_revoked' });
  expect(await kanade.backend.get('/agents/taken')).toMatchObject({ public_key: newcomer.publicKey, groups: ['lab'] });
  expect((await kanade.backend.call('GET', `/enrolments/${newcomer.publicKey}`)).status).toBe(404);
  const actions = await until('it is audited', async () => {
    const names = (await auditOf(`enrolments/${newcomer.publicKey}`)).map(({ action }) => action);
    return names.includes('enrolment_approve') && names;
  });
  expect(actions).toEqual(['enrolment_approve', 'enrolment_deny', 'enrolment_pending']);
});

test('whoever needs approval waits, and takes over no name that was another PC meanwhile unless it is said so', async () => {
  const [first, second] = [pc('asked'), pc('asked')];
  expect(await first.enrol(await token({ needs_approval: true }))).toMatchObject({ reason: 'needs_approval' });
  await second.enrol(await token());
  const address = `/enrolments/${first.publicKey}/approve`;
  expect(await kanade.backend.call('POST', address)).toMatchObject({ status: 409, body: { code: 'pc_id_taken' } });
  expect((await second.renew()).state).toBe('enrolled');
  expect(await kanade.backend.call('POST', address, { replace: true })).toMatchObject({ status: 200 });
  expect((await first.renew()).state).toBe('enrolled');
});

test('of two who wait for the name of a revoked PC the second takes it from the first only when that is said', async () => {
  const [lost, good, bad] = [pc('sought'), pc('sought'), pc('sought')];
  await lost.enrol(await token());
  expect((await kanade.backend.call('POST', '/agents/sought/revoke')).status).toBe(200);
  for (const who of [good, bad]) expect(await who.enrol(await token())).toMatchObject({ reason: 'name_revoked' });
  expect((await kanade.backend.call('POST', `/enrolments/${good.publicKey}/approve`)).status).toBe(200);
  const second = `/enrolments/${bad.publicKey}/approve`;
  expect(await kanade.backend.call('POST', second)).toMatchObject({ status: 409, body: { code: 'pc_id_taken' } });
  expect((await good.renew()).state).toBe('enrolled');
  expect((await kanade.backend.call('POST', second, { replace: true })).status).toBe(200);
  await expect(good.renew()).rejects.toEqual(refused('identity_revoked'));
});

test('whoever waits by a token that is revoked waits no longer', async () => {
  const [waiting, denied] = [pc('waits-1'), pc('waits-2')];
  const text = await token({ needs_approval: true, uses: null });
  for (const who of [waiting, denied]) await who.enrol(text);
  await kanade.backend.call('POST', `/enrolments/${denied.publicKey}/deny`);
  const revoked = await kanade.backend.call('DELETE', `/enrolment-tokens/${text.split('_')[1]}`);
  expect(revoked).toMatchObject({ status: 200, body: { dropped: 1 } });
  checkShape('DELETE', '/api/v1/enrolment-tokens/{id}', revoked.body);
  await expect(waiting.renew()).rejects.toEqual(refused('identity_unknown'));
  await expect(denied.renew()).rejects.toEqual(refused('enrolment_denied'));
  expect(await kanade.backend.call('POST', `/enrolments/${denied.publicKey}/approve`)).toMatchObject({
    body: { code: 'enrolment_token_revoked' },
  });
});

test('what a PC says of its hardware beyond what is known is not kept', async () => {
  const one = pc('talks');
  await one.enrol(await token(), { hardware: { uuid: 'u', ...({ rubbish: 'x'.repeat(20_000) } as object) } });
  expect((await kanade.backend.get('/agents/talks')).hardware).toEqual({ uuid: 'u' });
});

test('a token for more groups than a PC can be in is refused', async () => {
  const groups = Array.from({ length: 51 }, (_, i) => `g${i}`);
  expect(await kanade.backend.call('POST', '/enrolment-tokens', { groups })).toMatchObject({ status: 422 });
});

test('a token that replaces lets an imaged PC have its name back at once, and its old key opens nothing', async () => {
  const [old, imaged] = [pc('imaged'), pc('imaged')];
  await old.enrol(await token(), { ledger_id: 'before' });
  const { enrolled_at } = await kanade.backend.get('/agents/imaged');
  expect((await imaged.enrol(await token({ replace: true }), { ledger_id: 'after' })).state).toBe('enrolled');
  const agent = await kanade.backend.get('/agents/imaged');
  expect(agent.public_key).toBe(imaged.publicKey);
  expect(Date.parse(agent.enrolled_at)).toBeGreaterThan(Date.parse(enrolled_at));
  await expect(old.renew()).rejects.toEqual(refused('identity_revoked'));
  // Nor does it open anything under another name.
  const elsewhere = new FakePc(kanade.backend, 'elsewhere', old.pair);
  await expect(elsewhere.enrol(await token())).rejects.toEqual(refused('identity_revoked'));
  await until('it is revoked at the broker', async () => (await kvGet(nats, 'revoked', old.publicKey)) !== undefined);
});

test('neither a retired nor a revoked name is had without an admin, by whatever token', async () => {
  const gone = pc('gone');
  await gone.enrol(await token());
  await kanade.backend.call('DELETE', '/agents/gone');
  await expect(gone.renew()).rejects.toEqual(refused('pc_retired'));
  expect(await event('GONE', 'retired_seen')).toBeDefined();
  expect(await pc('gone').enrol(await token({ replace: true }))).toMatchObject({ reason: 'name_retired' });

  const stolen = pc('stolen');
  await stolen.enrol(await token());
  const { status, body } = await kanade.backend.call('POST', '/agents/stolen/revoke');
  expect({ status, ...body }).toMatchObject({ status: 200, pc_id: 'STOLEN' });
  checkShape('POST', '/api/v1/agents/stolen/revoke', body);
  expect(await kanade.backend.get('/agents/stolen')).toMatchObject({ identity: 'revoked' });
  await expect(stolen.renew()).rejects.toEqual(refused('identity_revoked'));
  await expect(stolen.enrol(await token())).rejects.toEqual(refused('identity_revoked'));
  expect(await event('STOLEN', 'revoked_seen')).toMatchObject({ code: 'identity_revoked' });
  const found = pc('stolen');
  expect(await found.enrol(await token({ replace: true }))).toMatchObject({ reason: 'name_revoked' });
  await kanade.backend.call('POST', `/enrolments/${found.publicKey}/approve`);
  expect(await found.renew()).toMatchObject({ state: 'enrolled' });
  expect(await kanade.backend.get('/agents/stolen')).toMatchObject({ identity: 'active', public_key: found.publicKey });
});

test('a heartbeat of a retired PC is reported and lets nobody in', async () => {
  const gone = pc('silenced');
  await gone.enrol(await token());
  await kanade.backend.call('DELETE', '/agents/silenced');
  const { retired_at } = await kanade.backend.get('/agents/silenced');
  await until('it is reported', async () => {
    nats.publish('heartbeat.SILENCED', encode({ pc_id: 'SILENCED', at: new Date().toISOString(), ledger_id: 'g' }));
    return (await kanade.backend.get('/events?pc=SILENCED&kind=retired_seen')).items.length > 0;
  });
  expect(await kanade.backend.get('/agents/silenced')).toMatchObject({ retired_at, identity: 'revoked' });
});

test('the name of a PC that was retired for its silence comes back by a token for such PCs that replaces, and by no other', async () => {
  const terms = { ephemeral: { retire_after_days: 1 } };
  const owner = pc('vdi');
  await owner.enrol(await token(terms));
  const entry = decode(AgentEntry, (await kvGet(nats, 'agents', 'VDI'))!.value);
  // As the holder of the lease writes it a day later.
  await kvPut(nats, 'agents', 'VDI', encode({ ...entry, retired_at: new Date().toISOString(), retired_by: 'ephemeral' }));
  await until('it is known', async () => (await kanade.backend.get('/agents/vdi')).retired_at !== null);
  const waits = { state: 'pending', reason: 'name_retired' };
  expect(await pc('vdi').enrol(await token({ replace: true }))).toMatchObject(waits);
  expect(await pc('vdi').enrol(await token(terms))).toMatchObject(waits);
  const next = pc('vdi');
  expect(await next.enrol(await token({ ...terms, replace: true }))).toMatchObject({ state: 'enrolled', pc_id: 'VDI' });
  expect(await kanade.backend.get('/agents/vdi')).toMatchObject({ identity: 'active', public_key: next.publicKey, retired_at: null });
  await expect(owner.renew()).rejects.toMatchObject({ code: expect.stringMatching(/^(?:identity_revoked|pc_retired)$/) });
});

test('a token opens nothing any more when its time is over, and an admin sees that somebody came with it', async () => {
  const text = await token({ uses: null });
  const id = text.split('_')[1]!;
  const stored = decode(StoredEnrolmentToken, (await kvGet(nats, 'enrolment_tokens', id))!.value);
  const over = new Date(Date.now() - 1000).toISOString();
  await kvPut(nats, 'enrolment_tokens', id, encode({ ...stored, expires_at: over }));
  await expect(pc('late').enrol(text)).rejects.toEqual(refused('enrolment_token_expired'));
  expect((await kanade.backend.call('GET', '/agents/late')).status).toBe(404);
  expect(await event('LATE', 'enrolment_refused')).toMatchObject({ code: 'enrolment_token_expired' });
  expect(await kanade.backend.get(`/enrolment-tokens/${id}`)).toMatchObject({ usable: false, expires_at: over });
});

test('of many that come at once with a token for some, as many get in as it allows, each once', async () => {
  const text = await token({ uses: 20 });
  const pcs = Array.from({ length: 40 }, (_, n) => pc(`RUSH${n}`));
  const answers = await Promise.allSettled(pcs.flatMap((one) => [one.enrol(text), one.enrol(text)]));
  const inside = pcs.filter((_, n) => answers[2 * n]!.status === 'fulfilled');
  expect(inside).toHaveLength(20);
  expect(answers.filter(({ status }) => status === 'fulfilled')).toHaveLength(40);
  const view = await kanade.backend.get(`/enrolment-tokens/${text.split('_')[1]}`);
  expect(view).toMatchObject({ used: 20, uses_left: 0, usable: false });
});

test('a heartbeat alone enrols nobody', async () => {
  await until('it is refused', () => {
    nats.publish('heartbeat.GHOST', encode({ pc_id: 'GHOST', at: new Date().toISOString(), ledger_id: 'g' }));
    return kanade.backend.process.output().includes('a PC that is not enrolled sends heartbeats');
  });
  expect((await kanade.backend.call('GET', '/agents/ghost')).status).toBe(404);
});

test('what is asked for wrongly is refused with what is wrong', async () => {
  for (const [body, pointer] of [
    [{ expires_in: '10s' }, '/expires_in'],
    [{ uses: 0 }, '/uses'],
    [{ name_pattern: 'a b' }, '/name_pattern'],
    [{ ephemeral: { retire_after_days: 0 } }, '/ephemeral/retire_after_days'],
    [{ groups: ['a b'] }, '/groups/0'],
    [{ use: 1 }, '/use'],
  ] as const) {
    const { status, body: problem } = await kanade.backend.call('POST', '/enrolment-tokens', body);
    expect([status, problem.errors?.[0]?.pointer]).toEqual([422, pointer]);
  }
  expect(await kanade.backend.call('POST', `/enrolments/${createUser().getPublicKey()}/approve`)).toMatchObject({ status: 404 });
  expect(await kanade.backend.call('DELETE', '/enrolment-tokens/nobody')).toMatchObject({ status: 404 });
  expect(await kanade.backend.call('POST', '/agents/nobody/revoke')).toMatchObject({ status: 404 });
});
