import { setImmediate as breathe } from 'node:timers/promises';
import { describe, expect, test, vi } from 'vitest';
import { Standing } from '#core/agent/intake/standing.ts';
import { Collector, type InventoryOptions } from '#core/agent/inventory/collector.ts';
import type { InventorySource, Reading, Support } from '#core/agent/inventory/inventory-source.ts';
import { NOTHING_SAID } from '#core/agent/inventory/inventory-state.ts';
import { FIRST_WITHIN, firstCollection, nextCollection } from '#core/agent/inventory/next-collection.ts';
import { Publisher } from '#core/agent/inventory/publisher.ts';
import { LiveSettings } from '#core/agent/live-settings.ts';
import type { Outbox } from '#core/agent/outbox/outbox.ts';
import { KanadeError } from '#core/contract/errors.ts';
import { INVENTORY_REPEAT, type InventorySection, type Section } from '#core/contract/inventory.ts';
import { keptInMemory } from '#core/files/state-file.ts';
import type { AgentSettings } from '#core/settings/settings.ts';
import { quietLog } from '#tests/support/quiet-log.ts';
import { until } from '#tests/support/until.ts';

const HOUR = 3_600_000;
const START = Date.parse('2026-11-21T10:00:00Z');

describe('when to collect', () => {
  const at = (random: number) => ({ now: START, interval: 4 * HOUR, random: () => random });

  test('first one to ten minutes after this PC was confirmed', () => {
    expect(firstCollection(at(0), undefined) - START).toBe(60_000);
    expect(firstCollection(at(0.5), undefined) - START).toBe(330_000);
    expect(firstCollection(at(1), undefined) - START).toBe(FIRST_WITHIN[1]);
  });

  test('not before the last collection is as old as the interval', () => {
    expect(firstCollection(at(0.5), START - HOUR)).toBe(START + 3 * HOUR);
    expect(firstCollection(at(0.5), START - 4 * HOUR + 1000)).toBe(START + 330_000);
    expect(firstCollection(at(0.5), START - 100 * HOUR)).toBe(START + 330_000);
    // This PC's clock was wrong then.
    expect(firstCollection(at(0.5), START + HOUR)).toBe(START + 330_000);
  });

  test('then after the interval, give or take a tenth', () => {
    expect(nextCollection(at(0)) - START).toBe(3.6 * HOUR);
    expect(nextCollection(at(1)) - START).toBeCloseTo(4.4 * HOUR, 3);
  });
});

/** A PC with a source that reads what the test says, an outbox that keeps what it is given, and a clock that the test sets. */
class Pc {
  now = START;
  readonly standing = new Standing('L1');
  readonly sent: InventorySection[] = [];
  readonly asked: string[] = [];
  readonly state = keptInMemory(NOTHING_SAID);
  readonly logged: [string, string][] = [];
  data: Record<string, Reading['data']> = { os: { build: 1 }, cpu: [] };
  support: Support | undefined;
  /** Rejects what is enqueued. */
  refusal: KanadeError | undefined;
  /** Holds up each reading. */
  gate: Promise<void> = Promise.resolve();
  closed = 0;
  readonly publisher: Publisher;
  readonly collector: Collector;

  constructor(options: Partial<InventoryOptions> | null = {}, settings?: LiveSettings) {
    const clock = () => this.now;
    const outbox = {
      enqueue: async (kind: string, name: string, bytes: Uint8Array) => {
        if (this.refusal) throw this.refusal;
        const section = JSON.parse(Buffer.from(bytes).toString()) as InventorySection;
        expect([kind, name]).toEqual(['inventory', section.section]);
        this.sent.push(section);
      },
    } as unknown as Outbox;
    const { standing, state } = this;
    this.publisher = new Publisher({ pcId: 'PC1', ledgerId: 'L1', standing, clock, outbox, state, log: quietLog });
    const source: InventorySource = {
      sections: async () => this.support ?? { sections: Object.keys(this.data) as Section[] },
      read: async (section, signal) => {
        this.asked.push(section);
        await Promise.race([this.gate, new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)))]);
        return { data: this.data[section]!, faults: [] };
      },
      close: async () => void this.closed++,
    };
    const log = {
      ...quietLog,
      info: (f: object, t: string) => this.#say('info', f, t),
      warn: (f: object, t: string) => this.#say('warn', f, t),
    };
    const given = options === null ? undefined : { source, interval: 4 * HOUR, ...options };
    this.collector = new Collector({ options: given, settings, publisher: this.publisher, standing, clock, random: () => 0.5, log });
  }

  #say(level: string, fields: object, text: string): void {
    this.logged.push([level, `${text} ${JSON.stringify(fields)}`]);
  }

  confirm(more: Partial<Parameters<Standing['take']>[0]> = {}): void {
    this.standing.take({ now: '', ledger_id: 'L1', enrolled_at: '2026-01-01T00:00:00Z', epoch: 'E1', ...more });
  }
}

