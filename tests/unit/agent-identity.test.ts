import { createUser, fromPublic, fromSeed } from '@nats-io/nkeys';
import { describe, expect, test } from 'vitest';
import { type Credential, isCopied } from '#core/agent/identity/credential.ts';
import { followServers } from '#core/agent/identity/follow-servers.ts';
import { Identity, type IdentityOptions } from '#core/agent/identity/identity.ts';
import type { IdentityServer } from '#core/agent/identity/server.ts';
import { makeUserKey, signByUserKey } from '#core/agent/identity/user-key.ts';
import { renewalAfter, renewalIn } from '#core/agent/identity/when-to-renew.ts';
import { hardwareOf } from '#core/agent/platform/hardware-of.ts';
import type { Enrolled, Hardware, Pending } from '#core/contract/enrolment.ts';
import { type ErrorCode, KanadeError } from '#core/contract/errors.ts';
import { instant } from '#core/contract/time.ts';
import { Wake } from '#core/nats/retry.ts';
import { memoryIdentity } from '#tests/support/memory-identity.ts';
import { quietLog } from '#tests/support/quiet-log.ts';
import { until } from '#tests/support/until.ts';

const DAY = 86_400_000;
const now = Date.parse('2026-11-22T00:00:00Z');
const pair = createUser();

function enrolled(pcId: string, days = 30): Enrolled {
  return {
    state: 'enrolled',
    pc_id: pcId,
    jwt: 'a.b.c',
    jwt_expires_at: instant(now + days * DAY),
    servers: ['nats://127.0.0.1:4222'],
    command_keys: [{ public_key: 'x'.repeat(43) }],
    enrolled_at: instant(now),
  };
}

const credential: Credential = {
  seed: new TextDecoder().decode(pair.getSeed()),
  public_key: pair.getPublicKey(),
  pc_id: 'PC1',
  data_of: 'PC1',
  hardware: { uuid: 'u', machine_guid: 'g' },
  server: 'https://kanade.example.com',
  token_id: 'first',
  enrolled: enrolled('PC1'),
  renewed_at: instant(now),
};

const token = (id: string) => () => `ket_${id}_${'s'.repeat(43)}`;

/** Before it was let in. */
const { enrolled: _e, renewed_at: _r, ...asking } = credential;

type Reply = Enrolled | Pending | ErrorCode;

/** A server that says these one after another, the last again and again; what it was asked. */
function serverThatSays(...replies: Reply[]) {
  const asked: ('enrol' | 'renew')[] = [];
  const answer = async (what: 'enrol' | 'renew') => {
    asked.push(what);
    const reply = replies.length > 1 ? replies.shift()! : replies[0]!;
    if (typeof reply === 'string') throw new KanadeError(reply);
    return reply;
  };
  const server: IdentityServer = {
    challenge: async () => ({ nonce: 'n', expires_at: instant(now) }),
    enrol: () => answer('enrol'),
    renew: () => answer('renew'),
    ca: undefined,
    close: () => {},
  };
  return { asked, connect: () => server };
}

function options(more: Partial<IdentityOptions>, hardware: Hardware = credential.hardware): IdentityOptions {
  return {
    store: memoryIdentity(),
    pcId: 'PC1',
    server: () => 'https://kanade.example.com',
    token: token('first'),
    connect: serverThatSays('server_unreachable').connect,
    platform: { hostname: 'PC1', os: 'an OS', hardware: async () => hardware },
    version: '1',
    wall: () => now,
    mono: () => performance.now(),
    random: () => 0,
    log: quietLog,
    ...more,
  };
}

test("the key is one that the nkeys library reads, and its signatures are the library's", () => {
  const { seed, publicKey } = makeUserKey();
  const theirs = fromSeed(new TextEncoder().encode(seed));
  expect(theirs.getPublicKey()).toBe(publicKey);
  const text = new TextEncoder().encode('what is signed');
  expect(Buffer.from(signByUserKey(seed, text))).toEqual(Buffer.from(theirs.sign(text)));
  expect(fromPublic(publicKey).verify(text, signByUserKey(seed, text))).toBe(true);
  expect(() => signByUserKey('SUNONSENSE', text)).toThrow();
});

