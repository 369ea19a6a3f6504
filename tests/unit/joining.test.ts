import { stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createAccount, createUser } from '@nats-io/nkeys';
import { expect, onTestFinished, test, vi } from 'vitest';
import { AccountKeeper } from '#backend/identity/account-keeper.ts';
import { type Identity, openIdentity } from '#backend/identity/identity.ts';
import { Admitted } from '#backend/joining/admitted.ts';
import { codeState, useCode } from '#backend/joining/code-state.ts';
import { Members } from '#backend/joining/members.ts';
import { checkJoinProof } from '#backend/joining/proof.ts';
import { signersAfter } from '#backend/joining/signers-after.ts';
import { otherApis, togetherOnce, toldApi } from '#backend/joining/told-to-pcs.ts';
import type { CommandKeyView } from '#backend/seal/command-keys.ts';
import type { KanadeError } from '#core/contract/errors.ts';
import {
  type BackendEntry,
  type JoinRequest,
  joinCodeText,
  joinText,
  newcomerDigest,
  readJoinCode,
  type SigningKeys,
  type StoredJoinCode,
} from '#core/contract/joining.ts';
import { SealingKey } from '#core/contract/seal.ts';
import { instant } from '#core/contract/time.ts';
import type { Nats } from '#core/nats/connection.ts';
import { Wake } from '#core/nats/retry.ts';
import { testCa } from '#tests/support/certificates.ts';
import { quietLog } from '#tests/support/quiet-log.ts';
import { tempDir } from '#tests/support/temp.ts';

const NOW = Date.parse('2026-11-22T12:00:00Z');
const HOUR = 3_600_000;

const code: StoredJoinCode = {
  id: 'c1',
  hash: 'h',
  created_at: instant(NOW - HOUR),
  created_by: 'admin',
  expires_at: instant(NOW + HOUR),
};
const who = { backendId: 'b2', digest: 'd' };

function signingKeys(): SigningKeys {
  const made = () => createAccount().getPublicKey();
  return { system: made(), backends: made(), pcs: made() };
}

test('a join code is read back, and is no enrolment token', () => {
  const secret = '_-'.repeat(21).padEnd(43, '_');
  for (const ca of [undefined, '-_'.repeat(21).padEnd(43, '-')]) {
    const text = { id: 'abc', secret, ...(ca === undefined ? {} : { ca }) };
    expect(readJoinCode(joinCodeText(text))).toEqual(text);
  }
  for (const text of ['', 'kjc_', `kjc__${secret}`, `ket_a_${secret}`, `kjc_a_${secret}x`]) expect(readJoinCode(text)).toBeUndefined();
});

test('a code is used once, by one backend with one set of keys', () => {
  const used = useCode(code, who, instant(NOW));
  if (used.kind !== 'now') throw new Error(used.kind);
  expect(used.code).toMatchObject({ used_by: 'b2', used_at: instant(NOW) });
  // Its answer got lost; also when the code is over by now, but not when somebody has taken it back.
  expect(useCode(used.code, who, instant(NOW + 2 * HOUR)).kind).toBe('again');
  expect(useCode(used.code, { ...who, digest: 'other keys' }, instant(NOW))).toEqual({ kind: 'refused', state: 'used' });
  expect(useCode({ ...used.code, revoked_at: instant(NOW) }, who, instant(NOW))).toEqual({ kind: 'refused', state: 'used' });
  expect(useCode({ ...code, revoked_at: instant(NOW) }, who, instant(NOW))).toEqual({ kind: 'refused', state: 'revoked' });
  expect(useCode(code, who, code.expires_at)).toEqual({ kind: 'refused', state: 'expired' });
  expect(codeState(code, NOW)).toBe('usable');
});

