import { type InventoryReply, type KnownHashes, PROBLEM_MAX } from '#core/contract/control.ts';
import { messageOf } from '#core/contract/errors.ts';
import { SECTIONS, SETTINGS_SECTION, type Section } from '#core/contract/inventory.ts';
import type { Log } from '#core/contract/log.ts';
import { sleepOrWake, Wake } from '#core/nats/retry.ts';
import type { Standing } from '../intake/standing.ts';
import type { LiveSettings } from '../live-settings.ts';
import type { InventorySource } from './inventory-source.ts';
import { FIRST_WITHIN, firstCollection, nextCollection } from './next-collection.ts';
import type { PublishedSection, Publisher } from './publisher.ts';
import { settingsSection } from './settings-section.ts';

/** How this PC comes by its inventory. */
export interface InventoryOptions {
  source: InventorySource;
  /** Milliseconds between two collections; without it only who asks for one gets it. Default: what the settings say. */
  interval?: number | undefined;
  /** Milliseconds, at least and at most, from the time this PC is confirmed to its first collection. */
  firstWithin?: readonly [number, number];
}

export interface CollectorParts {
  options: InventoryOptions | undefined;
  /** What this PC tells of them, and how often it is to collect. */
  settings?: LiveSettings | undefined;
  publisher: Publisher;
  standing: Standing;
  /** Milliseconds since 1970 of the broker's clock. */
  clock: () => number;
  random: () => number;
  log: Log;
}

/** A collection that has not begun: whoever asks now is served by it too. */
interface Waiting {
  all: boolean;
  sections: Set<string>;
  /** By section what those who ask have of it: undefined is nothing. */
  held: Map<string, (string | undefined)[]>;
  /** What has been read, and what will be once that is known. */
  said: PublishedSection<Section>[];
  chosen: readonly Section[];
  done: Promise<InventoryReply>;
}

const OF_SETTINGS = [SETTINGS_SECTION];

/** Milliseconds. A PC that slept finds by its clock that it is late, and not by a timer. */
const LOOK_EVERY = 60_000;

/**
 * Collects the inventory, section after section, when it is time and when somebody asks; one collection at a time. While
 * the backend does not confirm this PC nothing is collected.
 */
export class Collector {
  readonly #p: CollectorParts;
  readonly #stop = new AbortController();
  #waiting: Waiting | undefined;
  #last: Promise<unknown> = Promise.resolve();
  /** When to collect next; undefined while this PC is not confirmed. */
  #due: number | undefined;
  #toldProblem: string | undefined;

  constructor(parts: CollectorParts) {
    this.#p = parts;
  }

  /**
   * Collects what is asked for, or all, and says what came of it. With `known` all that whoever asks has otherwise is said.
   * After `within` milliseconds what has been read by then is the answer. Never rejects.
   */
  async collect(asked?: readonly string[], known?: KnownHashes, within?: number): Promise<InventoryReply> {
    this.#waiting ??= this.#line();
    const waiting = this.#waiting;
    const { sections: wanted, held } = waiting;
    if (known !== undefined) {
      for (const section of SECTIONS) {
        if (asked?.includes(section) ?? true) held.set(section, [...(held.get(section) ?? []), known[section]]);
      }
    }
    if (asked === undefined) waiting.all = true;
    else for (const section of asked) wanted.add(section);
    const isAsked = (section: string) => asked?.includes(section) ?? true;
    const { sections, pending, ...more } = await doneWithin(waiting, within);
    return {
      sections: sections.filter(({ section }) => isAsked(section)),
      ...(pending && { pending: pending.filter(isAsked) }),
      ...more,
    };
  }

  /** Collects whenever it is time, until `signal` aborts. What the settings are it says when it is confirmed, and when they change. */
  async run(signal: AbortSignal): Promise<void> {
    const { options, settings, standing } = this.#p;
    if (options === undefined) return;
    const wake = new Wake();
    let interval = this.#interval;
    let told: string | undefined;
    while (!signal.aborted) {
      if (!standing.confirmed) told = undefined;
      else if (told !== this.#settingsText()) {
        told = this.#settingsText();
        await this.collect(OF_SETTINGS);
      }
      // What was to come after another interval is thought of anew.
      if (!standing.confirmed || interval !== this.#interval) this.#due = undefined;
      interval = this.#interval;
      const wait = await this.#collectIfDue(options, interval);
      // It may have changed while something was collected, when nobody listened.
      if (interval !== this.#interval || (standing.confirmed && told !== this.#settingsText())) continue;
      const leave = [standing.synced.join(() => wake.fire()), settings?.changed.join(() => wake.fire())];
      // It rejects only because the signal aborted, which ends the loop.
      if (wait > 0) await sleepOrWake(wait, wake, signal).catch(() => {});
      for (const each of leave) each?.();
    }
  }

  /** Milliseconds until it is to be looked at again. */
  async #collectIfDue({ firstWithin = FIRST_WITHIN }: InventoryOptions, interval: number | undefined): Promise<number> {
    const { standing, publisher, clock } = this.#p;
    if (interval === undefined || !standing.confirmed) return LOOK_EVERY;
    this.#due ??= firstCollection(this.#pace(interval), publisher.collectedAt, firstWithin);
    if (clock() < this.#due) return Math.min(LOOK_EVERY, this.#due - clock());
    await this.collect();
    this.#due = nextCollection(this.#pace(interval));
    return 0;
  }

  get #interval(): number | undefined {
    const { options, settings } = this.#p;
    const seconds = settings?.current.inventoryInterval;
    return options?.interval ?? (seconds === undefined ? undefined : seconds * 1000);
  }

  #settingsText(): string | undefined {
    const { settings } = this.#p;
    return settings && JSON.stringify(settings.reported());
  }