test('a server that is not well is not asked alone, once the PC was told of others; what it says of the PC counts', async () => {
  const other_apis = ['https://two.example.com', 'https://three.example.com'];
  const told: Credential = { ...credential, enrolled: { ...enrolled('PC1'), other_apis } };
  const asking = async (replies: Record<string, Reply>) => {
    const asked: string[] = [];
    const connect: IdentityOptions['connect'] = ({ url }) => {
      asked.push(new URL(url).hostname.split('.')[0]!);
      return serverThatSays(replies[url] ?? 'server_unreachable').connect();
    };
    const identity = await Identity.open(options({ store: memoryIdentity(told), connect }));
    const how = await identity.renewKeys('l', new AbortController().signal).then(
      () => 'renewed',
      (error: KanadeError) => error.code,
    );
    return [how, ...asked];
  };
  const good = enrolled('PC1');
  expect(await asking({ 'https://kanade.example.com': good })).toEqual(['renewed', 'kanade']);
  expect(await asking({ 'https://kanade.example.com': 'broker_unavailable', 'https://three.example.com': good })).toEqual([
    'renewed',
    'kanade',
    'two',
    'three',
  ]);
  expect(await asking({ 'https://kanade.example.com': 'identity_revoked' })).toEqual(['identity_revoked', 'kanade']);
  expect(await asking({ 'https://two.example.com': 'identity_revoked' })).toEqual(['identity_revoked', 'kanade', 'two']);
  expect(await asking({ 'https://kanade.example.com': 'certificate_untrusted' })).toEqual([
    'certificate_untrusted',
    'kanade',
    'two',
    'three',
  ]);
});

describe('copies', () => {
  test.each([
    ['the same', { uuid: 'u', machine_guid: 'g' }, false],
    ['another board or another virtual machine', { uuid: 'x', machine_guid: 'g' }, true],
    ['set up anew', { uuid: 'u', machine_guid: 'x' }, true],
    ['nothing can be read this time', {}, false],
    ['one can be read, and is the same', { machine_guid: 'g' }, false],
  ])('%s', (_, hardware, copied) => {
    expect(isCopied(credential, hardware)).toBe(copied);
  });

  test('what could not be read then tells nothing now', () => {
    expect(isCopied({ hardware: {} }, { uuid: 'x', machine_guid: 'y' })).toBe(false);
  });

  test('a board without a number of its own has none', () => {
    expect(hardwareOf(' 4C4C4544-0042\n', 'ABC\r\n')).toEqual({ uuid: '4c4c4544-0042', machine_guid: 'abc' });
    for (const uuid of [
      '',
      'FFFFFFFF-FFFF-FFFF-FFFF-FFFFFFFFFFFF',
      '00000000-0000-0000-0000-000000000000',
      '03000200-0400-0500-0006-000700080009',
    ])
      expect(hardwareOf(uuid, undefined)).toEqual({});
  });
});

describe('when it is renewed', () => {
  test('daily, each PC at a time of its own; earlier when it does not live long; daily when the clock tells nonsense', () => {
    expect([0, 0.999].map((chance) => Math.round((renewalAfter(credential, () => chance) / DAY) * 100) / 100)).toEqual([0.75, 1.25]);
    expect(renewalAfter({ ...credential, enrolled: enrolled('PC1', 0.5) }, () => 0)).toBeCloseTo(DAY / 3);
    expect(renewalAfter({ ...credential, renewed_at: instant(now + 100 * DAY) }, () => 0.5)).toBe(DAY);
  });

  test('over a restart it goes on counting, and what is overdue is soon', () => {
    expect(renewalIn(credential, { now: now + DAY / 2, random: () => 0.5 })).toBe(DAY / 2);
    expect(renewalIn(credential, { now: now + 10 * DAY, random: () => 0.5 })).toBe(30_000);
    expect(renewalIn(credential, { now: now - 10 * DAY, random: () => 0.5 })).toBe(30_000);
  });
});

