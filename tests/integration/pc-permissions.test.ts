import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { encodeUser } from '@nats-io/jwt';
import { createAccount, createUser, fromSeed } from '@nats-io/nkeys';
import { connect, headers, jwtAuthenticator, type Msg, type NatsConnection } from 'nats';
import { afterAll, expect, test } from 'vitest';
import { putBlob } from '#backend/blobs/blobs.ts';
import { pcJwt } from '#backend/identity/claims.ts';
import { openIdentity } from '#backend/identity/identity.ts';
import { blobName, openBlob } from '#core/contract/blob.ts';
import { encode } from '#core/contract/codec.ts';
import { cancelledKey } from '#core/contract/control.ts';
import { sha256 } from '#core/contract/ids.ts';
import { subjects } from '#core/contract/subjects.ts';
import type { Credential } from '#core/nats/connection.ts';
import { consumersOf, streamInfo, streamNames } from '#core/nats/jetstream.ts';
import { kvPut } from '#core/nats/kv.ts';
import { issuePc } from '#tests/support/identity.ts';
import { kanadeOfFile } from '#tests/support/kanade-of-file.ts';
import { tempDir } from '#tests/support/temp.ts';
import { until } from '#tests/support/until.ts';

/**
 * What somebody with the key of one PC reaches at the broker. The connections are those of the bare client library: nothing of
 * ours stands between the attempt and the broker.
 */
const { kanade, nats } = await kanadeOfFile({ identities: true });
const identity = kanade.identity!;
const { pcs } = identity.signers;
const open: NatsConnection[] = [];
afterAll(() => Promise.all(open.map((connection) => connection.close())).then(() => {}));

interface Intruder {
  nc: NatsConnection;
  /** What the broker refused, as it names it. */
  refused: string[];
}

async function intrude({ jwt, seed }: Credential, inboxPrefix = '_INBOX.ME'): Promise<Intruder> {
  const nc = await connect({
    servers: kanade.broker.url,
    authenticator: jwtAuthenticator(jwt, seed),
    inboxPrefix,
    reconnect: false,
    timeout: 5000,
  });
  open.push(nc);
  const refused: string[] = [];
  void (async () => {
    for await (const status of nc.status()) if (status.permissionContext) refused.push(status.permissionContext.subject);
  })();
  return { nc, refused };
}

/** Everything this connection has sent has been dealt with. */
async function settled({ nc }: Intruder): Promise<void> {
  await nc.flush();
  await nats.flush();
  await nc.flush();
}

// Another PC, with something for it everywhere; and what the one with the key has itself.
await kanade.offAgent('other');
await kanade.offAgent('me');
const exec = await kanade.backend.submit({ script: 'echo for the other', target: { pcs: ['other'] } });
const mine = await kanade.backend.submit({ script: 'echo for me', target: { pcs: ['me'] } });
for (const pc of ['ME', 'OTHER']) {
  await kvPut(nats, 'agent_groups', pc, encode({ groups: [`of-${pc}`] }));
  await kvPut(nats, 'cancelled', cancelledKey('some', pc), encode({ secret: pc }));
}
await kvPut(nats, 'config', 'group.lab', encode({ lab: true }));
const { credential } = await issuePc(identity, 'ME');
const me = await intrude(credential);

const SECRET = 'nobody-else-reads-this';

const asked = async (subject: string, body = '') => {
  const answer = await me.nc.request(subject, body, { timeout: 5000 });
  return { code: answer.headers?.code ?? 0, text: answer.string() };
};

test('what is its own it reaches, so that the refusals below are not those of a connection that may do nothing', async () => {
  expect((await asked('results.x.ME', '{}')).text).toContain('"stream":"RESULTS"');
  expect((await asked('$JS.API.DIRECT.GET.KV_agents.$KV.agents.ME')).text).toContain('"pc_id":"ME"');
  expect((await asked(`$JS.API.DIRECT.GET.KV_cancelled.$KV.cancelled.${cancelledKey('some', 'ME')}`)).text).toContain('ME');
  expect((await asked(`$JS.API.DIRECT.GET.KV_cancelled.$KV.cancelled.${cancelledKey('none')}`)).code).toBe(404);
  expect((await asked('info.EXEC.agent_replay_ME')).text).toContain('"name":"agent_replay_ME"');
  expect(me.refused).toEqual([]);
});