async function confirmed(...options: ConstructorParameters<typeof Pc>): Promise<Pc> {
  const pc = new Pc(...options);
  pc.confirm();
  return pc;
}

const changes = ({ sections }: Awaited<ReturnType<Collector['collect']>>) =>
  sections.map(({ section, changed }) => `${section} ${changed}`);

describe('a collection', () => {
  test('says each section once, again when it changed, and again after a long time', async () => {
    const pc = await confirmed();
    expect(changes(await pc.collector.collect())).toEqual(['os true', 'cpu true']);
    expect(pc.sent[0]).toMatchObject({
      pc_id: 'PC1',
      section: 'os',
      collected_at: '2026-11-21T10:00:00.000Z',
      data: { build: 1 },
      faults: [],
    });
    expect(changes(await pc.collector.collect())).toEqual(['os false', 'cpu false']);
    pc.data.os = { build: 2 };
    const { sections } = await pc.collector.collect();
    expect(sections).toEqual([
      { section: 'os', hash: pc.sent.at(-1)!.hash, changed: true, collected_at: '2026-11-21T10:00:00.000Z' },
      { section: 'cpu', hash: pc.sent[1]!.hash, changed: false },
    ]);
    pc.now += INVENTORY_REPEAT * 1000 - 1;
    expect(changes(await pc.collector.collect())).toEqual(['os false', 'cpu false']);
    pc.now += 1;
    expect(changes(await pc.collector.collect())).toEqual(['os true', 'cpu true']);
  });

  test('of some sections reads these alone, and is no whole one', async () => {
    const pc = await confirmed();
    expect(changes(await pc.collector.collect(['cpu', 'no such']))).toEqual(['cpu true']);
    expect(await pc.collector.collect(['bitlocker'])).toEqual({ sections: [] });
    expect(pc.asked).toEqual(['cpu']);
    expect(pc.publisher.collectedAt).toBeUndefined();
    await pc.collector.collect();
    expect(pc.publisher.collectedAt).toBe(START);
  });

  test('says everything again to a backend that enrolled this PC anew, or whose streams are new', async () => {
    const pc = await confirmed();
    await pc.collector.collect();
    pc.confirm({ epoch: 'E2' });
    expect(pc.publisher.collectedAt).toBe(START);
    expect(changes(await pc.collector.collect())).toEqual(['os true', 'cpu true']);
    pc.confirm({ epoch: 'E2', enrolled_at: '2026-02-02T00:00:00Z' });
    expect(pc.publisher.collectedAt).toBeUndefined();
    expect(changes(await pc.collector.collect())).toEqual(['os true', 'cpu true']);
    expect(changes(await pc.collector.collect())).toEqual(['os false', 'cpu false']);
  });

  test('says again what whoever asks has not, or otherwise, and of what was asked for alone', async () => {
    const pc = await confirmed();
    await pc.collector.collect();
    const [os, cpu] = pc.sent.map(({ hash }) => hash) as [string, string];
    expect(changes(await pc.collector.collect(undefined, { os, cpu }))).toEqual(['os false', 'cpu false']);
    expect(changes(await pc.collector.collect(undefined, { os, cpu: 'older' }))).toEqual(['os false', 'cpu true']);
    expect(changes(await pc.collector.collect(['os'], {}))).toEqual(['os true']);
    expect(pc.sent.map(({ hash }) => hash)).toEqual([os, cpu, cpu, os]);
    // Two who ask at once, of whom one has it.
    const answers = await Promise.all([pc.collector.collect(['os'], { os }), pc.collector.collect(['os', 'cpu'], { cpu })]);
    expect(answers.map(changes)).toEqual([['os true'], ['os true', 'cpu false']]);
  });

  test('what the outbox did not take is said the next time', async () => {
    const pc = await confirmed();
    pc.refusal = new KanadeError('disk_full', 'no room');
    expect(await pc.collector.collect()).toEqual({ sections: [], problem: 'no room' });
    expect(pc.publisher.collectedAt).toBeUndefined();
    pc.refusal = undefined;
    expect(changes(await pc.collector.collect())).toEqual(['os true', 'cpu true']);
  });

  test('while another one runs waits for it, together with all who ask meanwhile', async () => {
    const pc = await confirmed();
    const gate = Promise.withResolvers<void>();
    pc.gate = gate.promise;
    const first = pc.collector.collect();
    await until('it has begun', () => pc.asked.length === 1);
    const second = pc.collector.collect(['os']);
    const third = pc.collector.collect(['cpu']);
    await breathe();
    expect(pc.asked).toEqual(['os']);
    pc.data.os = { build: 2 };
    gate.resolve();
    // The one under way had asked before it changed, as far as anybody knows: whoever asks afterwards gets a reading of their own.
    expect(changes(await first)).toEqual(['os true', 'cpu true']);
    expect(changes(await second)).toEqual(['os false']);
    expect(changes(await third)).toEqual(['cpu false']);
    expect(pc.asked).toEqual(['os', 'cpu', 'os', 'cpu']);
  });

  test('that takes longer than somebody waits is answered by what has been read, and goes on', async () => {
    const pc = await confirmed();
    const gate = Promise.withResolvers<void>();
    pc.data = {
      get os() {
        // What comes behind it hangs.
        pc.gate = gate.promise;
        return { build: 1 };
      },
      cpu: [],
    };
    const whole = pc.collector.collect();
    const partly = pc.collector.collect(undefined, undefined, 100);
    expect(await partly).toMatchObject({ sections: [{ section: 'os', changed: true }], pending: ['cpu'] });
    // Behind it: nothing has been begun.
    expect(await pc.collector.collect(['os'], {}, 0)).toEqual({ sections: [], pending: ['os'] });
    gate.resolve();
    expect(changes(await whole)).toEqual(['os true', 'cpu true']);
    expect(await pc.collector.collect(['cpu'], {}, 60_000)).toMatchObject({ sections: [{ section: 'cpu' }] });
  });

  test('is refused while the backend does not confirm this PC, and ends when it refuses it', async () => {
    const pc = new Pc();
    expect(await pc.collector.collect()).toEqual({ sections: [], problem: 'the backend has not confirmed this PC yet' });
    pc.confirm();
    const gate = Promise.withResolvers<void>();
    pc.gate = gate.promise;
    const under = pc.collector.collect();
    await until('it has begun', () => pc.asked.length === 1);
    pc.confirm({ refused: 'retired' });
    gate.resolve();
    expect(await under).toMatchObject({ sections: [{ section: 'os' }], problem: 'retired' });
    expect(await pc.collector.collect()).toEqual({ sections: [], problem: 'retired' });
    expect(pc.asked).toEqual(['os']);
  });

  test.each([
    ['info', { missing: 'pwsh is not in any folder of PATH' }],
    ['warn', { problem: 'the module is broken' }],
  ])('that cannot be made is told to who asked, and once in the log as %s', async (level, support) => {
    const pc = await confirmed();
    pc.support = support;
    const [problem] = Object.values(support);
    for (let n = 0; n < 3; n++) expect(await pc.collector.collect()).toEqual({ sections: [], problem });
    expect(pc.logged).toEqual([[level, expect.stringContaining(problem!)]]);
  });

  test('on a PC without a source is refused', async () => {
    const pc = await confirmed(null);
    expect(await pc.collector.collect()).toEqual({ sections: [], problem: 'this agent reads no inventory' });
  });

  test('ends when the agent stops, and none begins after it', async () => {
    const pc = await confirmed();
    pc.gate = new Promise(() => {});
    const under = pc.collector.collect();
    await until('it has begun', () => pc.asked.length === 1);
    const waiting = pc.collector.collect();
    await pc.collector.close();
    expect(pc.closed).toBe(1);
    expect(await under).toEqual({ sections: [], problem: 'the agent stops' });
    expect(await waiting).toEqual({ sections: [], problem: 'the agent stops' });
    expect(await pc.collector.collect()).toEqual({ sections: [], problem: 'the agent stops' });
    expect(pc.asked).toEqual(['os']);
  });
});