describe('from nothing to an identity', () => {
  test('its key is kept before anybody hears of it, and the same after a crash', async () => {
    const store = memoryIdentity();
    const lost = serverThatSays('server_unreachable');
    const first = await Identity.open(options({ store, connect: lost.connect }));
    const stop = new AbortController();
    const obtaining = first.obtain('l', stop.signal).catch(() => {});
    const made = await until('it has asked', () => lost.asked.length > 0 && store.kept);
    stop.abort();
    await obtaining;
    const second = await Identity.open(options({ store, connect: serverThatSays(enrolled('PC1')).connect }));
    await second.obtain('l', new AbortController().signal);
    expect(store.kept).toMatchObject({ seed: made.seed, enrolled: { pc_id: 'PC1' }, data_of: 'PC1' });
    expect(second.authenticate()).toEqual({ jwt: 'a.b.c', seed: new TextEncoder().encode(made.seed) });
  });

  test('a disk that does not take the key: nobody is asked', async () => {
    const store = memoryIdentity();
    let tried = 0;
    store.write = async () => {
      tried++;
      throw new KanadeError('disk_full');
    };
    const server = serverThatSays(enrolled('PC1'));
    const stop = new AbortController();
    const identity = await Identity.open(options({ store, connect: server.connect }));
    const obtaining = identity.obtain('l', stop.signal).catch(() => {});
    // The second try comes after all that the first one did.
    await until('it has tried again', () => tried > 1);
    stop.abort();
    await obtaining;
    expect(server.asked).toEqual([]);
  });

  test.each([
    ['no token', { token: () => undefined }, 'KANADE_ENROLMENT_TOKEN'],
    ['no server', { server: () => undefined }, 'KANADE_SERVER'],
  ])('%s: it says what is missing', async (_, more, words) => {
    const identity = await Identity.open(options(more));
    await expect(identity.obtain('l', new AbortController().signal)).rejects.toMatchObject({
      code: 'no_identity',
      message: expect.stringContaining(words),
    });
  });

  test('the token that it enrolled with is removed from where it was given; another one stays, for it may be meant to replace this identity', async () => {
    let removed = 0;
    const forgetToken = () => {
      removed++;
      throw new Error('the registry is busy');
    };
    const store = memoryIdentity();
    const { connect } = serverThatSays(enrolled('PC1'));
    const signal = new AbortController().signal;
    await (await Identity.open(options({ store, connect, forgetToken }))).obtain('l', signal);
    expect(removed).toBe(1);
    // Whatever kept it there the first time: the next start finds it again.
    await (await Identity.open(options({ store, connect, forgetToken }))).obtain('l', signal);
    expect(removed).toBe(2);
    await (await Identity.open(options({ store, connect, forgetToken, token: token('other') }))).obtain('l', signal);
    await (await Identity.open(options({ store, connect, forgetToken, token: () => undefined }))).obtain('l', signal);
    expect(removed).toBe(2);
  });

  test('a PC without a token any more that waits for an admin asks by its key', async () => {
    const server = serverThatSays(enrolled('PC1'));
    const identity = await Identity.open(options({ store: memoryIdentity(asking), token: () => undefined, connect: server.connect }));
    await identity.obtain('l', new AbortController().signal);
    expect(server.asked).toEqual(['renew']);
  });
});

