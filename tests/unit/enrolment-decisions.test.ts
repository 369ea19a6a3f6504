import { join } from 'node:path';
import { createUser } from '@nats-io/nkeys';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { identityState } from '#backend/agents/agent-view.ts';
import { admitted, type Newcomer } from '#backend/enrolment/admit.ts';
import type { EnrolmentParts } from '#backend/enrolment/context.ts';
import { decideAdmission } from '#backend/enrolment/decide-admission.ts';
import { isOver, revokedKeys } from '#backend/enrolment/duties.ts';
import { Gate } from '#backend/enrolment/gate.ts';
import { matchesName } from '#backend/enrolment/matches-name.ts';
import { nameOf, takesAnothers } from '#backend/enrolment/name-of.ts';
import { Nonces } from '#backend/enrolment/nonces.ts';
import { waitingCount } from '#backend/enrolment/pending.ts';
import { use } from '#backend/enrolment/token-uses.ts';
import { toldServers } from '#backend/enrolment/told-servers.ts';
import { CommandKeys } from '#backend/seal/command-keys.ts';
import { enrolmentTokenText, type PendingEnrolment, readEnrolmentToken, type StoredEnrolmentToken } from '#core/contract/enrolment.ts';
import type { AgentEntry } from '#core/contract/registry.ts';
import { instant } from '#core/contract/time.ts';
import { Mirror } from '#core/nats/mirror.ts';
import { tempDir } from '#tests/support/temp.ts';

const at = '2026-11-01T00:00:00.000Z';
const now = Date.parse('2026-11-02T00:00:00.000Z');
const key = createUser().getPublicKey();
const other = createUser().getPublicKey();
const entry: AgentEntry = { pc_id: 'PC1', enrolled_at: at, first_seen: at, last_seen: at, ledger_id: 'l', public_key: key };
const plain = { needs_approval: false, replace: false };

describe('who comes in with a good token', () => {
  test.each([
    ['a free name', plain, undefined, { kind: 'admit', how: 'new' }],
    ['a name of another key', plain, entry, { kind: 'wait', reason: 'name_taken' }],
    ['the same by a token that replaces', { ...plain, replace: true }, entry, { kind: 'admit', how: 'replace' }],
    ['known from open mode', plain, { ...entry, public_key: undefined }, { kind: 'admit', how: 'adopt' }],
    ['retired', { ...plain, replace: true }, { ...entry, retired_at: at }, { kind: 'wait', reason: 'name_retired' }],
    ['revoked', { ...plain, replace: true }, { ...entry, revoked_at: at }, { kind: 'wait', reason: 'name_revoked' }],
    [
      'revoked, and gone for its silence afterwards',
      { ...plain, replace: true, ephemeral_days: 1 },
      { ...entry, revoked_at: at, retired_at: at, retired_by: 'ephemeral' },
      { kind: 'wait', reason: 'name_revoked' },
    ],
    ['a token that asks for an admin', { needs_approval: true, replace: true }, undefined, { kind: 'wait', reason: 'needs_approval' }],
    [
      'gone for its silence, and back by a token for such PCs',
      { ...plain, replace: true, ephemeral_days: 1 },
      { ...entry, retired_at: at, retired_by: 'ephemeral' },
      { kind: 'admit', how: 'replace' },
    ],
    [
      'gone for its silence, and asked for by another token',
      { ...plain, replace: true },
      { ...entry, retired_at: at, retired_by: 'ephemeral' },
      { kind: 'wait', reason: 'name_retired' },
    ],
    [
      'retired by somebody, though it was one of those',
      { ...plain, replace: true, ephemeral_days: 1 },
      { ...entry, retired_at: at, ephemeral_days: 1 },
      { kind: 'wait', reason: 'name_retired' },
    ],
  ])('%s', (_, token, known, decision) => {
    expect(decideAdmission(token, known as AgentEntry | undefined)).toEqual(decision);
  });
});