/** What the broker takes for a wildcard where a PC may name a key. */
const WILD = ['*', '>'];

test('a key that is a wildcard opens nothing that is another’s', async () => {
  const longScript = `echo ${SECRET}\n`.repeat(1000);
  const digest = await putBlob(nats, encode(longScript));
  const asks = [
    'KV_blobs.$KV.blobs',
    'KV_config.$KV.config',
    'KV_script_status.$KV.script_status',
    'KV_script_current.$KV.script_current',
  ].flatMap((bucket) => [...WILD, '*.*', '*.>'].map((word) => `$JS.API.DIRECT.GET.${bucket}.${word}`));
  const cancelled = WILD.flatMap((word) => [cancelledKey(word, 'ME'), cancelledKey(word)]);
  asks.push(...cancelled.map((key) => `$JS.API.DIRECT.GET.KV_cancelled.$KV.cancelled.${key}`));
  asks.push(`$JS.API.DIRECT.GET.KV_blobs.$KV.blobs.${digest}`, `$JS.API.DIRECT.GET.KV_blobs.$KV.blobs.${blobName(digest)}`);
  const answers = new Map<string, Msg>();
  for (const subject of asks) {
    // By all that a direct get may be asked with; some forms it may not even send.
    for (const body of ['', '{"last_by_subj":">"}', '{"next_by_subj":">"}', '{"seq":1}', '{"batch":100,"seq":1}', '{"multi_last":[">"]}']) {
      const answer = await me.nc.request(subject, body, { timeout: 500 }).catch(() => undefined);
      if (answer !== undefined && !(body !== '' && answers.has(subject))) answers.set(subject, answer);
      const said = answer === undefined ? '' : `${answer.headers?.get('Nats-Subject')} ${answer.string()}`;
      expect(said, `${subject} ${body}`).not.toMatch(new RegExp(`${SECRET}|OTHER`));
      expect(said, `${subject} ${body}`).not.toContain(digest);
    }
  }
  // It did get what was stored last, and cannot open it without the digest.
  const last = answers.get('$JS.API.DIRECT.GET.KV_blobs.$KV.blobs.*')!;
  expect(last.headers?.get('Nats-Subject')).toBe(`$KV.blobs.${blobName(digest)}`);
  expect(openBlob(blobName(digest), last.data)).toBeUndefined();
  expect(openBlob(digest, last.data)).toEqual(Buffer.from(encode(longScript)));
  expect(answers.get(`$JS.API.DIRECT.GET.KV_blobs.$KV.blobs.${digest}`)!.headers?.code).toBe(404);
  me.refused.length = 0;
});

