import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Heard } from '#core/agent/intake/heard.ts';
import type { Judgement } from '#core/agent/intake/judge-command.ts';
import { sealOf, timeFault } from '#core/agent/intake/judge-seal.ts';
import { Trust } from '#core/agent/trust.ts';
import { encode } from '#core/contract/codec.ts';
import { keysDigest, type TrustedKeyEntry } from '#core/contract/enrolment.ts';
import { KanadeError } from '#core/contract/errors.ts';
import { SealingKey } from '#core/contract/seal.ts';
import { countsUntil, sealedKind, sealedSubject } from '#core/contract/sealed.ts';
import { instant } from '#core/contract/time.ts';
import { quietLog } from '#tests/support/quiet-log.ts';
import { tempDir } from '#tests/support/temp.ts';
import { until } from '#tests/support/until.ts';

const NOW = Date.parse('2026-11-21T12:00:00Z');
const MINUTE = 60_000;
const DAY = 86_400_000;
const key = SealingKey.generate();

function codeOf(work: () => unknown): string {
  try {
    work();
    return 'ok';
  } catch (error) {
    if (error instanceof KanadeError) return error.code;
    throw error;
  }
}

/** A message as a backend says it at `at`. */
function said(subject: string, body: unknown, { at = NOW, by = key, expires }: { at?: number; by?: SealingKey; expires?: string } = {}) {
  const data = encode(body);
  const headers = by.seal(sealedSubject(subject, undefined), data, expires ?? countsUntil(sealedKind(subject)!, data, at));
  return { subject, data, header: (name: string) => headers[name] };
}

interface Bent {
  now?: number;
  newest?: number;
  keys?: TrustedKeyEntry[];
  allowUnsigned?: boolean;
  renewKeys?: () => Promise<void>;
}

function trust({ now = NOW, newest = 0, keys = [{ public_key: key.publicKey }], allowUnsigned = false, renewKeys }: Bent = {}) {
  const heard = {
    atLeast: newest,
    note(at: number) {
      this.atLeast = Math.max(this.atLeast, at);
    },
    correct() {},
  };
  const mono = { at: 0 };
  const options = { keys: () => keys, renewKeys: renewKeys ?? (async () => {}), allowUnsigned };
  const made = new Trust({ options, clock: () => now, wall: () => now, mono: () => mono.at, random: () => 0, heard, log: quietLog });
  return { trust: made, heard, mono, keys };
}

const sync = (at: number) => ({ now: instant(at), enrolled_at: instant(NOW - DAY), epoch: 'e' });

describe('a sync', () => {
  const subject = 'control.PC1.sync';
  const judged = (at: number, bent: Bent = {}) => {
    const { trust: one } = trust(bent);
    return codeOf(() => one.checkSync(said(subject, sync(at), { at }), sync(at)));
  };

  it.each([
    ['whose clock is right', {}],
    ['whose clock was never set', { now: 0 }],
    ['whose clock is years ahead', { now: NOW + 1000 * DAY }],
    ['that slept for a day', { now: NOW - DAY, newest: NOW - DAY }],
    ['that has heard a little later one of another backend', { newest: NOW + MINUTE }],
  ])('tells the time to a PC %s', (_, bent) => {
    expect(judged(NOW, bent)).toBe('ok');
  });

  it('that is older than what was heard is not said again', () => {
    expect(judged(NOW - 3 * MINUTE, { newest: NOW })).toBe('signature_expired');
    expect(judged(NOW - 3 * MINUTE, { newest: NOW, now: NOW - 3 * MINUTE })).toBe('signature_expired');
  });

  it('that names other keys than this PC knows has them asked for', async () => {
    const stop = new AbortController();
    const keys: TrustedKeyEntry[] = [{ public_key: key.publicKey }];
    const retired = { public_key: key.publicKey, retired_at: instant(NOW + MINUTE) };
    const made = trust({ keys, renewKeys: async () => void keys.splice(0, 1, retired) });
    const running = made.trust.run(stop.signal);
    const same = { ...sync(NOW), keys: keysDigest(keys) };
    made.trust.checkSync(said(subject, same), same);
    const other = { ...sync(NOW), keys: keysDigest([retired]) };
    made.trust.checkSync(said(subject, other), other);
    await made.trust.changed.next(stop.signal);
    expect(keys).toEqual([retired]);
    stop.abort();
    await running;
  });

  it('is remembered as the newest', () => {
    const { trust: one, heard } = trust();
    one.checkSync(said(subject, sync(NOW + 5), { at: NOW + 5 }), sync(NOW + 5));
    expect(heard.atLeast).toBe(NOW + 5);
  });

  it('is not believed for what it says of the time when nobody has signed it', () => {
    const { trust: one, heard } = trust();
    expect(codeOf(() => one.checkSync({ ...said(subject, sync(NOW)), header: () => undefined }, sync(NOW)))).toBe('unsigned');
    expect(heard.atLeast).toBe(0);
  });
});