describe('whether an approval takes a name from a PC that the admin does not know of', () => {
  const waits = (reason: string, over?: AgentEntry) => ({ reason, ...(over === undefined ? {} : { name_of: nameOf(over) }) });
  test.each([
    ['the PC it was when the wait began', waits('name_taken', entry), entry, false],
    ['that PC, revoked since', waits('name_taken', entry), { ...entry, revoked_at: at }, false],
    ['another key, let in since', waits('name_revoked', { ...entry, revoked_at: at }), { ...entry, public_key: other }, true],
    [
      'the same name enrolled anew',
      waits('name_retired', { ...entry, retired_at: at }),
      { ...entry, enrolled_at: '2026-11-02T00:00:00.000Z' },
      true,
    ],
    ['a retired PC that was taken back', waits('name_retired', { ...entry, retired_at: at }), entry, true],
    ['a name that was free', waits('needs_approval'), entry, true],
  ])('%s', (_, pending, now, takes) => {
    expect(takesAnothers(pending, now as AgentEntry)).toBe(takes);
  });
});

test('whoever was denied keeps nobody from waiting', () => {
  const pending = new Mirror<PendingEnrolment>(() => expect.fail());
  const one = { public_key: key, pc_id: 'PC1', reason: 'name_taken', requested_at: at, token_id: 't', groups: [] };
  pending.accept(key, { ...one, state: 'pending' }, 1);
  pending.accept(other, { ...one, public_key: other, state: 'denied' }, 2);
  expect(waitingCount({ enrolment: { pending } as unknown as EnrolmentParts })).toBe(1);
});

describe('what is written of it', () => {
  const who: Newcomer = { pc_id: 'PC1', public_key: other, ledger_id: 'new', token_id: 't', terms: { groups: [], ephemeral_days: 2 } };
  const when = '2026-11-02T00:00:00.000Z';

  test('a name taken over: nothing issued before runs there, and the key it had is remembered', () => {
    const next = admitted({ ...entry, revoked_at: at, retired_at: at, renamed_to: 'X', hardware: { uuid: 'old' } }, who, when);
    expect(next).toMatchObject({ public_key: other, former_keys: [key], ledger_id: 'new', earlier_ledger_ids: ['l'], enrolled_at: when });
    expect([next.revoked_at, next.retired_at, next.renamed_to, next.hardware]).toEqual([undefined, undefined, undefined, undefined]);
    expect(next).toMatchObject({ first_seen: at, ephemeral_days: 2, token_id: 't', taken_over_at: [when] });
    expect(admitted(next, who, '2026-11-03T00:00:00.000Z').taken_over_at).toEqual([when]);
  });

  test('known from open mode with the data folder that it has: what waits for it is for it', () => {
    const { public_key: _, ...open } = entry;
    const known = admitted(open, { ...who, ledger_id: 'l' }, when);
    expect(known).toMatchObject({ enrolled_at: at, public_key: other });
    expect(known.taken_over_at).toBeUndefined();
    expect(admitted(open, { ...who, ledger_id: 'x' }, when)).toMatchObject({ enrolled_at: when });
  });

  test('a key never stands among those that are revoked, as one and the same', () => {
    expect(admitted({ ...entry, public_key: other, former_keys: [key] }, who, when).former_keys).toEqual([key]);
    let next = entry;
    for (let i = 0; i < 20; i++) next = admitted(next, { ...who, public_key: createUser().getPublicKey() }, when);
    expect(next.former_keys).toHaveLength(8);
    expect(next.taken_over_at).toHaveLength(8);
  });
});

test('the state of an identity', () => {
  const day = 86_400_000;
  const state = (more: Partial<AgentEntry>, later = 0) => identityState({ ...entry, ...more }, Date.parse(at) + later);
  expect([state({}), state({}, 31 * day), state({ renewed_at: '2026-11-20T00:00:00Z' }, 31 * day)]).toEqual(['active', 'lapsed', 'active']);
  expect([state({ revoked_at: at }), state({ retired_at: at })]).toEqual(['revoked', 'revoked']);
  expect(identityState({ ...entry, public_key: undefined } as unknown as AgentEntry, now)).toBe('none');
});