const BOTH_APIS = [
  'CONSUMER.INFO.EXEC.agent_replay_OTHER',
  'CONSUMER.INFO.EXEC.*',
  'CONSUMER.INFO.EXEC.>',
  'CONSUMER.INFO.RESULTS.backend_results_projector',
  'CONSUMER.MSG.NEXT.EXEC.agent_replay_OTHER',
  'CONSUMER.MSG.NEXT.EXEC.*',
  'CONSUMER.MSG.NEXT.RESULTS.backend_results_projector',
  'CONSUMER.CREATE.EXEC',
  'CONSUMER.CREATE.EXEC.mine',
  'CONSUMER.CREATE.EXEC.agent_replay_ME',
  'CONSUMER.CREATE.EXEC.agent_replay_ME.commands.pc.ME.*',
  'CONSUMER.DURABLE.CREATE.EXEC.mine',
  'CONSUMER.DELETE.EXEC.agent_replay_ME',
  'CONSUMER.DELETE.EXEC.agent_replay_OTHER',
  'CONSUMER.PAUSE.EXEC.agent_replay_OTHER',
  'CONSUMER.RESET.EXEC.agent_replay_OTHER',
  'CONSUMER.UNPIN.EXEC.agent_replay_OTHER',
  'CONSUMER.LEADER.STEPDOWN.EXEC.agent_replay_OTHER',
  'CONSUMER.NAMES.EXEC',
  'CONSUMER.LIST.EXEC',
  'STREAM.NAMES',
  'STREAM.LIST',
  'STREAM.INFO.EXEC',
  'STREAM.CREATE.MINE',
  'STREAM.UPDATE.EXEC',
  'STREAM.DELETE.EXEC',
  'STREAM.PURGE.EXEC',
  'STREAM.MSG.GET.EXEC',
  'STREAM.MSG.DELETE.EXEC',
  'STREAM.SNAPSHOT.EXEC',
  'STREAM.RESTORE.EXEC',
  'STREAM.PEER.REMOVE.EXEC',
  'STREAM.LEADER.STEPDOWN.EXEC',
  'STREAM.TEMPLATE.CREATE.mine',
  'META.LEADER.STEPDOWN',
  'SERVER.REMOVE',
  'ACCOUNT.PURGE.x',
  'ACCOUNT.STREAM.MOVE.x.EXEC',
  'INFO',
  'DIRECT.GET.KV_agents',
  'DIRECT.GET.KV_config',
  'DIRECT.GET.KV_agents.$KV.agents.OTHER',
  'DIRECT.GET.KV_agents.$KV.agents.*',
  'DIRECT.GET.KV_agents.$KV.agents.>',
  'DIRECT.GET.KV_agent_groups.$KV.agent_groups.OTHER',
  'DIRECT.GET.KV_agent_groups.$KV.agent_groups.>',
  'DIRECT.GET.KV_cancelled.$KV.cancelled.x.OTHER',
  'DIRECT.GET.KV_cancelled.$KV.cancelled.>',
  'DIRECT.GET.KV_cancelled.$KV.cancelled.*',
  'DIRECT.GET.KV_cancelled.$KV.cancelled.*.*',
  'DIRECT.GET.KV_cancelled.$KV.cancelled.*.>',
  'DIRECT.GET.KV_accounts.$KV.accounts.token.x',
  'DIRECT.GET.KV_enrolment_tokens.$KV.enrolment_tokens.x',
  'DIRECT.GET.KV_enrolments.$KV.enrolments.x',
  'DIRECT.GET.KV_revoked.$KV.revoked.x',
  'DIRECT.GET.KV_leases.$KV.leases.holder',
  'DIRECT.GET.KV_jobs.$KV.jobs.tidy',
  'DIRECT.GET.KV_schedules.$KV.schedules.x',
  'DIRECT.GET.KV_completions.$KV.completions.x.ME',
  'DIRECT.GET.KV_config.$KV.agents.OTHER',
  'DIRECT.GET.OUTPUT.output.OTHER.r.stdout.0',
  'DIRECT.GET.OUTPUT.output.ME.r.stdout.0',
  'DIRECT.GET.EXEC.commands.pc.OTHER.x',
].flatMap((rest) => [`$JS.API.${rest}`, `js.${rest}`]);

const ACKS = [
  '$JS.ACK.EXEC.agent_replay_OTHER.1.1.1.1.0',
  '$JS.ACK.EXEC.*.1.1.1.1.0',
  '$JS.ACK._.hash.EXEC.agent_replay_OTHER.1.1.1.1.0',
  // The short form of the other's, in the clothes of the long form of one's own, and the other way round.
  '$JS.ACK.EXEC.agent_replay_OTHER.EXEC.agent_replay_ME.1.1.1',
  '$JS.ACK.EXEC.agent_replay_OTHER.EXEC.agent_replay_ME.1.1.1.1.0',
  '$JS.ACK.EXEC.agent_replay_ME.EXEC.agent_replay_OTHER.1.1.1.1.0',
  '$JS.ACK.EXEC.agent_replay_ME.1.1.1.1.0.0',
  '$JS.ACK.RESULTS.backend_results_projector.1.1.1.1.0',
];

