import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Heard } from '#core/agent/intake/heard.ts';
import { type Told, Trust } from '#core/agent/trust.ts';
import { encode } from '#core/contract/codec.ts';
import { SealingKey } from '#core/contract/seal.ts';
import { CONTROL_COUNTS, countsUntil, sealedKind } from '#core/contract/sealed.ts';
import { instant } from '#core/contract/time.ts';
import { BrokerClock } from '#core/nats/broker-clock.ts';
import { quietLog } from '#tests/support/quiet-log.ts';

const START = Date.parse('2026-11-22T03:00:00Z');
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
/** By which the server's own word may differ from what backends sign. */
const LAX = 10 * MINUTE;
const SUBJECT = 'control.PC1.sync';
const key = SealingKey.generate();

/** A PC between a server that it may reach, and a broker that may say again whatever it has heard. */
class Pc {
  /** The time it is, in truth. */
  now = START;
  /** By which this PC's clock is wrong. */
  shift = 0;
  /** By which a backend's clock is, when it signs. */
  backendShift = 0;
  /** Whether the server can be asked. */
  reachable = true;
  #stop = new AbortController();
  /** Milliseconds of now and of the monotonic clock when it was started last. */
  #began = 0;
  #heard!: Heard;
  #trust!: Trust;
  #clock!: BrokerClock;
  #told: Told | undefined;
  #asks = false;
  #newestFile = 0;

  readonly mono = () => this.now - this.#began;
  readonly wall = () => this.now + this.shift;