test('which keys open nothing', () => {
  expect(revokedKeys(entry)).toEqual([]);
  expect(revokedKeys({ ...entry, former_keys: [other] })).toEqual([other]);
  expect(revokedKeys({ ...entry, former_keys: [other], retired_at: at })).toEqual([other, key]);
});

test('a PC that may come and go is over after its days of silence, and an hour more', () => {
  const day = 86_400_000;
  const seen = { last_seen: at, ephemeral_days: 1 };
  expect(isOver(seen, undefined, Date.parse(at) + day)).toBe(false);
  expect(isOver(seen, undefined, Date.parse(at) + day + 3_600_000)).toBe(true);
  expect(isOver(seen, '2026-11-02T00:00:00Z', Date.parse(at) + day + 3_600_000)).toBe(false);
  expect(isOver({ last_seen: at }, undefined, Date.parse(at) + 100 * day)).toBe(false);
});

describe('names', () => {
  test.each([
    ['LAB-*', 'lab-1', true],
    ['lab-??', 'LAB-12', true],
    ['lab-??', 'LAB-1', false],
    ['*', '', true],
    ['a*b*c', 'AXXBXXC', true],
    ['a*b*c', 'AXXBXX', false],
    ['', 'A', false],
    ['**', 'A', true],
  ])('%s and %s', (pattern, name, matches) => {
    expect(matchesName(pattern, name)).toBe(matches);
  });

  test('as a regular expression would have it', () => {
    const letters = (of: string) => fc.string({ unit: fc.constantFrom(...of), maxLength: 12 });
    fc.assert(
      fc.property(letters('ab*?'), letters('ab'), (pattern, name) => {
        const expected = new RegExp(`^${pattern.replaceAll('*', '.*').replaceAll('?', '.')}$`).test(name);
        return matchesName(pattern, name) === expected;
      }),
      { numRuns: 5000 },
    );
  });

  // Where every `*` is tried with every rest, this is not over while anybody waits for it.
  test('a pattern made to take long takes no longer', () => {
    expect(matchesName('*a'.repeat(32), 'a'.repeat(31).padEnd(64, 'b'))).toBe(false);
  });
});

describe('uses of a token', () => {
  const token: StoredEnrolmentToken = {
    id: 't',
    hash: 'h',
    created_at: at,
    created_by: 'admin',
    expires_at: '2026-11-03T00:00:00.000Z',
    uses_left: 1,
    used: 0,
    groups: [],
    needs_approval: false,
    replace: false,
  };

  /** The token afterwards. */
  function used(one: StoredEnrolmentToken, who: { key: string; pc: string }): StoredEnrolmentToken {
    const next = use(one, who, now);
    if (typeof next === 'string') throw new Error(next);
    return next;
  }

  test('the last one is the last, and the same key again uses up nothing', () => {
    const one = used(token, { key, pc: 'PC1' });
    expect(one).toMatchObject({ uses_left: 0, used: 1 });
    expect(use(one, { key: other, pc: 'PC1' }, now)).toBe('enrolment_token_used_up');
    expect(use(one, { key, pc: 'PC1' }, now)).toBe(one);
    // Under another name it is another PC.
    expect(use(one, { key, pc: 'PC2' }, now)).toBe('enrolment_token_used_up');
  });

  test('over or revoked it is of no use to anybody, whoever used it before', () => {
    const one = used({ ...token, uses_left: 5 }, { key, pc: 'PC1' });
    const end = Date.parse(one.expires_at);
    for (const who of [key, other]) {
      expect(use({ ...one, revoked_at: at }, { key: who, pc: 'PC1' }, now)).toBe('enrolment_token_revoked');
      expect(use(one, { key: who, pc: 'PC1' }, end)).toBe('enrolment_token_expired');
    }
    // What somebody has decided is the better reason.
    expect(use({ ...token, uses_left: 0, revoked_at: at }, { key, pc: 'PC1' }, end)).toBe('enrolment_token_revoked');
  });

  test('for any number', () => {
    const { uses_left: _, ...any } = token;
    let next: StoredEnrolmentToken = any;
    for (let i = 0; i < 300; i++) next = used(next, { key: `U${String(i).padStart(55, 'A')}`.split('').reverse().join(''), pc: 'PC1' });
    expect([next.used, next.uses_left, next.recent!.length]).toEqual([300, undefined, 256]);
  });
});

