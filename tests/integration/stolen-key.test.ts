import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { tokenHash, tokenText } from '#backend/http/tokens.ts';
import { encode } from '#core/contract/codec.ts';
import { SEAL_HEADERS, SealingKey } from '#core/contract/seal.ts';
import { instant } from '#core/contract/time.ts';
import { lastMessage } from '#core/nats/jetstream.ts';
import { FakePc } from '#tests/support/fake-pc.ts';
import type { Json } from '#tests/support/kanade.ts';
import { kanadeOfFile } from '#tests/support/kanade-of-file.ts';
import { firesOf, putJob, putSchedule } from '#tests/support/schedules.ts';
import { until } from '#tests/support/until.ts';

/** The test has every right at the broker, and whatever it finds in the key file before that key is retired. */
const { kanade, nats } = await kanadeOfFile({ identities: true });
const evil = tokenText('evil', new Uint8Array(32));

async function stolenKey(): Promise<SealingKey> {
  const file = JSON.parse(await readFile(join(kanade.backend.dataDir, 'identity', 'command-keys.json'), 'utf8'));
  return SealingKey.fromPem(file.own.at(-1).private_key);
}

async function put(by: SealingKey, bucket: string, key: string, value: unknown): Promise<void> {
  const subject = `$KV.${bucket}.${key}`;
  const bytes = encode(value);
  await nats.publishStored(subject, bytes, { headers: by.seal(subject, bytes, 'never'), asItCame: true });
}

/** What a thief puts there to stay: a token of an admin, and a key of his own. */
async function forge(by: SealingKey, mine: SealingKey): Promise<void> {
  const now = instant(Date.now() - 1000);
  await put(by, 'accounts', 'token.evil', { id: 'evil', name: 'evil', hash: tokenHash(evil), role: 'admin', created_at: now });
  await put(by, 'command_keys', mine.id, { public_key: mine.publicKey, backend_id: 'evil', created_at: now, active_from: now });
}

async function answerTo(token: string): Promise<number> {
  return (await kanade.backend.call('GET', '/freeze', undefined, { authorization: `Bearer ${token}` })).status;
}

async function restart(...flags: string[]): Promise<void> {
  await kanade.backend.process.stop();
  kanade.backend = await kanade.startBackend('one', flags);
}

const keys = async (): Promise<Json[]> => (await kanade.backend.get('/command-keys')).items;
const sealerOf = async (bucket: string, key: string) =>
  (await lastMessage(nats, `KV_${bucket}`, `$KV.${bucket}.${key}`))?.header(SEAL_HEADERS.key);
const audited = async (action: string): Promise<Json[]> => (await kanade.backend.get(`/audit?action=${action}`)).items;

test('a key that goes at once takes nothing along: PCs go on, renew and enrol, and schedules fire', async () => {
  await kanade.readyAgent('PC1');
  const token = await kanade.backend.enrolmentToken({ uses: null });
  const known = new FakePc(kanade.backend, 'KNOWN');
  await known.enrol(token);
  await kanade.backend.call('PUT', '/agents/KNOWN/groups', { groups: ['lab'] });
  await putJob(kanade, 'ticks', 'true');
  await putSchedule(kanade, 'ticks', { cron: '* * * * * *', mode: 'every_tick', target: { pcs: ['PC1'] } });
  await kanade.offAgent('OFF');
  const waits = await kanade.backend.submit({ script: 'true', target: { pcs: ['OFF'] } });
  await until('it is known', async () => (await kanade.backend.target(waits, 'OFF'))?.state === 'queued');

  const old = await stolenKey();
  const made = await kanade.backend.call('POST', '/command-keys', { activate_in: '0s', overlap: '0s' });
  expect([made.status, made.body.state]).toEqual([201, 'active']);
  expect((await keys()).map(({ id, state }) => [id, state])).toEqual([
    [old.id, 'retired'],
    [made.body.id, 'active'],
  ]);
  const before = (await firesOf(kanade, 'ticks')).length;
  expect(await known.renew()).toMatchObject({
    state: 'enrolled',
    command_keys: expect.arrayContaining([{ public_key: made.body.public_key }]),
  });
  expect(await new FakePc(kanade.backend, 'ANOTHER').enrol(token)).toMatchObject({ state: 'enrolled' });
  expect((await kanade.backend.call('PUT', '/agents/KNOWN/groups', { groups: ['lab', 'x'] })).status).toBe(200);
  expect((await kanade.backend.get('/jobs/ticks')).id).toBe('ticks');
  await until('it fires and runs on', async () => {
    const fires = await firesOf(kanade, 'ticks');
    return fires.length > before && fires.some(({ counts }, at) => at < fires.length - before && counts.succeeded === 1);
  });
  await restart();
  await kanade.startAgent('OFF', { identity: { server: kanade.backend.url } }).ready;
  await kanade.backend.inState(waits, 'OFF', 'succeeded');
  await kanade.backend.call('POST', '/schedules/ticks/disable');
  expect((await kanade.backend.get('/dead-letters')).items).toEqual([]);
  expect(await audited('broker_doubt')).toEqual([]);
});

test('what a retired key says is refused, and so it is after a restart: that is said and audited', async () => {
  const stolen = await stolenKey();
  expect((await kanade.backend.call('POST', '/command-keys', { activate_in: '0s', overlap: '0s' })).status).toBe(201);
  const mine = SealingKey.generate();
  await forge(stolen, mine);
  for (let starts = 0; starts < 2; starts++) {
    expect([await answerTo(evil), await answerTo(kanade.backend.token)]).toEqual([401, 200]);
    expect((await keys()).map(({ id }) => id)).not.toContain(mine.id);
    expect(await sealerOf('accounts', 'token.evil')).toBe(stolen.id);
    await restart();
  }
  const [said] = await until('it is audited', async () => {
    const items = await audited('broker_doubt');
    return items.length > 0 && items;
  });
  expect(said).toMatchObject({ actor_kind: 'system', after: { values: { accounts: 1, command_keys: 1 } } });
});

test('an admin who has it all believed is told what a retired key had signed', async () => {
  await restart('--new-command-key');
  const [said] = await until('it is audited', async () => {
    const items = (await audited('broker_adopt')).filter(({ after }) => after.new_command_key);
    return items.length > 0 && items;
  });
  expect(said.after.by_retired).toEqual({ accounts: 1 });
});
