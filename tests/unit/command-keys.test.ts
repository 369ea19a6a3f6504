import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CommandKeys } from '#backend/seal/command-keys.ts';
import { entryOfKey, keepKeysToJoin, keyToJoin } from '#backend/seal/join.ts';
import { encode } from '#core/contract/codec.ts';
import type { CommandKeyEntry } from '#core/contract/command-key.ts';
import type { KanadeError } from '#core/contract/errors.ts';
import { keyIdOf, SEAL_HEADERS, SealingKey } from '#core/contract/seal.ts';
import { instant } from '#core/contract/time.ts';
import { type TempDir, tempDir } from '#tests/support/temp.ts';

const START = Date.parse('2026-11-21T12:00:00Z');
const HOUR = 3_600_000;
const DAY = 24 * HOUR;
let dir: TempDir;
let made = 0;
beforeAll(async () => {
  dir = await tempDir();
});
afterAll(() => dir[Symbol.asyncDispose]());

async function opened(path = join(dir.path, `${++made}`, 'command-keys.json')) {
  const time = { now: START };
  const open = (replace = false) => CommandKeys.open({ path, backendId: 'b1', clock: () => time.now, replace });
  const keys = await open();
  await keys.save();
  return { keys, time, path, open };
}

/** What these keys say now, as another one hears it. */
function saying(keys: CommandKeys, subject = 'commands.all.x', body: unknown = { expires_at: instant(START + 6 * DAY) }) {
  const data = encode(body);
  const headers = keys.sign(subject, data, undefined)!;
  return { subject, data, header: (name: string) => headers[name] };
}

function believed(keys: CommandKeys, message: ReturnType<typeof saying>, kind: 'command' | 'value' | 'execution' = 'command'): string {
  try {
    keys.check(message, kind);
    return 'ok';
  } catch (error) {
    return (error as KanadeError).code;
  }
}

const states = (keys: CommandKeys) => keys.list().map(({ state }) => state);