  /** With what was on its disk, or a moment before that. */
  async start(): Promise<void> {
    this[Symbol.dispose]();
    if (this.#heard !== undefined) this.#newestFile = this.#heard.atLeast - MINUTE;
    this.#began = this.now;
    this.#told = undefined;
    this.#asks = false;
    this.#heard = await Heard.open(undefined, this.mono, quietLog);
    this.#heard.note(this.#newestFile);
    this.#clock = new BrokerClock(this.wall, this.mono);
    const renewKeys = async () => {
      this.#asks = true;
    };
    const options = { keys: () => [{ public_key: key.publicKey }], told: () => this.#told, renewKeys };
    const { mono, wall } = this;
    this.#trust = new Trust({ options, clock: this.#clock.now, wall, mono, random: () => 0, heard: this.#heard, log: quietLog });
    this.#stop = new AbortController();
    void this.#trust.run(this.#stop.signal);
  }

  [Symbol.dispose](): void {
    this.#stop.abort();
  }

  /** The time by what this PC goes, in truth: what it goes by minus what it is. */
  get lag(): number {
    return this.now - this.#clock.now();
  }

  say() {
    const at = Math.round(this.now + this.backendShift);
    const sync = { now: instant(at), enrolled_at: instant(START - DAY), epoch: 'e' };
    const data = encode(sync);
    const headers = key.seal(SUBJECT, data, countsUntil(sealedKind(SUBJECT)!, data, at));
    return { sync, message: { subject: SUBJECT, data, header: (name: string) => headers[name] } };
  }

  /** Whether it is believed; the server is asked first where the PC wants to and can. */
  async hear({ sync, message }: ReturnType<Pc['say']>): Promise<boolean> {
    for (let asked = false; ; asked = true) {
      try {
        this.#clock.anchor(this.#trust.checkSync(message, sync));
        return true;
      } catch {
        await new Promise((resolve) => setImmediate(resolve));
        if (asked || !this.#asks || !this.reachable) return false;
        this.renew();
      }
    }
  }

  /** As it does daily, too. */
  renew(): void {
    this.#asks = false;
    // Whole seconds, as in a JWT.
    this.#told = { at: Math.floor((this.now + this.backendShift) / 1000) * 1000, mono: this.mono() };
  }
}

const CLOCKS = [0, -HOUR, -21 * DAY, DAY - START, HOUR, 365 * DAY];

test.each(CLOCKS)('a PC whose clock is off by %d ms takes the time from a sync, and from no old one after that', async (shift) => {
  using pc = new Pc();
  pc.now = START - 20 * DAY;
  const old = pc.say();
  pc.now = START;
  pc.shift = shift;
  await pc.start();
  expect(await pc.hear(pc.say())).toBe(true);
  expect(Math.abs(pc.lag)).toBeLessThan(1000);
  expect(await pc.hear(old)).toBe(false);
  await pc.start();
  expect(await pc.hear(old)).toBe(false);
  expect(await pc.hear(pc.say())).toBe(true);
});

test.each(CLOCKS)('one that was off for weeks, its clock off by %d ms, asks the server before it believes an old one', async (shift) => {
  using pc = new Pc();
  pc.shift = shift;
  await pc.start();
  await pc.hear(pc.say());
  pc.now += 10 * DAY;
  const old = pc.say();
  pc.now += 10 * DAY;
  await pc.start();
  pc.reachable = false;
  expect(await pc.hear(old)).toBe(false);
  // Its own clock is right, or it waits until the server can be asked.
  expect(await pc.hear(pc.say())).toBe(shift === 0);
  pc.reachable = true;
  pc.now += HOUR;
  expect(await pc.hear(pc.say())).toBe(true);
  expect(await pc.hear(old)).toBe(false);
});

test('one whose backend was years ahead for a while hears it again, by asking the server', async () => {
  using pc = new Pc();
  await pc.start();
  pc.backendShift = 1000 * DAY;
  await pc.hear(pc.say());
  pc.now += HOUR;
  pc.backendShift = 0;
  expect(await pc.hear(pc.say())).toBe(true);
  expect(Math.abs(pc.lag)).toBeLessThan(LAX + 1000);
});

test('who says the last one again and again holds no clock up', async () => {
  using pc = new Pc();
  await pc.start();
  const last = pc.say();
  await pc.hear(last);
  for (let minutes = 0; minutes < 600; minutes++) {
    pc.now += MINUTE;
    await pc.hear(last);
    expect(pc.lag).toBeLessThan(CONTROL_COUNTS + MINUTE);
  }
});

const happening = fc.oneof(
  { weight: 4, arbitrary: fc.record({ is: fc.constant('pass' as const), ms: fc.integer({ min: 1000, max: 2 * DAY }) }) },
  { weight: 4, arbitrary: fc.record({ is: fc.constant('sync' as const) }) },
  { weight: 6, arbitrary: fc.record({ is: fc.constant('again' as const), which: fc.nat() }) },
  { weight: 1, arbitrary: fc.record({ is: fc.constant('restart' as const) }) },
  { weight: 1, arbitrary: fc.record({ is: fc.constant('set' as const), shift: fc.integer({ min: -400 * DAY, max: 400 * DAY }) }) },
  { weight: 1, arbitrary: fc.record({ is: fc.constant('renew' as const) }) },
);

test('whatever happens, a PC that has heard the time since it started is not led back behind it, and believes who says it rightly', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(happening, { maxLength: 40 }), fc.integer({ min: -400 * DAY, max: 400 * DAY }), async (all, shift) => {
      using pc = new Pc();
      pc.shift = shift;
      const said = [pc.say()];
      await pc.start();
      /** Since when it has heard nothing but what was said before. */
      let heardAt = Number.NaN;
      for (const one of all) {
        if (one.is === 'pass') {
          pc.now += one.ms;
          // A backend says it all the while, and the broker has heard it.
          said.push(pc.say());
        } else if (one.is === 'sync') {
          expect(await pc.hear(pc.say())).toBe(true);
          heardAt = pc.now;
        } else if (one.is === 'again') await pc.hear(said[one.which % said.length]!);
        else if (one.is === 'restart') {
          await pc.start();
          heardAt = Number.NaN;
        } else if (one.is === 'set') pc.shift = one.shift;
        else pc.renew();
        if (!Number.isNaN(heardAt)) expect(pc.lag).toBeLessThan(LAX + CONTROL_COUNTS + (pc.now - heardAt) * 0.002 + 1000);
      }
      expect(await pc.hear(pc.say())).toBe(true);
    }),
    { numRuns: 150 },
  );
});