describe('by itself', () => {
  /** Lets time pass for the timers and for the PC alike. */
  async function pass(pc: Pc, ms: number): Promise<void> {
    await breathe();
    for (let left = ms; left > 0; left -= 60_000) {
      pc.now += Math.min(left, 60_000);
      await vi.advanceTimersByTimeAsync(Math.min(left, 60_000));
      await breathe();
    }
  }

  async function running(pc: Pc, test: () => Promise<void>): Promise<void> {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const stop = new AbortController();
    const run = pc.collector.run(stop.signal);
    try {
      await test();
    } finally {
      stop.abort();
      await run;
      vi.useRealTimers();
    }
  }

  test('collects some minutes after it is confirmed, then at its interval', async () => {
    const pc = new Pc();
    await running(pc, async () => {
      await pass(pc, 2 * HOUR);
      expect(pc.asked).toEqual([]);
      pc.confirm();
      await pass(pc, 320_000);
      expect(pc.asked).toEqual([]);
      await pass(pc, 60_000);
      expect(pc.asked).toEqual(['os', 'cpu']);
      await pass(pc, 4 * HOUR - 120_000);
      expect(pc.asked).toHaveLength(2);
      await pass(pc, 120_000);
      expect(pc.asked).toHaveLength(4);
    });
  });

  test('goes by the clock: a PC that slept through its time collects when it wakes', async () => {
    const pc = await confirmed();
    await running(pc, async () => {
      await pass(pc, 400_000);
      expect(pc.asked).toHaveLength(2);
      pc.now += 10 * HOUR;
      await pass(pc, 60_000);
      expect(pc.asked).toHaveLength(4);
    });
  });

  test('does nothing while it is refused, and waits some minutes again when it is confirmed again', async () => {
    const pc = await confirmed();
    await running(pc, async () => {
      await pass(pc, 400_000);
      pc.confirm({ refused: 'conflict' });
      await pass(pc, 10 * HOUR);
      expect(pc.asked).toHaveLength(2);
      pc.confirm();
      await pass(pc, 300_000);
      expect(pc.asked).toHaveLength(2);
      await pass(pc, 100_000);
      expect(pc.asked).toHaveLength(4);
    });
  });

  test('does nothing when the interval is off, and answers who asks', async () => {
    const pc = await confirmed({ interval: undefined });
    await running(pc, () => pass(pc, 10 * HOUR));
    expect(pc.asked).toEqual([]);
    expect(changes(await pc.collector.collect())).toEqual(['os true', 'cpu true']);
  });
});