test('whoever joins proves every key that it names, for this code, this nonce and these keys alone', () => {
  const command = SealingKey.generate();
  const [system, backends, pcs] = [createAccount(), createAccount(), createAccount()];
  const who = {
    backend_id: 'b2',
    command_key: { public_key: command.publicKey, created_at: instant(NOW), active_from: instant(NOW) },
    signing_keys: { system: system.getPublicKey(), backends: backends.getPublicKey(), pcs: pcs.getPublicKey() },
  };
  const text = joinText('n', 'c1', who);
  const by = (key: { sign(bytes: Uint8Array): Uint8Array }) => Buffer.from(key.sign(text)).toString('base64url');
  const signatures = { command: by(command), system: by(system), backends: by(backends), pcs: by(pcs) };
  const request: JoinRequest = { ...who, code: 'kjc', nonce: 'n', signatures };
  checkJoinProof('c1', request);
  const wrong: [string, JoinRequest][] = [
    ['c2', request],
    ['c1', { ...request, nonce: 'm' }],
    ['c1', { ...request, backend_id: 'b3' }],
    ['c1', { ...request, signing_keys: { ...who.signing_keys, pcs: createAccount().getPublicKey() } }],
    ['c1', { ...request, signing_keys: { ...who.signing_keys, pcs: `A${'A'.repeat(55)}` } }],
    ['c1', { ...request, command_key: { ...who.command_key, public_key: SealingKey.generate().publicKey } }],
    ['c1', { ...request, command_key: { ...who.command_key, public_key: '!'.repeat(43) } }],
    ['c1', { ...request, command_key: { ...who.command_key, active_from: instant(NOW + 1) } }],
    ...(['command', 'system', 'backends', 'pcs'] as const).map((name): [string, JoinRequest] => [
      'c1',
      { ...request, signatures: { ...signatures, [name]: name === 'pcs' ? signatures.system : signatures.pcs } },
    ]),
  ];
  for (const [id, other] of wrong) {
    expect(() => checkJoinProof(id, other)).toThrow(expect.objectContaining({ code: 'join_proof_invalid' } satisfies Partial<KanadeError>));
  }
  expect(newcomerDigest(who)).toBe(newcomerDigest({ ...who }));
  expect(newcomerDigest({ ...who, backend_id: 'b3' })).not.toBe(newcomerDigest(who));
});

test('who may sign is whoever was let in and is in still, whatever an account names', async () => {
  const keys = (n: number) => ({ system: `S${n}`, backends: `B${n}`, pcs: `P${n}` });
  const own = { system: [], backends: [], pcs: ['OWN'] };
  expect(signersAfter(own, [{ keys: keys(1), stays: true }])).toEqual({ system: ['S1'], backends: ['B1'], pcs: ['OWN', 'P1'] });
  expect(signersAfter(own, [])).toEqual(own);
  expect(signersAfter(own, [{ keys: keys(1), stays: false }])).toEqual(own);
  // The same keys under another name do not bring them back.
  const both = [
    { keys: keys(1), stays: false },
    { keys: keys(1), stays: true },
  ];
  expect(signersAfter(own, both)).toEqual(own);
});

test('an account that names somebody who was never let in names him no more', async () => {
  await using temp = await tempDir();
  const identity = await openIdentity(temp.path);
  const keeper = new AccountKeeper({ identity, system: undefined as never, clock: Date.now, mono: () => 0 });
  const strange = createAccount().getPublicKey();
  const keys = { system: strange, backends: strange, pcs: strange };
  await keeper.sign([], [{ keys, stays: true }]);
  expect(keeper.signers.backends).toEqual([strange]);
  // Where it is not said who is in, nothing changes.
  await keeper.sign([], undefined);
  expect(keeper.signers.backends).toEqual([strange]);
  await keeper.sign([], []);
  expect(keeper.signers).toEqual({ system: [], backends: [], pcs: [identity.keys.pcsSigning.getPublicKey()] });
});

test('whom the first has let in is written down for its owner only, and stays out once put out', async () => {
  await using temp = await tempDir();
  const admitted = await Admitted.open(temp.path);
  const signing_keys = signingKeys();
  const one = { backend_id: 'b2', joined_at: instant(NOW), code_id: 'c1', signing_keys };
  await admitted.add(one);
  await admitted.add({ ...one, signing_keys: signingKeys() });
  expect([admitted.list(), admitted.isIn('b2'), admitted.isIn('b3')]).toEqual([[one], true, false]);
  await admitted.putOut('b2', { at: instant(NOW + 1), by: 'admin' });
  await admitted.putOut('b2', { at: instant(NOW + 2), by: 'another' });
  await admitted.add(one);
  const again = await Admitted.open(temp.path);
  expect([again.list(), again.isIn('b2')]).toEqual([[{ ...one, removed_at: instant(NOW + 1), removed_by: 'admin' }], false]);
  const path = join(temp.path, 'admitted.json');
  if (process.platform !== 'win32') expect((await stat(path)).mode & 0o077).toBe(0);
  await writeFile(path, '{');
  await expect(Admitted.open(temp.path)).rejects.toMatchObject({ code: 'identity_unreadable' });
});

