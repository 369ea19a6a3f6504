import { setTimeout as sleep } from 'node:timers/promises';
import type { Update } from '#core/contract/command.ts';
import { type ErrorCode, KanadeError, messageOf } from '#core/contract/errors.ts';
import type { Log } from '#core/contract/log.ts';
import { compareVersions } from '#core/contract/version.ts';
import type { Kept } from '#core/files/state-file.ts';
import type { ReleaseManifest } from '#core/release/manifest.ts';
import { orStopped } from '../run/stopped.ts';
import { type Release, Turns } from '../run/turns.ts';
import type { Skip } from '../run/until-known.ts';
import { afterUpdate, barredAgain, beforeUpdate, NO_HOST, type UpdateEnd } from './decide.ts';
import type { HostState } from './host-state.ts';
import { servedVersions, triedSerial, type UpdateState, withTried } from './update-state.ts';

/** kanade-host.exe, as an agent that runs under it sees it. */
export interface Host {
  state: () => Promise<HostState>;
  /** The version lies there: the host starts it once this program has ended, which it does now. */
  handOver: (version: string) => void;
}

/** What it takes to become another version. */
export interface UnderHost {
  host: Host;
  /** The release that a command names, verified. Rejects with a `release_...` for good, and otherwise for now. */
  release: (update: Update, seen: UpdateState, signal: AbortSignal) => Promise<ReleaseManifest>;
  /** Puts it into its folder. Rejects likewise. */
  stage: (release: ReleaseManifest, signal: AbortSignal) => Promise<void>;
  /** Removes a version that was laid down here. */
  remove: (version: string) => Promise<void>;
  /** Whether each byte may cost money now, and this PC's settings say to wait then. */
  costs: () => Promise<boolean>;
}

export interface UpdatesParts {
  /** The version that runs. */
  own: string;
  /** Undefined where nobody could start another version. */
  under?: UnderHost;
  state: Kept<UpdateState>;
  /** Those of the scripts. */
  turns: Turns;
  log: Log;
  timings?: Partial<typeof TIMINGS>;
}

/** One command that says to update, between its admission and its end. */
export interface UpdateRun {
  update: Update;
  /** Milliseconds from its begin to the hand-over. */
  timeoutMs: number;
  /** Waits until everything is known that may forbid it. */
  known: () => Promise<'go' | Skip>;
  expired: () => boolean;
  /** Says that it begins. */
  begins: () => Promise<void>;
  /** Writes down that it goes to the host: this program does not carry it any further. */
  launching: () => Promise<void>;
  signal: AbortSignal;
}

/** Milliseconds. */
const TIMINGS = {
  /** Between two looks at what the network costs. */
  cost: 60_000,
  /** For so long no script begins for the sake of an update, at a time. */
  scriptsHeld: 15 * 60_000,
  /** Between two tries to get a release: at first, and at the most. */
  firstPause: 5000,
  lastPause: 300_000,
};

/**
 * Makes this agent another version of itself: fetched, verified, laid beside the one that runs, and handed to the host once no
 * script runs any more. What becomes of it the version says that runs then, `settle`.
 */
export class Updates {
  readonly #p: UpdatesParts;
  readonly #timings: typeof TIMINGS;
  /** One at a time. */
  readonly #one = new Turns(() => 1);
  /** What an update waits for, for an admin to see. */
  #waits: string | undefined;

  constructor(parts: UpdatesParts) {
    this.#p = parts;
    this.#timings = { ...TIMINGS, ...parts.timings };
  }

  problems(): { code: ErrorCode; detail: string }[] {
    return this.#waits === undefined ? [] : [{ code: 'update_waiting', detail: this.#waits }];
  }

  /** This version has reached the broker: no lower one is taken from now on, and what was laid down before the last one goes. */
  async proven(): Promise<void> {
    const { own, state, under, log } = this.#p;
    const { proven } = state.value;
    if (proven === undefined || compareVersions(own, proven) > 0) await state.set({ ...state.value, proven: own });
    if (under === undefined) return;
    for (const version of servedVersions(state.value, own, await under.host.state())) {
      await under.remove(version).catch((error) => log.warn({ version, error: messageOf(error) }, 'an old version cannot be removed yet'));
    }
  }