describe('what the settings say', () => {
  /** A PC whose settings the test changes. */
  function withSettings(first: Partial<AgentSettings>) {
    let current = first;
    const settings = new LiveSettings(() => ({ settings: current as AgentSettings, given: new Map(), refused: [] }));
    const pc = new Pc({ interval: undefined, firstWithin: [HOUR, HOUR] }, settings);
    const stop = new AbortController();
    return {
      pc,
      stop,
      done: pc.collector.run(stop.signal),
      change(more: Partial<AgentSettings>) {
        current = { ...current, ...more };
        settings.look();
        settings.changed.fire();
      },
    };
  }

  test('is said once this PC is confirmed, without a PowerShell, and counts from the moment it changes', async () => {
    const { pc, stop, done, change } = withSettings({ inventoryInterval: undefined });
    await breathe();
    expect(pc.sent).toEqual([]);
    pc.confirm();
    await until('it was said', () => pc.sent.length === 1);
    expect(pc.sent[0]).toMatchObject({
      section: 'agent_settings',
      data: expect.arrayContaining([{ name: 'log_level', value: 'info', source: 'default' }]),
    });
    expect(pc.asked).toEqual([]);
    // Off until now: with an interval it is due.
    pc.now += 10 * HOUR;
    change({ inventoryInterval: 3600 });
    await breathe();
    pc.now += HOUR;
    change({});
    await until('it has collected', () => pc.publisher.collectedAt !== undefined);
    expect(pc.asked).toEqual(['os', 'cpu']);
    // And off again it is not.
    change({ inventoryInterval: undefined });
    pc.now += 100 * HOUR;
    change({});
    await breathe();
    expect(pc.asked).toEqual(['os', 'cpu']);
    stop.abort();
    await done;
  });

  test('is among what is collected, and given to who asks for it', async () => {
    const { pc, stop, done } = withSettings({ inventoryInterval: undefined });
    pc.confirm();
    expect(changes(await pc.collector.collect())).toEqual(['agent_settings true', 'os true', 'cpu true']);
    expect(changes(await pc.collector.collect(['agent_settings'], {}))).toEqual(['agent_settings true']);
    pc.support = { missing: 'no PowerShell' };
    expect(await pc.collector.collect(['agent_settings'])).toMatchObject({ sections: [{ section: 'agent_settings' }] });
    stop.abort();
    await done;
  });
});