describe('what was heard', () => {
  it('is kept over a restart, whatever this PC says of the time, and goes on while this PC does', async () => {
    await using dir = await tempDir();
    const path = join(dir.path, 'heard.json');
    const mono = { at: 0 };
    const open = () => Heard.open(path, () => mono.at, quietLog);
    const heard = await open();
    heard.note(NOW);
    heard.note(NOW - DAY);
    expect(heard.atLeast).toBe(NOW);
    mono.at += 100 * MINUTE;
    expect(heard.atLeast).toBeGreaterThan(NOW + 99 * MINUTE);
    expect(heard.atLeast).toBeLessThan(NOW + 100 * MINUTE);
    await until('it is on disk', async () => (await open()).atLeast === NOW);
  });

  it('is taken back by the server alone, who says what time it is', async () => {
    const heard = await Heard.open(undefined, () => 0, quietLog);
    heard.note(NOW + 365 * DAY);
    heard.correct(NOW, 10 * MINUTE);
    expect(heard.atLeast).toBe(NOW - 10 * MINUTE);
    heard.note(NOW);
    heard.correct(NOW + MINUTE, 10 * MINUTE);
    expect(heard.atLeast).toBe(NOW);
    heard.correct(NOW + DAY, 10 * MINUTE);
    expect(heard.atLeast).toBe(NOW + DAY - 10 * MINUTE);
  });
});

describe('a control message', () => {
  const subject = 'control.PC1.logs';
  it.each([
    ['is answered', {}, 'ok'],
    ['is not answered two minutes later', { now: NOW + 2 * MINUTE }, 'signature_expired'],
    ['is not answered when it would count for longer', { now: NOW - 2 * MINUTE }, 'signature_too_long'],
    ['is not answered once its key is retired', { keys: [{ public_key: key.publicKey, retired_at: instant(NOW) }] }, 'retired_key'],
  ])('%s', (_, bent, code) => {
    const { trust: one } = trust(bent);
    expect(codeOf(() => one.check(said(subject, {}), 'control'))).toBe(code);
  });

  it('is none when it is something else that was signed', () => {
    const { trust: one } = trust();
    expect(codeOf(() => one.check(said('commands.all.x', {}), 'control'))).toBe('unsigned');
    expect(codeOf(() => one.check(said(subject, {}), 'command'))).toBe('unsigned');
  });
});