  /** What became of it; `handed_over` when that is for the next start to say. */
  async carry(run: UpdateRun): Promise<UpdateEnd | Skip | 'handed_over'> {
    const { own, under } = this.#p;
    const forbidden = await run.known();
    if (forbidden !== 'go') return forbidden;
    const end = beforeUpdate(own, run.update.version);
    if (end !== undefined) return end;
    if (under === undefined) return NO_HOST;
    const turn = await orStopped(this.#one.acquire(run.signal), run.signal);
    try {
      await this.#whileItCosts(under, run);
      const verdict = await run.known();
      if (verdict !== 'go') return verdict;
      await run.begins();
      return await this.#inTime(under, run);
    } finally {
      this.#waits = undefined;
      turn();
    }
  }

  /** What became of an update that was handed over, said by whichever version runs now. */
  async settle({ version }: Update): Promise<UpdateEnd> {
    const { own, under } = this.#p;
    return afterUpdate(own, version, await under?.host.state());
  }

  async #whileItCosts({ costs }: UnderHost, { update, expired, signal }: UpdateRun): Promise<void> {
    while (!expired() && (await costs())) {
      this.#waits = `version ${update.version} is fetched once the network costs nothing`;
      await orStopped(sleep(this.#timings.cost, undefined, { signal }), signal);
    }
    this.#waits = undefined;
  }

  async #inTime(under: UnderHost, run: UpdateRun): Promise<UpdateEnd | Skip | 'handed_over'> {
    const { update, timeoutMs } = run;
    const over = AbortSignal.timeout(timeoutMs);
    const signal = AbortSignal.any([run.signal, over]);
    const trouble: { last?: string } = {};
    let scripts: Release | undefined;
    try {
      const laid = await this.#lay(under, update, trouble, signal);
      if ('outcome' in laid) return laid;
      scripts = await this.#untilNoScript(update, signal);
      const verdict = await run.known();
      if (verdict !== 'go') return verdict;
      await this.#handOver(under, run, laid);
      // No script begins any more.
      scripts = undefined;
      return 'handed_over';
    } catch (error) {
      if (run.signal.aborted) throw run.signal.reason;
      if (!over.aborted) throw error;
      return tooLate(timeoutMs, this.#waits, trouble.last);
    } finally {
      scripts?.();
    }
  }

  /** The release, once it lies there whole; or why it never will. */
  async #lay(
    { host, release, stage }: UnderHost,
    update: Update,
    trouble: { last?: string },
    signal: AbortSignal,
  ): Promise<ReleaseManifest | UpdateEnd> {
    const { state, log } = this.#p;
    const { firstPause, lastPause } = this.#timings;
    for (let pause = firstPause; ; pause = Math.min(pause * 2, lastPause)) {
      try {
        const manifest = await release(update, state.value, signal);
        const barred = barredAgain(await host.state(), manifest, triedSerial(state.value, update.version));
        if (barred !== undefined) return barred;
        await state.set({ ...state.value, serial: Math.max(manifest.serial, state.value.serial ?? 0) });
        await stage(manifest, signal);
        return manifest;
      } catch (error) {
        signal.throwIfAborted();
        if (error instanceof KanadeError && error.code.startsWith('release_')) {
          return { outcome: 'failed', reason: error.code, detail: error.message };
        }
        trouble.last = messageOf(error);
        log.warn({ version: update.version, retry_in_ms: pause, error: trouble.last }, 'a release cannot be had yet');
      }
      await sleep(pause, undefined, { signal });
    }
  }

  /** Takes all turns of the scripts. For so long no other begins: whoever has waited for that long goes first, and then it is tried again. */
  async #untilNoScript({ version }: Update, signal: AbortSignal): Promise<Release> {
    this.#waits = `version ${version} lies there, and begins once no script runs any more`;
    for (;;) {
      const patience = AbortSignal.timeout(this.#timings.scriptsHeld);
      try {
        const release = await this.#p.turns.acquireAll(AbortSignal.any([signal, patience]));
        this.#waits = undefined;
        return release;
      } catch (error) {
        if (signal.aborted || !patience.aborted) throw error;
      }
    }
  }

  async #handOver({ host }: UnderHost, { update: { version }, launching }: UpdateRun, { serial }: ReleaseManifest): Promise<void> {
    const { state, log } = this.#p;
    await state.set(withTried(state.value, version, serial));
    await launching();
    log.info({ version }, 'the next version takes over');
    host.handOver(version);
  }
}

function tooLate(timeoutMs: number, waits: string | undefined, trouble: string | undefined): UpdateEnd {
  const late = `it was not done within ${timeoutMs / 1000} s`;
  if (waits !== undefined) return { outcome: 'timed_out', reason: 'update_waiting', detail: `${late}: ${waits}` };
  return { outcome: 'timed_out', detail: trouble === undefined ? late : `${late}: ${trouble}` };
}