const WRITES = [
  'info.EXEC.agent_replay_OTHER',
  'info.EXEC.*',
  'info.EXEC.>',
  'info.RESULTS.backend_results_projector',
  '$KV.agents.ME',
  '$KV.agents.OTHER',
  '$KV.agent_groups.ME',
  '$KV.cancelled.x.all',
  '$KV.cancelled.x.OTHER',
  '$KV.blobs.abc',
  '$KV.config.freeze',
  '$KV.script_status.tidy',
  '$KV.accounts.token.x',
  '$KV.command_keys.x',
  '$KV.revoked.x',
  '$KV.enrolment_tokens.x',
  '$KV.leases.holder',
  '$KV.completions.x.OTHER',
  '$O.bucket.C.x',
  '$O.bucket.M.x',
  '$OBJ.x',
  'results.x.OTHER',
  'results.x.*',
  'results.x.>',
  'results.*.*',
  'results.>',
  'results.x.y.ME',
  'results.ME',
  'results.x.me',
  'results.x.ME.',
  'events.started.x.OTHER',
  'events.started.x.*',
  'events.agent.online.OTHER',
  'events.agent.online.>',
  'events.agent.over_quota.ME',
  'events.agent.identity_revoked.ME',
  'events.agent.*.ME',
  'output.OTHER.r.stdout.0',
  'output.*.r.stdout.0',
  'output.>',
  'inventory.OTHER.hardware',
  'inventory.*.hardware',
  'heartbeat.OTHER',
  'heartbeat.*',
  'heartbeat.>',
  'reply.OTHER.nonce',
  'reply.*.nonce',
  'commands.all',
  'commands.all.x',
  'commands.group.lab',
  'commands.pc.ME.x',
  'commands.pc.OTHER.x',
  'control.ME.sync',
  'control.OTHER.sync',
  'executions.submitted.x',
  'executions.cancelled.x',
  'executions.lost.x',
  'audit.system.x',
  '_INBOX.backend.1',
  '_INBOX.OTHER.1',
  '_R_.x.y',
  '$SYS.REQ.SERVER.PING',
  '$SYS.REQ.SERVER.PING.CONNZ',
  '$SYS.REQ.USER.INFO',
  '$SYS.REQ.CLAIMS.UPDATE',
  '$SYS.REQ.CLAIMS.LIST',
  `$SYS.REQ.ACCOUNT.${identity.keys.pcs.getPublicKey()}.INFO`,
  '$SYS.REQ.ACCOUNT.PING.CONNZ',
  '$JSC.CI.ACC.EXEC.agent_replay_OTHER',
  '$NRG.V.x',
  '$MQTT.sub.x',
  'anything',
];

test('it publishes nothing but what is its own, in any form of any subject', async () => {
  const forbidden = [...BOTH_APIS, ...ACKS, ...WRITES];
  me.refused.length = 0;
  for (const subject of forbidden) {
    me.nc.publish(subject, '', { reply: `_INBOX.ME.${sha256(subject)}` });
    await me.nc.flush();
  }
  await until('all have been refused', () => me.refused.length >= forbidden.length);
  expect(me.refused).toEqual(forbidden);
});

