import { afterAll, beforeAll, expect, test } from 'vitest';
import { tokenHash, tokenText } from '#backend/http/tokens.ts';
import type { StoredPackage } from '#backend/install/stored-package.ts';
import { releaseId, type StoredRelease } from '#backend/releases/stored-release.ts';
import { SEALED_BUCKETS } from '#backend/seal/signed-again.ts';
import { encode } from '#core/contract/codec.ts';
import type { CommandKeyEntry } from '#core/contract/command-key.ts';
import { cancelledKey } from '#core/contract/control.ts';
import { enrolmentTokenText, type PendingEnrolment, type Revoked, type StoredEnrolmentToken } from '#core/contract/enrolment.ts';
import { sha256 } from '#core/contract/ids.ts';
import type { Rollout } from '#core/contract/rollout.ts';
import type { ScheduleState } from '#core/contract/schedule.ts';
import { NEVER, SealingKey } from '#core/contract/seal.ts';
import { KV_OPERATION, sealedSubject } from '#core/contract/sealed.ts';
import type { BucketName } from '#core/contract/streams.ts';
import type { Nats } from '#core/nats/connection.ts';
import { settled } from '#tests/support/evidence.ts';
import { FakePc } from '#tests/support/fake-pc.ts';
import { connectAsBackend, issuePc, letsIn } from '#tests/support/identity.ts';
import type { Json } from '#tests/support/kanade.ts';
import { kanadeOfFile } from '#tests/support/kanade-of-file.ts';
import { command, submittedOf } from '#tests/support/projection.ts';
import { manifestOf } from '#tests/support/release.ts';
import { until } from '#tests/support/until.ts';

/** What somebody writes who may write everything at the broker and has no key of a backend. */
interface Forgery {
  key: string;
  value: Uint8Array;
  operation?: 'DEL';
  /** Whether it is believed: what he wants has come about. */
  believed: () => boolean | Promise<boolean>;
}

const { kanade, nats: asBackend } = await kanadeOfFile({ identities: true });
const { backend } = kanade;
const stop = new AbortController();
const hostile: Nats = await connectAsBackend(kanade.broker.url, kanade.identity!, stop.signal);
afterAll(() => {
  stop.abort();
  return hostile.close();
});

const DAY = 86_400_000;
const at = (days = 0) => new Date(Date.now() + days * DAY).toISOString();
const text = (value: string) => new TextEncoder().encode(value);
const there = async (path: string) => (await backend.call('GET', path)).status === 200;
const job = (id: string) => ({ id, version: '1', execute: { shell: 'sh', script: 'true', timeout: '60s' } });
const schedule = (id: string) => ({ id, job_id: 'tidy', target: { pcs: ['PC1'] }, when: { at: '2099-01-01 03:00' } });

beforeAll(async () => {
  await kanade.readyAgent('pc1');
  await backend.call('PUT', '/jobs/tidy', job('tidy'));
});