describe('command keys', () => {
  it('seal what a backend says with authority, and nothing else', async () => {
    const { keys } = await opened();
    for (const subject of [
      'commands.all.x',
      'control.PC1.sync',
      'executions.submitted.x',
      '$KV.accounts.token.admin',
      '$KV.config.freeze',
    ]) {
      expect(keys.sign(subject, encode({}), undefined)).toBeDefined();
    }
    for (const subject of [
      'audit.system.x',
      '$KV.blobs.abc',
      '$KV.leases.holder',
      '$KV.completions.s.PC1',
      '$JS.API.INFO',
      'events.agent.x.PC1',
    ]) {
      expect(keys.sign(subject, encode({}), undefined)).toBeUndefined();
    }
  });

  it('go next, active, retiring, retired by the clock, and what each says counts in its time', async () => {
    const { keys, time } = await opened();
    const first = keys.sealingId;
    const early = saying(keys);
    const next = await keys.rotate({ activeFrom: START + 2 * DAY, overlap: DAY });
    expect([states(keys), keys.sealingId]).toEqual([['active', 'next'], first]);
    time.now = START + 2 * DAY;
    expect([states(keys), keys.sealingId]).toEqual([['retiring', 'active'], next.id]);
    expect([...keys.going()]).toEqual([first]);
    expect([believed(keys, early), believed(keys, saying(keys))]).toEqual(['ok', 'ok']);
    time.now = START + 3 * DAY;
    expect(states(keys)).toEqual(['retired', 'active']);
    expect([believed(keys, early), believed(keys, saying(keys))]).toEqual(['retired_key', 'ok']);
    expect([...keys.going()]).toEqual([]);
    expect(keys.trusted()).toHaveLength(2);
    time.now = START + 20 * DAY;
    expect(keys.trusted()).toEqual([{ public_key: keys.list()[1]!.entry.public_key }]);
  });

  it('have their words said again once, while they count: also over a restart', async () => {
    const { keys, time, open } = await opened();
    const first = keys.sealingId;
    time.now += 1;
    await keys.rotate({ activeFrom: time.now, overlap: DAY });
    const other = SealingKey.generate();
    const entry = { public_key: other.publicKey, backend_id: 'b2', created_at: instant(START), active_from: instant(START) };
    await keys.learn({ ...entry, retired_at: instant(START + HOUR) });
    expect([...keys.going()]).toEqual([first, other.id]);
    // The other one still seals, as far as we know: what it says until it is retired is to be said again too.
    await keys.noteSaidAgain(keys.going());
    expect([...keys.going()]).toEqual([other.id]);
    expect([...(await open()).going()]).toEqual([other.id]);
  });

  it('that were retired before are known from those that go now', async () => {
    const { keys, time, open } = await opened();
    const first = keys.sealingId;
    time.now += 1;
    await keys.rotate({ activeFrom: time.now, overlap: HOUR });
    time.now += DAY;
    expect([...(await open(true)).retiredBefore]).toEqual([first]);
  });

  it('are the same after a restart', async () => {
    const { keys, open } = await opened();
    await keys.rotate({ activeFrom: START, overlap: DAY });
    const again = await open();
    expect([again.isNew, again.list()]).toEqual([false, keys.list()]);
    expect(believed(again, saying(keys))).toBe('ok');
  });

  it('do not go while another one waits, nor while they are the only one', async () => {
    const { keys } = await opened();
    await keys.rotate({ activeFrom: START + DAY, overlap: DAY });
    await expect(keys.rotate({ activeFrom: START + DAY, overlap: DAY })).rejects.toMatchObject({ code: 'command_key_state' });
    await expect(keys.retire(keys.sealingId, START)).rejects.toMatchObject({ code: 'command_key_state' });
  });

  it('that are retired stay so, whatever is said of them later', async () => {
    const { keys } = await opened();
    const entry: CommandKeyEntry = {
      public_key: SealingKey.generate().publicKey,
      backend_id: 'b2',
      created_at: instant(START - DAY),
      active_from: instant(START - DAY),
    };
    expect([await keys.learn(entry), await keys.learn(entry)]).toEqual([true, false]);
    await keys.retire(keyIdOf(entry.public_key), START);
    expect(await keys.learn(entry)).toBe(false);
    expect(await keys.learn({ ...entry, retired_at: instant(START + DAY) })).toBe(false);
    expect(states(keys)).toEqual(['active', 'retired']);
  });

  it('of others are told of by their own backend, and by the first of any', async () => {
    const { keys, path } = await opened();
    const entry = (backend_id: string): CommandKeyEntry => ({
      public_key: SealingKey.generate().publicKey,
      backend_id,
      created_at: instant(START),
      active_from: instant(START),
    });
    const [b2, b3] = [entry('b2'), entry('b3')];
    for (const one of [b2, b3]) await keys.learn(one);
    const [own, by2, by3] = [keys.sealingId, keyIdOf(b2.public_key), keyIdOf(b3.public_key)];
    const may = (of: CommandKeys, backendId: string) => [own, by2, by3, 'nobody'].map((by) => of.mayTell(entry(backendId), by));
    expect(may(keys, 'b2')).toEqual([false, true, false, false]);
    // Whom it has let in it knows by itself, and of its own keys there are none but those of its file.
    expect([may(keys, 'b4'), may(keys, 'b1')]).toEqual([Array(4).fill(false), Array(4).fill(false)]);
    const joined = await CommandKeys.open({ path, backendId: 'b1', clock: () => START, first: 'b3' });
    expect([may(joined, 'b2'), may(joined, 'b4'), may(joined, 'b1')]).toEqual([
      [false, true, true, false],
      [false, false, true, false],
      Array(4).fill(false),
    ]);
  });

  it('of history count by the time it was stored, and by the time it is for whoever acts on it', async () => {
    const { keys, time } = await opened();
    const said = saying(keys, 'executions.submitted.x', {});
    await keys.rotate({ activeFrom: START + HOUR, overlap: HOUR });
    time.now = START + DAY;
    expect(believed(keys, { ...said, stored: START } as never, 'execution')).toBe('ok');
    expect(believed(keys, said, 'execution')).toBe('retired_key');
  });

  it('are believed by a backend that has joined, once one has told it', async () => {
    const { keys } = await opened();
    const path = join(dir.path, 'joined', 'command-keys.json');
    const key = keyToJoin(START);
    const entry = entryOfKey(key, 'b2');
    await keepKeysToJoin(
      path,
      key,
      keys.list().map((one) => one.entry),
    );
    const joined = await CommandKeys.open({ path, backendId: 'b2', clock: () => START });
    expect([joined.isNew, joined.adopted]).toEqual([false, true]);
    expect(believed(joined, saying(keys))).toBe('ok');
    expect(believed(keys, saying(joined))).toBe('unknown_key');
    await keys.learn(entry);
    expect(believed(keys, saying(joined))).toBe('ok');
  });

  it('that cannot be read are not made up for, unless a new one is asked for', async () => {
    const { path, open } = await opened();
    const text = await readFile(path, 'utf8');
    for (const broken of ['', '{}', text.slice(0, 200), text.replace(/MC4C[^\\]*/, 'AAAA')]) {
      await writeFile(path, broken);
      await expect(open()).rejects.toMatchObject({ code: 'command_key_lost' });
      expect((await open(true)).isNew).toBe(true);
    }
  });

  it('in place of others have these be history at once', async () => {
    const { keys, open } = await opened();
    const before = saying(keys);
    const replaced = await open(true);
    expect([states(replaced), replaced.adopted]).toEqual([['retired', 'active'], false]);
    expect(believed(replaced, before)).toBe('retired_key');
    expect(saying(replaced).header(SEAL_HEADERS.key)).not.toBe(keys.sealingId);
  });

  it('seal at once, and those they replace no more, however far behind the clock of the broker turns out to be', async () => {
    const { path, keys, time, open } = await opened();
    const early = keys.sealingId;
    for (let again = 0; again < 2; again++) {
      time.now += 60_000;
      const before = saying(keys);
      const replaced = await open(true);
      time.now -= 600_000;
      expect(replaced.sealingId).not.toBe(early);
      expect(states(replaced).slice(-2)).toEqual(['retired', 'active']);
      expect(believed(replaced, before)).toBe('retired_key');
      await replaced.save();
      time.now += 600_000;
    }
    const first = await CommandKeys.open({ path: `${path}.new`, backendId: 'b1', clock: () => time.now });
    time.now -= 600_000;
    expect(first.sealingId).toBe(first.list()[0]!.id);
  });
});