test('one that waited with a token that was not its first, and is denied, does not come again with another key', async () => {
  const store = memoryIdentity(asking);
  const server = serverThatSays({ state: 'pending', reason: 'name_taken', retry_after_secs: 1 }, 'enrolment_denied');
  const stop = new AbortController();
  const identity = await Identity.open(options({ store, token: token('second'), connect: server.connect }));
  const obtaining = identity.obtain('l', stop.signal).catch(() => {});
  await until('it was denied and has tried on', () => server.asked.length > 2);
  stop.abort();
  await obtaining;
  expect([store.kept?.public_key, store.aside]).toEqual([credential.public_key, []]);
});

describe('renewing', () => {
  async function keeping(more: Partial<IdentityOptions>) {
    const identity = await Identity.open(options({ store: memoryIdentity(credential), ...more }));
    const stop = new AbortController();
    const done = identity.keep('l', stop.signal);
    return {
      identity,
      async [Symbol.asyncDispose]() {
        stop.abort();
        await done;
      },
    };
  }

  test('the broker refuses it: it asks at once, and not again within the minute however often it is refused', async () => {
    const server = serverThatSays(enrolled('PC1'));
    let time = 0;
    const asked: number[] = [];
    const connect: IdentityOptions['connect'] = () => {
      asked.push(time);
      // Half a second before the minute is over: what is asked for until then waits for as long.
      time = 59_500;
      return server.connect();
    };
    await using kept = await keeping({ connect, mono: () => time });
    kept.identity.renewEarly();
    await until('it has asked', () => asked.length === 1);
    const begun = performance.now();
    for (let i = 0; i < 10; i++) kept.identity.renewEarly();
    await until('it has asked again', () => asked.length === 2);
    expect(performance.now() - begun).toBeGreaterThan(400);
    expect(asked).toEqual([0, 59_500]);
  });

  test('while it fails the heartbeat says why; it is quiet again when it does not', async () => {
    const server = serverThatSays('server_unreachable', enrolled('PC1'));
    await using kept = await keeping({ connect: server.connect });
    kept.identity.renewEarly();
    await until('it says so', () => kept.identity.problems().length > 0);
    expect(kept.identity.problems()).toEqual([{ code: 'identity_not_renewed', detail: expect.stringContaining('server_unreachable') }]);
    await until('it is renewed', () => kept.identity.problems().length === 0);
  });

  test('renamed: it begins anew, and the work of its old name is set aside then', async () => {
    const store = memoryIdentity(credential);
    await using kept = await keeping({ store, connect: serverThatSays(enrolled('PC2')).connect });
    kept.identity.renewEarly();
    await until('it begins anew', () => kept.identity.again.aborted);
    const next = await Identity.open(options({ store }));
    expect(next.pcId).toBe('PC2');
    await next.settle();
    expect(store.aside).toEqual([{ credential: false, work: true }]);
    expect(store.kept).toMatchObject({ pc_id: 'PC2', data_of: 'PC2', seed: credential.seed });
    await next.settle();
    expect(store.aside).toHaveLength(1);
  });

  test.each([
    ['the same token', 'first', false],
    ['another token', 'second', true],
  ])('revoked, with %s', async (_, id, anew) => {
    const store = memoryIdentity(credential);
    const server = serverThatSays('identity_revoked');
    await using kept = await keeping({ store, token: token(id), connect: server.connect });
    kept.identity.renewEarly();
    await until('it was refused', () => kept.identity.problems().length > 0);
    await until('it has thought about it', async () => kept.identity.again.aborted === anew);
    expect(store.kept === undefined).toBe(anew);
    expect(store.aside).toEqual(anew ? [{ credential: true, work: false }] : []);
  });

  test.each([
    ['by a token that was not its first', asking, 'obtain'],
    ['and has been given another one since', credential, 'renewKeys'],
  ] as const)('a PC that was let in %s stays out when it is revoked', async (_, before, asks) => {
    const store = memoryIdentity(before);
    const second = options({ store, token: token('second'), connect: serverThatSays(enrolled('PC1')).connect });
    await (await Identity.open(second))[asks]('l', new AbortController().signal);
    await using kept = await keeping({ store, token: token('second'), connect: serverThatSays('identity_revoked').connect });
    kept.identity.renewEarly();
    await until('it was refused', () => kept.identity.problems().length > 0);
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect([kept.identity.again.aborted, store.kept?.public_key, store.aside]).toEqual([false, credential.public_key, []]);
  });

  test('a token that it is given while it is refused lets it begin anew, and it makes no key before that', async () => {
    const store = memoryIdentity(credential);
    let given = token('first')();
    const server = serverThatSays('identity_revoked');
    await using kept = await keeping({ store, token: () => given, connect: server.connect });
    kept.identity.renewEarly();
    await until('it was refused', () => kept.identity.problems().length > 0);
    given = token('second')();
    await until('it begins anew', () => kept.identity.again.aborted);
    const asked = server.asked.length;
    kept.identity.renewEarly();
    await expect(kept.identity.renewKeys('l', new AbortController().signal)).rejects.toMatchObject({ code: 'not_enrolled' });
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect([store.kept, server.asked.length]).toEqual([undefined, asked]);
  });

  test('a stop waits for no server that does not answer', async () => {
    const { promise: asked, resolve } = Promise.withResolvers<void>();
    const connect: IdentityOptions['connect'] = ({ signal }) => ({
      ...serverThatSays('server_unreachable').connect(),
      renew: () =>
        new Promise((_, reject) => {
          signal!.addEventListener('abort', () => reject(new KanadeError('server_unreachable')));
          resolve();
        }),
    });
    const begun = performance.now();
    {
      await using kept = await keeping({ connect });
      kept.identity.renewEarly();
      await asked;
    }
    expect(performance.now() - begun).toBeLessThan(5000);
  });

  test('new keys that backends sign by are had at once', async () => {
    const keys = [{ public_key: 'y'.repeat(43) }];
    await using kept = await keeping({ connect: serverThatSays({ ...enrolled('PC1'), command_keys: keys }).connect });
    await kept.identity.renewKeys('l', new AbortController().signal);
    expect(kept.identity.commandKeys()).toEqual(keys);
  });
});