/** By bucket, so that none can be forgotten. */
const FORGERIES: Record<string, () => Forgery | Promise<Forgery>> = {
  agents: () => ({
    key: 'EVIL',
    value: encode({ pc_id: 'EVIL', enrolled_at: at(), first_seen: at(), last_seen: at() }),
    believed: () => there('/agents/evil'),
  }),
  agent_groups: () => ({
    key: 'PC1',
    value: encode({ groups: ['evil'] }),
    believed: async () => (await backend.get('/agents/pc1')).groups.includes('evil'),
  }),
  dynamic_groups: () => ({
    key: 'evil-members',
    value: encode({ group: 'evil-members', query: ['os.name=x'], updated_at: at(), updated_by: 'admin' }),
    believed: async () => {
      const { status, body } = await backend.call('GET', '/groups/evil-members');
      return status === 200 && body.error === null;
    },
  }),
  jobs: () => ({
    key: 'evil',
    value: encode({ manifest: job('evil'), source: null, updated_at: at(), updated_by: 'admin' }),
    believed: () => there('/jobs/evil'),
  }),
  // Which version may run: what was sent of another is skipped. While that is forged its PC waits for what is genuine.
  script_current: async () => {
    await kanade.readyAgent('pc2');
    await backend.call('PUT', '/jobs/pinned', job('pinned'));
    let exec: string | undefined;
    return {
      key: 'pinned',
      value: text('2'),
      believed: async () => {
        exec ??= (await backend.call('POST', '/executions', { job_id: 'pinned', target: { pcs: ['pc2'] } })).body.exec_id as string;
        await settled(kanade, 'pc1');
        return (await backend.target(exec, 'pc2')).state === 'skipped';
      },
    };
  },
  script_status: async () => {
    await backend.call('POST', '/jobs/tidy/revoke');
    return {
      key: 'tidy',
      value: text('ACTIVE'),
      believed: async () => (await backend.call('GET', '/jobs/tidy')).headers.get('x-kanade-status') === 'ACTIVE',
    };
  },
  config: async () => {
    await backend.call('PUT', '/freeze', { reason: 'meant' });
    return { key: 'freeze', value: new Uint8Array(), operation: 'DEL', believed: async () => !(await backend.get('/freeze')).frozen };
  },
  cancelled: async () => {
    const exec = await backend.submit({ script: 'sleep 600', target: { pcs: ['pc1'] } });
    await backend.inState(exec, 'pc1', 'running');
    return {
      key: cancelledKey(exec, 'PC1'),
      value: encode({ at: at(), actor: 'admin', reason: null }),
      believed: async () => {
        // A PC reads it as soon as it is told that anything was changed.
        await backend.call('PUT', '/freeze', {});
        await backend.call('DELETE', '/freeze');
        await settled(kanade, 'pc1');
        return (await backend.target(exec, 'pc1')).state !== 'running';
      },
    };
  },
  schedules: () => ({
    key: 'evil',
    value: encode({ schedule: schedule('evil'), source: null, changed_at: at(), updated_at: at(), updated_by: 'admin' }),
    believed: () => there('/schedules/evil'),
  }),
  // What a scheduler has decided and not said yet is said, and signed, by the next one.
  schedule_state: async () => {
    const yearly = await backend.call('PUT', '/schedules/yearly', schedule('yearly'));
    expect(yearly).toMatchObject({ status: 201 });
    const exec = 'decided-by-nobody';
    const fired = { schedule_id: 'yearly', nominal_at: at(), attempt: 0 };
    const state: ScheduleState = { zones: {}, pending: [submittedOf(exec, ['PC1'], { submitted: { fired } })] };
    return { key: 'yearly', value: encode(state), believed: async () => (await backend.call('GET', `/executions/${exec}`)).status === 200 };
  },
  rollouts: () => {
    const rollout: Rollout = {
      id: 'evil',
      actor: 'admin',
      created_at: at(),
      request_hash: 'h',
      target: { pcs: ['PC1'] },
      target_count: 1,
      plan: { waves: [1] },
      status: 'paused',
      command: command('evil'),
      expires_in: 3600,
      waves: [{ list: { pcs: ['PC1'] }, count: 1, exec_id: 'evil-0', started_at: null, seq: null }],
      wave: -1,
      accepted: -1,
      history: [],
    };
    return { key: 'evil', value: encode(rollout), believed: () => there('/rollouts/evil') };
  },
  accounts: () => {
    const token = tokenText('evil', Buffer.alloc(32, 7));
    return {
      key: 'token.evil',
      value: encode({ id: 'evil', name: 'evil', hash: tokenHash(token), role: 'admin', created_at: at() }),
      believed: async () => (await backend.call('GET', '/agents', undefined, { authorization: `Bearer ${token}` })).status === 200,
    };
  },
  enrolment_tokens: () => {
    const secret = 's'.repeat(43);
    const token: StoredEnrolmentToken = {
      id: 'evil',
      hash: sha256(secret),
      created_at: at(),
      created_by: 'admin',
      expires_at: at(1),
      used: 0,
      groups: [],
      needs_approval: false,
      replace: false,
    };
    const enrols = () => new FakePc(backend, 'LETIN').enrol(enrolmentTokenText({ id: 'evil', secret }));
    return {
      key: 'evil',
      value: encode(token),
      believed: () =>
        enrols().then(
          ({ state }) => state === 'enrolled',
          () => false,
        ),
    };
  },
  // Somebody who waits, for an admin to let him in.
  enrolments: () => {
    const { publicKey: public_key } = new FakePc(backend, 'WAITS');
    const waiting: PendingEnrolment = {
      public_key,
      pc_id: 'WAITS',
      state: 'pending',
      reason: 'needs_approval',
      requested_at: at(),
      token_id: 'any',
      groups: [],
    };
    return {
      key: public_key,
      value: encode(waiting),
      believed: async () => (await backend.call('POST', `/enrolments/${public_key}/approve`)).status === 200,
    };
  },
  // PCs would look at the signature of the release itself; backends would tell them to take it.
  releases: () => {
    const forged: StoredRelease = {
      manifest: manifestOf({ 'agent.mjs': 'evil' }),
      envelope: { sha256: sha256('evil'), size: 4 },
      signed_by: ['evil'],
      uploaded_at: at(),
      uploaded_by: 'admin',
    };
    const key = releaseId(forged.manifest);
    return { key, value: encode(forged), believed: () => there(`/releases/${key}`) };
  },
  packages: () => ({
    key: 'agent',
    value: encode({ version: '9.0.0', sha256: sha256('evil'), size: 4, uploaded_at: at(), uploaded_by: 'admin' } satisfies StoredPackage),
    believed: () => there('/agent-package'),
  }),
  // The API refuses such a key all the same, as it would refuse everybody were it withheld; the broker is told of none.
  revoked: async () => {
    const { credential, publicKey: public_key } = await issuePc(kanade.identity!, 'HONEST');
    const entry: Revoked = { public_key, pc_id: 'HONEST', revoked_at: at(), revoked_by: 'admin' };
    return { key: public_key, value: encode(entry), believed: async () => !(await letsIn(kanade.broker.url, 'HONEST', credential)) };
  },
  command_keys: () => {
    const { id, publicKey: public_key } = SealingKey.generate();
    const entry: CommandKeyEntry = { public_key, backend_id: 'evil', created_at: at(), active_from: at() };
    return {
      key: id,
      value: encode(entry),
      believed: async () => (await backend.get('/command-keys')).items.some((key: Json) => key.id === id),
    };
  },
};

/** What the joining of further backends is kept in: who has joined, codes, and accounts that the operator's key has signed besides. */
const OF_JOINING: readonly BucketName[] = ['backends', 'join_codes', 'broker_accounts'];
const TRIED = SEALED_BUCKETS.filter((bucket) => !OF_JOINING.includes(bucket));

test('there is a forgery for every other bucket that is signed', () => {
  expect(Object.keys(FORGERIES).sort()).toEqual([...TRIED].sort());
});

test.each(TRIED)('%s: what nobody signed, or somebody else, is not believed; the same from a backend is', async (bucket: BucketName) => {
  const { key, value, operation, believed } = await FORGERIES[bucket]!();
  const subject = `$KV.${bucket}.${key}`;
  const headers: Record<string, string> = operation === undefined ? {} : { [KV_OPERATION]: operation };
  const foreign = SealingKey.generate().seal(sealedSubject(subject, operation), value, NEVER);
  for (const seal of [{}, foreign]) {
    await hostile.publishStored(subject, value, { headers: { ...headers, ...seal } });
    await settled(kanade, 'pc1');
    expect(await believed()).toBe(false);
  }
  // It was all there but for the seal.
  await asBackend.publishStored(subject, value, { headers });
  await until('it is believed', believed);
});
