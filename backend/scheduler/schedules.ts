import { decode } from '#core/contract/codec.ts';
import { KanadeError } from '#core/contract/errors.ts';
import { Freeze } from '#core/contract/freeze.ts';
import { StoredJob } from '#core/contract/job.ts';
import type { Log } from '#core/contract/log.ts';
import { ScheduleState, StoredSchedule } from '#core/contract/schedule.ts';
import type { Nats } from '#core/nats/connection.ts';
import { Mirror } from '#core/nats/mirror.ts';
import { planOf, type SchedulePlan } from './plan.ts';

export interface KnownSchedule {
  stored: StoredSchedule;
  plan: SchedulePlan;
}

/**
 * The schedules and what concerns them, as this backend sees them. Every backend has this, for forecasts and coverage;
 * only the holder of the lease fires.
 */
export class Schedules {
  readonly all: Mirror<KnownSchedule>;
  readonly states: Mirror<ScheduleState>;
  readonly jobs: Mirror<StoredJob>;
  readonly #config: Mirror<Freeze | undefined>;
  readonly #listeners = new Set<(id: string) => void>();

  constructor() {
    const changed = (id: string) => {
      for (const listener of this.#listeners) listener(id);
    };
    this.all = new Mirror((bytes, key) => readSchedule(bytes, key), changed);
    this.states = new Mirror((bytes) => decode(ScheduleState, bytes), changed);
    this.jobs = new Mirror((bytes) => decode(StoredJob, bytes));
    this.#config = new Mirror((bytes, key) => (key === 'freeze' ? decode(Freeze, bytes) : undefined));
  }

  /** Resolves once everything that is there has been read. */
  async start(nats: Nats, options: { log: Log; signal: AbortSignal }): Promise<void> {
    await Promise.all([
      this.all.start(nats, 'schedules', options),
      this.states.start(nats, 'schedule_state', options),
      this.jobs.start(nats, 'jobs', options),
      this.#config.start(nats, 'config', options),
    ]);
  }

  /** Told the id of each schedule that was changed, or whose state was. */
  onChange(listener: (id: string) => void, signal: AbortSignal): void {
    this.#listeners.add(listener);
    signal.addEventListener('abort', () => this.#listeners.delete(listener), { once: true });
  }

  /** Resolves when this backend knows what was stored in the bucket at `revision`; at the latest when `signal` aborts. */
  reached(bucket: 'schedules' | 'jobs' | 'config', revision: number, signal: AbortSignal): Promise<void> {
    const mirrors = { schedules: this.all, jobs: this.jobs, config: this.#config };
    return mirrors[bucket].reached(revision, signal);
  }

  /** The freeze; one that cannot be read counts as one (`undefined` words), for whoever set it meant something. */
  get freeze(): { value: Freeze | undefined } | undefined {
    const entry = this.#config.get('freeze');
    if (entry === undefined) return undefined;
    return { value: 'value' in entry ? entry.value : undefined };
  }
}

function readSchedule(bytes: Uint8Array, key: string): KnownSchedule {
  const stored = decode(StoredSchedule, bytes);
  if (stored.schedule.id !== key) throw new KanadeError('bad_message', `it says that it is ${stored.schedule.id}`);
  return { stored, plan: planOf(stored.schedule) };
}