test('the text of a token is read as it was written, whatever its secret looks like', () => {
  const secret = '_-'.repeat(21).padEnd(43, '_');
  for (const ca of [undefined, '-_'.repeat(21).padEnd(43, '-')]) {
    const token = { id: 'abc', secret, ...(ca === undefined ? {} : { ca }) };
    expect(readEnrolmentToken(enrolmentTokenText(token))).toEqual(token);
  }
  for (const text of ['', 'ket_', `ket__${secret}`, `ket_a_${secret}x`, `ket_a_${secret}_x`, `kan_a_${secret}`, `ket_a-b_${secret}`])
    expect(readEnrolmentToken(text)).toBeUndefined();
});

test('a nonce counts at every backend that believes whoever gave it out, for two minutes', async () => {
  await using dir = await tempDir();
  let time = now;
  const keysOf = (backendId: string) =>
    CommandKeys.open({ path: join(dir.path, backendId, 'command-keys.json'), backendId, clock: () => time });
  const [one, two] = [await keysOf('one'), await keysOf('two')];
  const nonces = new Nonces(one, () => time);
  const { nonce, expires_at } = nonces.make();
  expect(Date.parse(expires_at)).toBe(now + 120_000);
  nonces.check(nonce);
  expect(nonces.make().nonce).not.toBe(nonce);
  const elsewhere = new Nonces(two, () => time);
  expect(() => elsewhere.check(nonce)).toThrow('not one of this server');
  await two.learn(one.list()[0]!.entry);
  elsewhere.check(nonce);
  // Until whoever gave it out is believed no more.
  await two.retire(one.sealingId, time);
  expect(() => elsewhere.check(nonce)).toThrow('not one of this server');
  time += 120_001;
  expect(() => nonces.check(nonce)).toThrow('too old');
  // Its end cannot be put off.
  expect(() => nonces.check(nonce.replace(expires_at, instant(time + 60_000)))).toThrow('not one of this server');
  fc.assert(
    fc.property(fc.string({ maxLength: 300 }), (text) => {
      expect(() => nonces.check(text)).toThrow('not one of this server');
    }),
  );
});

test('so many at once, in the order they came, and nobody waits behind one who left', async () => {
  const gate = new Gate(2);
  const stay = new AbortController().signal;
  const left = new AbortController();
  const done: number[] = [];
  const opens = Array.from({ length: 5 }, () => Promise.withResolvers<void>());
  const work = (n: number, signal = stay) =>
    gate.through(signal, async () => {
      await opens[n]!.promise;
      done.push(n);
    });
  const all = [work(0), work(1), work(2, left.signal), work(3), work(4)];
  expect(gate.waiting).toBe(3);
  left.abort();
  opens[0]!.resolve();
  await all[0];
  await expect(all[2]).rejects.toThrow('gone');
  for (const { resolve } of opens) resolve();
  await Promise.allSettled(all);
  expect(done).toEqual([0, 1, 3, 4]);
  expect(gate.waiting).toBe(0);
});

test('where PCs are told that the broker is', () => {
  const nats = 'nats://127.0.0.1:4222,tls://broker.example.com:443';
  expect(toldServers({ brokerUrl: undefined, nats }, [])).toEqual(nats.split(','));
  expect(toldServers({ brokerUrl: undefined, nats }, ['k.example.com', 'x'])).toEqual([
    'nats://k.example.com:4222',
    'tls://broker.example.com:443',
  ]);
  expect(toldServers({ brokerUrl: undefined, nats: 'tls://[::1]:4222' }, ['fd00::5'])).toEqual(['tls://[fd00::5]:4222']);
  expect(toldServers({ brokerUrl: 'tls://a:1,tls://b:2', nats }, ['k'])).toEqual(['tls://a:1', 'tls://b:2']);
});