const HEARD = [
  '>',
  '*',
  '*.*',
  '*.*.*.*',
  'commands.>',
  'commands.*',
  'commands.group.*',
  'commands.pc.*',
  'commands.pc.*.*',
  'commands.pc.OTHER',
  'commands.pc.OTHER.*',
  'control.OTHER.*',
  'control.*.sync',
  'control.>',
  'reply.>',
  'reply.ME.>',
  'results.>',
  'results.*.ME',
  'events.>',
  'output.ME.>',
  'inventory.>',
  'heartbeat.*',
  'executions.>',
  'audit.>',
  '_INBOX.>',
  '_INBOX.OTHER.>',
  '_INBOX.*.>',
  '_R_.>',
  '$KV.>',
  '$KV.config.>',
  '$O.>',
  '$JS.>',
  '$JS.ACK.>',
  '$JS.API.>',
  '$JS.EVENT.>',
  '$JS.API.DIRECT.GET.>',
  'info.>',
  'info.EXEC.agent_replay_ME',
  '$SYS.>',
  '$SYS.ACCOUNT.>',
  '$SYS.SERVER.>',
];

test('it hears nothing but what is for it, alone or in a queue group', async () => {
  for (const queue of [undefined, 'backends']) {
    for (const subject of HEARD) {
      const refusal = await new Promise<string>((resolve) => {
        me.nc.subscribe(subject, { ...(queue ? { queue } : {}), callback: (error) => resolve(error?.message ?? 'heard something') });
        void settled(me).then(() => setImmediate(() => resolve('it was not refused')));
      });
      expect(refusal, subject).toMatch(/permissions violation/i);
    }
  }
});

/** All that could be harmed: streams, buckets, consumers and what they have delivered. What the PC itself may say is left out. */
async function everything(): Promise<unknown> {
  const streams: Record<string, unknown> = {};
  for (const name of await streamNames(nats)) {
    const { created, config, state } = await streamInfo(nats, name);
    const grows = ['RESULTS', 'EVENTS', 'OUTPUT', 'INVENTORY'].includes(name) || name === 'KV_leases';
    streams[name] = {
      created,
      config,
      ...(grows ? { first: Math.max(state.first_seq, 1) } : { messages: state.messages, last: state.last_seq }),
    };
  }
  const consumers = (await consumersOf(nats, 'EXEC')).filter(({ name }) => name.startsWith('agent_replay_'));
  const durables = consumers.map(({ name, created, config, ack_floor, delivered }) => ({
    ...{ name, created, config },
    ...(name === 'agent_replay_ME' ? {} : { acked: ack_floor.stream_seq, delivered: delivered.stream_seq }),
  }));
  return { streams, durables };
}

test('what the broker answers goes nowhere but to itself, whatever reply subject it names', async () => {
  // The broker's own words, an empty 404 among them, which the API takes for an empty request and an acknowledgement for a yes.
  const questions: [string, string][] = [
    ['results.x.ME', '{}'],
    ['events.agent.online.ME', '{}'],
    ['inventory.ME.x', '{}'],
    ['output.ME.r.stdout.0', 'x'],
    ['heartbeat.ME', '{}'],
    ['$JS.API.DIRECT.GET.KV_config.$KV.config.nothing', ''],
    ['$JS.API.DIRECT.GET.KV_config.$KV.config.group.lab', ''],
    ['$JS.API.DIRECT.GET.KV_agents.$KV.agents.ME', ''],
    ['info.EXEC.agent_replay_ME', ''],
    ['$JS.API.CONSUMER.MSG.NEXT.EXEC.agent_replay_ME', '{"batch":1,"no_wait":true}'],
    ['$JS.ACK.EXEC.agent_replay_ME.1.1.1.1.0', '+NXT {"batch":1,"no_wait":true}'],
  ];
  const targets = [
    '$JS.API.STREAM.DELETE.EXEC',
    '$JS.API.STREAM.PURGE.EXEC',
    '$JS.API.STREAM.DELETE.KV_agents',
    '$JS.API.CONSUMER.DELETE.EXEC.agent_replay_OTHER',
    '$JS.API.CONSUMER.LEADER.STEPDOWN.EXEC.agent_replay_OTHER',
    '$JS.API.CONSUMER.MSG.NEXT.EXEC.agent_replay_OTHER',
    'info.EXEC.agent_replay_OTHER',
    'info.EXEC.agent_replay_ME',
    '$JS.ACK.EXEC.agent_replay_OTHER.1.1.1.1.0',
    '$KV.config.freeze',
    '$KV.agents.OTHER',
    '$KV.cancelled.x.OTHER',
    '$KV.accounts.token.x',
    'results.x.OTHER',
    'events.started.x.OTHER',
    'heartbeat.OTHER',
    'inventory.OTHER.hardware',
    'output.OTHER.r.stdout.0',
    'reply.OTHER.nonce',
    'commands.pc.OTHER.x',
    'commands.all.x',
    'control.OTHER.sync',
    'executions.submitted.x',
    'audit.system.x',
    '$SYS.REQ.CLAIMS.DELETE',
    '_R_.x.y',
  ];
  const heard: string[] = [];
  const spy = nats.subscribe('>', ({ subject }) => targets.includes(subject) && heard.push(subject));
  await nats.flush();
  const before = await everything();
  for (const [question, body] of questions) {
    for (const reply of targets) me.nc.publish(question, body, { reply });
    await settled(me);
  }
  // And one that is answered, so that all before it have been.
  expect((await asked('info.EXEC.agent_replay_ME')).text).toContain('agent_replay_ME');
  await settled(me);
  expect(await everything()).toEqual(before);
  expect(heard).toEqual([]);
  spy.unsubscribe();
  const durable = (await consumersOf(nats, 'EXEC')).find(({ name }) => name === 'agent_replay_OTHER');
  expect(durable).toMatchObject({ num_pending: 1, num_ack_pending: 0 });
});