describe('a server whose CA is another one', () => {
  const [F1, F2] = ['1'.repeat(43), '2'.repeat(43)];
  const tokenNaming = (fingerprint: string, id = 'first') => `ket_${id}_${'s'.repeat(43)}_${fingerprint}`;
  const before: Credential = { ...credential, ca: 'CA 1', ca_named: F1, enrolled: { ...enrolled('PC1'), ca: 'CA 1' } };

  /** A server with that CA, which is believed by its text and by its fingerprint. */
  function serverWith(ca: string, fingerprint: string) {
    const tried: (string | undefined)[] = [];
    const connect: IdentityOptions['connect'] = (where) => {
      const line = serverThatSays({ ...enrolled('PC1'), ca }).connect();
      const challenge = async () => {
        tried.push(where.ca);
        if (where.ca === undefined ? where.fingerprint !== fingerprint : where.ca !== ca) throw new KanadeError('certificate_untrusted');
        return line.challenge();
      };
      return { ...line, challenge, ca: where.ca ?? ca };
    };
    return { tried, connect };
  }

  async function renewing(more: Partial<IdentityOptions>, kept = before) {
    const store = memoryIdentity(kept);
    const identity = await Identity.open(options({ store, ...more }));
    const failed = await identity.renewKeys('l', new AbortController().signal).then(
      () => undefined,
      (error: KanadeError) => error.code,
    );
    return { failed, identity, store };
  }

  test('the token that it came with does not bring it back', async () => {
    const { failed, store } = await renewing(
      { token: () => tokenNaming(F2), connect: serverWith('CA 2', F2).connect },
      { ...before, ca_named: F2 },
    );
    expect([failed, store.kept?.ca]).toEqual(['certificate_untrusted', 'CA 1']);
  });

  test('another token that names it does, once, and the PC keeps its key', async () => {
    const { failed, store, identity } = await renewing({ token: () => tokenNaming(F2, 'second'), connect: serverWith('CA 2', F2).connect });
    expect([failed, identity.ca]).toEqual([undefined, 'CA 2']);
    expect(store.kept).toMatchObject({ seed: credential.seed, ca: 'CA 2', ca_named: F2 });
    expect(store.aside).toEqual([]);
  });

  test('it is not held up by a token that names another one while what it was told is right', async () => {
    const server = serverWith('CA 1', F1);
    const { failed, store } = await renewing({ token: () => tokenNaming(F2), connect: server.connect });
    expect([failed, server.tried]).toEqual([undefined, ['CA 1']]);
    // And what that token says is no news from now on.
    expect(store.kept).toMatchObject({ ca: 'CA 1', ca_named: F2 });
  });

  test('a CA in its own settings counts, whatever it was told: at the server and at the broker', async () => {
    const { failed, identity } = await renewing({ ca: () => 'CA 2', connect: serverWith('CA 2', F2).connect });
    expect([failed, identity.ca]).toEqual([undefined, 'CA 2']);
    const wrong = await renewing({ ca: () => 'CA 3', token: () => tokenNaming(F2), connect: serverWith('CA 2', F2).connect });
    expect(wrong.failed).toBe('certificate_untrusted');
  });

  test('with another token it asks at once when it starts, not when the next renewal is due', async () => {
    const server = serverWith('CA 2', F2);
    const store = memoryIdentity(before);
    const stop = new AbortController();
    const identity = await Identity.open(options({ store, token: () => tokenNaming(F2), connect: server.connect }));
    const keeping = identity.keep('l', stop.signal);
    await until('it has asked', () => store.kept?.ca === 'CA 2');
    stop.abort();
    await keeping;
  });
});