  /** Ends what is under way. Nothing of it runs any more when this resolves. */
  async close(): Promise<void> {
    this.#stop.abort(new Error('the agent stops'));
    await this.#last;
    await this.#p.options?.source.close();
  }

  #pace(interval: number): Parameters<typeof nextCollection>[0] {
    return { now: this.#p.clock(), interval, random: this.#p.random };
  }

  #line(): Waiting {
    const waiting: Waiting = {
      all: false,
      sections: new Set(),
      held: new Map(),
      said: [],
      chosen: SECTIONS,
      done: this.#last.then(() => this.#begin(waiting)),
    };
    this.#last = waiting.done;
    return waiting;
  }

  async #begin(waiting: Waiting): Promise<InventoryReply> {
    this.#waiting = undefined;
    const { said } = waiting;
    try {
      const problem = await this.#collect(waiting);
      return problem === undefined ? { sections: said } : { sections: said, problem: cut(problem) };
    } catch (error) {
      if (!this.#stop.signal.aborted) this.#tell(messageOf(error), 'the inventory could not be collected');
      return { sections: said, problem: cut(messageOf(error)) };
    }
  }

  /** Puts into `said` what was read, and gives the problem that ended it early. */
  async #collect(waiting: Waiting): Promise<string | undefined> {
    const { all, sections: wanted, held, said } = waiting;
    const { options, settings, publisher, standing, log } = this.#p;
    const { signal } = this.#stop;
    signal.throwIfAborted();
    if (options === undefined) return 'this agent reads no inventory';
    if (!standing.confirmed) return standing.refused ?? 'the backend has not confirmed this PC yet';
    const { source } = options;
    if (settings !== undefined && (all || wanted.has(SETTINGS_SECTION)))
      said.push(await publisher.publish(SETTINGS_SECTION, settingsSection(settings.reported()), {}, held.get(SETTINGS_SECTION)));
    // Nobody starts a PowerShell for what it is not asked.
    if (!all && [...wanted].every((section) => section === SETTINGS_SECTION)) return undefined;
    const support = await source.sections(signal);
    if ('missing' in support) return this.#tell(support.missing, 'there is no PowerShell on this PC: it has no inventory', 'info');
    if ('problem' in support) return this.#tell(support.problem, 'the inventory cannot be read');
    waiting.chosen = support.sections.filter((section) => all || wanted.has(section));
    for (const section of waiting.chosen) {
      if (standing.refused !== undefined) return standing.refused;
      const reading = await source.read(section, signal);
      if ('problem' in reading) return this.#tell(reading.problem, 'the inventory cannot be read any further');
      for (const fault of reading.faults) log.debug({ section, fault }, 'something of the inventory could not be read');
      said.push(await publisher.publish(section, reading, {}, held.get(section)));
    }
    this.#toldProblem = undefined;
    log.info({ sections: said.length, changed: said.filter(({ changed }) => changed).length }, 'the inventory was collected');
    if (all) await publisher.collected();
    return undefined;
  }

  /** Once in the log: a PC on which it does not work tries again at every interval. */
  #tell(problem: string, text: string, level: 'info' | 'warn' = 'warn'): string {
    if (this.#toldProblem !== problem) this.#p.log[level]({ problem }, text);
    this.#toldProblem = problem;
    return problem;
  }
}

/** What came of it, or what has until `within` milliseconds have passed. */
async function doneWithin(waiting: Waiting, within: number | undefined): Promise<InventoryReply> {
  if (within === undefined) return waiting.done;
  const late = Promise.withResolvers<InventoryReply>();
  const timer = setTimeout(() => {
    const sections = [...waiting.said];
    const pending = waiting.chosen.filter((section) => sections.every((one) => one.section !== section));
    late.resolve({ sections, pending });
  }, within);
  try {
    return await Promise.race([waiting.done, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}

/** What PowerShell says of itself may be long. */
function cut(problem: string): string {
  return problem.slice(0, PROBLEM_MAX).toWellFormed();
}