test('what it publishes on a wildcard is its own all the same, and touches nobody', async () => {
  const own = ['results.@.ME', 'events.started.@.ME', 'output.ME.@', 'output.ME.r.@.0', 'inventory.ME.@', 'reply.ME.@'];
  own.push('$JS.ACK.EXEC.agent_replay_ME.@.@.@.@.@', '$JS.ACK._.@.EXEC.agent_replay_ME.1.@.1.1.0');
  const subjects = own.flatMap((subject) => WILD.map((word) => subject.replaceAll('@', word)));
  const heard: string[] = [];
  const spies = ['reply.OTHER.nonce', 'reply.ME.nonce', 'results.x.OTHER', 'output.OTHER.>', '$JS.ACK.EXEC.agent_replay_OTHER.>'].map(
    (subject) => nats.subscribe(subject, (m) => void heard.push(m.subject)),
  );
  await nats.flush();
  const before = await everything();
  for (const subject of subjects) me.nc.publish(subject, '{}', { headers: headers() });
  expect((await asked('info.EXEC.agent_replay_ME')).text).toContain('agent_replay_ME');
  await settled(me);
  expect(await everything()).toEqual(before);
  expect(heard).toEqual([]);
  for (const spy of spies) spy.unsubscribe();
});

test('headers that mean something to a stream do nothing for it', async () => {
  const before = await everything();
  const tried: [string, string][] = [
    ['Nats-Rollup', 'all'],
    ['Nats-Rollup', 'sub'],
    ['Nats-TTL', '1s'],
    ['Nats-Schedule', '@at 2000-01-01T00:00:00Z'],
    ['Nats-Batch-Id', 'b'],
    ['Nats-Incr', '+1'],
  ];
  const seen: string[] = [];
  for (const subject of ['>', 'results.x.OTHER']) nats.subscribe(subject, (m) => m.subject.endsWith('.OTHER') && seen.push(m.subject));
  await nats.flush();
  const messages = async () => (await streamInfo(nats, 'RESULTS')).state.messages;
  const stored = await messages();
  for (const [name, value] of tried) {
    const h = headers();
    h.set(name, value);
    h.set('Nats-Schedule-Target', 'results.x.OTHER');
    h.set('Nats-Batch-Sequence', '1');
    await me.nc.request('results.x.ME', '{}', { headers: h, timeout: 2000 }).catch(() => {}); // refused, stored or not answered
  }
  const traced = headers();
  traced.set('Nats-Trace-Dest', 'heartbeat.OTHER');
  me.nc.publish('results.x.ME', '{}', { headers: traced });
  await settled(me);
  expect(await messages()).toBeGreaterThanOrEqual(stored);
  expect(await everything()).toEqual(before);
  expect(seen).toEqual([]);
});