describe('a command', () => {
  const subject = 'commands.pc.PC1.x';
  const body = (expires: number) => ({ expires_at: instant(expires) });
  const verdict = (message: ReturnType<typeof said>, bent: Bent = {}) => {
    const { trust: one } = trust(bent);
    const found = sealOf({ subject: message.subject, bytes: message.data, header: message.header }, one, bent.now ?? NOW);
    return found instanceof KanadeError ? found.code : found;
  };

  it('that has expired counts as expired for as long as this PC remembers what it ran, and is refused after that', () => {
    const message = said(subject, body(NOW));
    expect(verdict(message, { now: NOW - 1 })).toBe('signed');
    expect(verdict(message, { now: NOW })).toBe('late');
    expect(verdict(message, { now: NOW + 7 * DAY })).toBe('signature_expired');
  });

  it('counts for a week and a little at the most', () => {
    expect(verdict(said(subject, body(NOW + 7 * DAY)))).toBe('signed');
    expect(verdict(said(subject, body(NOW + 8 * DAY)))).toBe('signature_too_long');
  });

  it.each([
    ['commands.pc.PC1', 'unsigned'],
    ['commands.all', 'unsigned'],
    ['commands.group.lab', 'unsigned'],
    ['commands.pc.PC1.x', 'refused'],
    ['commands.all.x', 'refused'],
  ])('on %s that nobody has signed is %s where the setting allows it', (where, how) => {
    const message = { ...said(where, {}), header: () => undefined };
    expect(codeOf(() => trust({ allowUnsigned: true }).trust.checkCommand(message))).toBe(how === 'unsigned' ? 'ok' : 'unsigned');
    expect(codeOf(() => trust().trust.checkCommand(message))).toBe('unsigned');
  });

  it('of the seeds that is signed by somebody else is refused although unsigned ones are allowed', () => {
    const message = said('commands.all', {}, { by: SealingKey.generate() });
    expect(codeOf(() => trust({ allowUnsigned: true }).trust.checkCommand(message))).toBe('unknown_key');
  });

  it('that was issued in the future is refused, and so is one whose seal is over and whose words are not', () => {
    const taken = { kind: 'take', taken: { issuedAt: NOW + 2 * 60 * MINUTE } } as Judgement;
    expect(timeFault('signed', taken, NOW)?.code).toBe('signature_too_long');
    expect(timeFault('signed', taken, NOW + 60 * MINUTE)).toBeUndefined();
    expect(timeFault('late', taken, NOW + 60 * MINUTE)?.code).toBe('signature_expired');
    expect(timeFault('open', taken, NOW)).toBeUndefined();
  });
});

describe('a key that is not known', () => {
  const other = SealingKey.generate();
  const message = said('commands.all.x', {}, { by: other });

  it('is asked for, and counts when it is one', async () => {
    const stop = new AbortController();
    const keys: TrustedKeyEntry[] = [{ public_key: key.publicKey }];
    const made = trust({ keys, renewKeys: async () => void keys.push({ public_key: other.publicKey }) });
    const running = made.trust.run(stop.signal);
    expect(codeOf(() => made.trust.check(message, 'command'))).toBe('unknown_key');
    expect(made.trust.unknownKey(message)).toBe('open');
    await made.trust.changed.next(stop.signal);
    expect(codeOf(() => made.trust.check(message, 'command'))).toBe('ok');
    stop.abort();
    await running;
  });

  it('is given up only when nobody knew it twice; while nobody answers it stays open', async () => {
    const stop = new AbortController();
    let answers = false;
    let asked = 0;
    const made = trust({
      renewKeys: async () => {
        asked++;
        if (!answers) throw new Error('no connection');
      },
    });
    const running = made.trust.run(stop.signal);
    codeOf(() => made.trust.check(message, 'command'));
    await until('it was asked for', () => asked === 1);
    expect(made.trust.unknownKey(message)).toBe('open');
    stop.abort();
    await running;

    answers = true;
    const again = new AbortController();
    const stops = made.trust.run(again.signal);
    await made.trust.changed.next(again.signal);
    expect([asked, made.trust.unknownKey(message)]).toEqual([2, 'doubtful']);
    again.abort();
    await stops;
    const last = new AbortController();
    codeOf(() => made.trust.check(message, 'command'));
    const ends = made.trust.run(last.signal);
    await made.trust.changed.next(last.signal);
    expect(made.trust.unknownKey(message)).toBe('nobodys');
    codeOf(() => made.trust.check(message, 'command'));
    made.mono.at += 11 * MINUTE;
    expect(made.trust.unknownKey(message)).toBe('open');
    last.abort();
    await ends;
  });
});