test('a copy discards what it carries before anything is read; what cannot be read as well', async () => {
  const store = memoryIdentity(credential);
  const copy = await Identity.open(options({ store }, { uuid: 'another' }));
  await copy.settle();
  expect([store.kept, store.aside]).toEqual([undefined, [{ credential: true, work: true }]]);
  expect(copy.enrolled).toBeUndefined();

  const damaged = memoryIdentity(credential);
  damaged.read = async () => {
    throw new KanadeError('identity_unusable');
  };
  await (await Identity.open(options({ store: damaged }))).settle();
  expect(damaged.aside).toEqual([{ credential: true, work: true }]);
});

describe('a broker that has moved', () => {
  async function following(world: { connected: boolean; told: string; moved?: boolean }) {
    let looks = 0;
    const did: string[] = [];
    const stop = new AbortController();
    const done = followServers(
      {
        connectedTo: 'a',
        told: () => world.told,
        connected: () => {
          looks++;
          return world.connected;
        },
        moved: () => world.moved ?? false,
        settingsChanged: new Wake(),
        ask: () => did.push('ask'),
        beginAnew: () => did.push('anew'),
        // A minute at each look.
        mono: () => looks * 60_000,
        random: () => 0,
        every: 1,
      },
      stop.signal,
    );
    await until('it has looked often', () => looks > 20);
    stop.abort();
    await done;
    return did;
  }

  test('while it is connected nothing is done, whatever the server says', async () => {
    expect(await following({ connected: true, told: 'b' })).toEqual([]);
  });

  test('but what the settings of the PC say it follows', async () => {
    expect(await following({ connected: true, told: 'b', moved: true })).toContain('anew');
  });

  test('away for minutes: the server is asked where it is', async () => {
    const did = await following({ connected: false, told: 'a' });
    expect(new Set(did)).toEqual(new Set(['ask']));
  });

  test('away, and elsewhere: it begins anew there', async () => {
    expect(await following({ connected: false, told: 'b' })).toContain('anew');
  });
});