test('accounts go by who was let in, and by no entry of the bucket', async () => {
  await using temp = await tempDir();
  const admitted = await Admitted.open(temp.path);
  const signing_keys = signingKeys();
  await admitted.add({ backend_id: 'b2', joined_at: instant(NOW), code_id: 'c1', signing_keys });
  const key = (backend_id: string) => ({ id: backend_id, entry: { backend_id }, state: 'active' }) as unknown as CommandKeyView;
  const keys = { list: () => [key('b2'), key('b3')], changed: new Wake() };
  const written: string[] = [];
  const nats = {
    publishStored: async (subject: string) => {
      written.push(subject);
      return { seq: written.length };
    },
  } as unknown as Nats;
  const members = new Members({ nats, keys, backendId: 'b1', admitted, clock: () => NOW, log: quietLog });
  // Nothing readable is said of it, then something else than we know, and of another one that it is one.
  expect(members.list()).toEqual([{ keys: signing_keys, stays: true }]);
  expect(members.entries()).toMatchObject([{ backend_id: 'b2', signing_keys, operator: false }]);
  const says = { joined_at: instant(NOW), signing_keys: signingKeys(), operator: true };
  await members.write({ backend_id: 'b2', ...says }, 0);
  await members.write({ backend_id: 'b3', ...says }, 0);
  expect(members.list()).toEqual([{ keys: signing_keys, stays: true }]);
  expect(members.get('b2')).toMatchObject({ signing_keys, operator: false });
  expect(members.others().map(({ backend_id }) => backend_id)).toEqual(['b2']);
  await admitted.putOut('b2', { at: instant(NOW), by: 'admin' });
  expect([members.list(), members.others()]).toEqual([[{ keys: signing_keys, stays: false }], []]);
});

test('of the accounts a backend that has joined takes what the operator has said, and never what it said before', async () => {
  await using temp = await tempDir();
  vi.useFakeTimers({ toFake: ['Date'], now: NOW });
  onTestFinished(() => void vi.useRealTimers());
  const keeperOf = (identity: Identity) => new AccountKeeper({ identity, system: undefined as never, clock: Date.now, mono: () => 0 });
  const first = await openIdentity(join(temp.path, 'first'));
  const keeper = keeperOf(first);
  const { keys: _, ...rest } = first;
  const identity: Identity = { ...rest, folder: temp.path };
  const joined = keeperOf(identity);
  const older = first.accounts.pcs;
  const publicKey = createUser().getPublicKey();
  vi.setSystemTime(NOW + 5000);
  await keeper.sign([{ publicKey, at: NOW }], []);
  const newer = first.accounts.pcs;

  expect([keeper.signs, joined.signs, joined.isRevoked(publicKey)]).toEqual([true, false, false]);
  expect(await joined.accept('pcs', newer)).toBe(true);
  expect(joined.isRevoked(publicKey)).toBe(true);
  expect(await joined.accept('pcs', older)).toBe(false);
  // Of another account, by another operator, or nothing at all.
  expect(await joined.accept('backends', newer)).toBe(false);
  vi.setSystemTime(NOW + 10_000);
  const strange = await openIdentity(join(temp.path, 'strange'));
  expect(await joined.accept('pcs', strange.accounts.pcs)).toBe(false);
  await expect(joined.accept('pcs', `${newer.slice(0, -4)}AAAA`)).rejects.toThrow();
  expect(identity.accounts).toEqual({ ...first.accounts, pcs: newer });
  // What it cannot sign it does not.
  await joined.sign([{ publicKey: createUser().getPublicKey(), at: NOW }], []);
  expect(identity.accounts.pcs).toBe(newer);
});

test('what PCs are told of where else they may ask', () => {
  const at = (host: string) => ({ host, port: 8480 });
  expect(toldApi('https://127.0.0.1:8480', at('0.0.0.0'), ['k.example.com', 'x'], 'srv')).toBe('https://k.example.com:8480');
  expect(toldApi('https://127.0.0.1:8480', at('0.0.0.0'), [], 'srv')).toBe('https://srv:8480');
  expect(toldApi('https://[::1]:8480', at('::'), ['fd00::5'], 'srv')).toBe('https://[fd00::5]:8480');
  expect(toldApi('https://10.0.0.5:8480', at('10.0.0.5'), [], 'srv')).toBe('https://10.0.0.5:8480');

  const entry = (api?: string): BackendEntry => ({
    backend_id: 'b',
    joined_at: instant(NOW),
    operator: false,
    ...(api === undefined ? {} : { api }),
  });
  const all = [entry('https://b:1'), entry('http://127.0.0.1:1'), entry(), entry('https://a:1'), entry('https://own:1')];
  expect(otherApis(all, 'https://own:1')).toEqual(['https://a:1', 'https://b:1']);
  expect(otherApis(all.slice(1, 2), 'http://127.0.0.1:2')).toEqual(['http://127.0.0.1:1']);
});

test('CAs are told together, each once', async () => {
  const [one, two] = [(await testCa()).pem, (await testCa()).pem];
  const all = togetherOnce([one, undefined, two, one + two])!;
  expect(all.match(/BEGIN CERTIFICATE/g)).toHaveLength(2);
  expect(togetherOnce([undefined])).toBeUndefined();
});