test('a Nats-Msg-Id of its own keeps nobody else from being heard', async () => {
  const h = headers();
  h.set('Nats-Msg-Id', 'the-id-of-all');
  await me.nc.request('results.x.ME', '{}', { headers: h, timeout: 5000 });
  const ack = await nats.publishStored(subjects.result('x', 'OTHER'), encode({ of: 'the other' }));
  expect((await streamInfo(nats, 'RESULTS')).state.last_seq).toBe(ack.seq);
});

test('it may have a handful of subscriptions and no more', async () => {
  const { nc } = await intrude((await issuePc(identity, 'ME')).credential);
  for (let n = 0; n < 100; n++) nc.subscribe(`_INBOX.ME.${n}`);
  await until('the broker says why', async () => /maximum subscriptions exceeded/i.test(await readFile(kanade.broker.logFile, 'utf8')));
});

test('the broker lets in only who has the key of a JWT that we signed, and no longer than it says', async () => {
  const key = createUser();
  const seed = key.getSeed();
  const now = Math.floor(Date.now() / 1000);
  const whole = { pcId: 'ME', publicKey: key.getPublicKey(), expiresAt: now + 3600 };
  const other = await issuePc(identity, 'OTHER');
  await using temp = await tempDir();
  const strange = await openIdentity(join(temp.path, 'strange'));
  const stranger = createAccount();
  const [head, , signature] = other.credential.jwt.split('.');
  const renamed = JSON.parse(Buffer.from(credential.jwt.split('.')[1]!, 'base64url').toString());
  const altered = `${head}.${Buffer.from(JSON.stringify({ ...renamed, name: 'OTHER' })).toString('base64url')}.${signature}`;
  const cases: Record<string, Credential> = {
    'the JWT of another with one’s own key': { jwt: other.credential.jwt, seed },
    'an altered one': { jwt: altered, seed: credential.seed },
    'one that has run out': { jwt: await pcJwt(pcs, { ...whole, expiresAt: now - 1 }), seed },
    'one of another installation': {
      jwt: await pcJwt(strange.signers.pcs, whole),
      seed,
    },
    'one that names our account and is signed by nobody of ours': { jwt: await pcJwt({ ...pcs, signer: stranger }, whole), seed },
    'one for the backends’ account by the key for PCs': {
      jwt: await encodeUser('backend', key, identity.keys.backends.getPublicKey(), {}, { signer: pcs.signer }),
      seed,
    },
    'one with rights of its own choosing by the key for PCs': {
      jwt: await encodeUser('ME', key, pcs.account, { pub: { allow: ['>'] }, sub: { allow: ['>'] } }, { signer: pcs.signer }),
      seed,
    },
    'one for the system account by the key for PCs': {
      jwt: await encodeUser('sys', key, identity.keys.system.getPublicKey(), {}, { signer: pcs.signer }),
      seed,
    },
  };
  for (const [what, wrong] of Object.entries(cases)) {
    const entered = await intrude(wrong).then(
      () => 'it was let in',
      (error: { code?: string }) => error.code,
    );
    expect(entered, what).toBe('AUTHORIZATION_VIOLATION');
  }
  await expect(connect({ servers: kanade.broker.url, reconnect: false })).rejects.toMatchObject({ code: 'AUTHORIZATION_VIOLATION' });
  expect(fromSeed(seed).getPublicKey()).toBe(whole.publicKey);
  await intrude({ jwt: await pcJwt(pcs, whole), seed });
});

test('what lay there for the other PC is there still, and it gets it', async () => {
  await kanade.readyAgent('other');
  await kanade.backend.inState(exec, 'other', 'succeeded');
  await kanade.readyAgent('me');
  await kanade.backend.inState(mine, 'me', 'succeeded');
});
