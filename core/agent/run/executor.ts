import { setTimeout as sleep } from 'node:timers/promises';
import { type Command, isPowerShell, isUpdate, type ScriptCommand, type UpdateCommand } from '#core/contract/command.ts';
import { messageOf } from '#core/contract/errors.ts';
import { resultId, sha256 } from '#core/contract/ids.ts';
import type { Log } from '#core/contract/log.ts';
import { instant } from '#core/contract/time.ts';
import { untilWritten } from '#core/files/until-written.ts';
import type { Nats } from '#core/nats/connection.ts';
import { sleepOrWake, Wake } from '#core/nats/retry.ts';
import type { EventWriter } from '#core/process/event-log.ts';
import type { CatchUp } from '../intake/catch-up.ts';
import { readCommand } from '../intake/judge-command.ts';
import type { Knowledge } from '../intake/knowledge.ts';
import type { Standing } from '../intake/standing.ts';
import type { CustomSections } from '../inventory/custom-sections.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { LedgerEntry } from '../ledger/ledger-entry.ts';
import type { Reports } from '../report/reports.ts';
import type { Step } from '../steps.ts';
import type { UpdateEnd } from '../update/decide.ts';
import type { Updates } from '../update/updates.ts';
import { Finisher } from './finisher.ts';
import { awaitTurn } from './order.ts';
import type { KillReason, RunningScript, ScriptOutcome, ScriptRequest } from './script.ts';
import { scriptBody } from './script-body.ts';
import { orStopped, Stopped } from './stopped.ts';
import type { Turns } from './turns.ts';
import { type Asking, type Cleared, type Skip, untilKnown } from './until-known.ts';

export interface ExecutorParts {
  pcId: string;
  /** Milliseconds since 1970 of the broker's clock. */
  clock: () => number;
  /** Whether that clock goes by what the broker said since this agent started. */
  timeIsKnown: () => boolean;
  /** Milliseconds, monotonic. */
  mono: () => number;
  random: () => number;
  nats: () => Nats | undefined;
  ledger: Ledger;
  reports: Reports;
  customSections: CustomSections;
  catchUp: CatchUp;
  standing: Standing;
  knowledge: Knowledge;
  turns: Turns;
  updates: Updates;
  /** Starts the script: the real runner, or a benchmark's. */
  start: (request: ScriptRequest) => Promise<RunningScript>;
  /** Ends what an earlier process of this agent left running. */
  endLeftover: (resultId: string) => Promise<void>;
  step: Step;
  writeEvent: EventWriter;
  log: Log;
}

/** One command between its admission and its result. Its `stop` is aborted by a cancellation or by the agent's stop. */
interface Held extends Asking {
  requestId: string;
  running?: RunningScript;
  done: Promise<void>;
}

/**
 * Carries out what the ledger holds. Each command goes: waiting (jitter, its turn, and until everything that may forbid it can
 * be known) -> launching (on disk) -> running -> finished (result on disk) -> sent (result with the outbox). Scripts
 * start in the order of their admission, as many at once as there are turns. Recovery after a crash takes each up where
 * the ledger left it; nothing that reached launching is ever started again.
 */
export class Executor {
  readonly #p: ExecutorParts;
  readonly #held = new Map<string, Held>();
  /** Reports that are being handed over, without a command to be held for them. */
  readonly #reporting = new Set<Promise<void>>();
  readonly #order = awaitTurn();
  readonly #giveUp = new AbortController();
  readonly #finisher: Finisher;
  #stopping: KillReason | undefined;

  constructor(parts: ExecutorParts) {
    this.#p = parts;
    this.#finisher = new Finisher({ ...parts, signal: this.#giveUp.signal });
  }

  /** What a crash interrupted: unsent results again, unfinished scripts ended and reported once, the rest verified again and run. */
  async recover(): Promise<void> {
    const { ledger, endLeftover } = this.#p;
    this.#aside(this.#finisher.handOverUnsent());
    for (const { requestId, resultId: id, startedAt, execId, command } of ledger.launched()) {
      const read = command === undefined ? undefined : readCommand(new TextEncoder().encode(command));
      if (read?.kind === 'command' && isUpdate(read.command)) {
        const { update } = read.command;
        this.#track(requestId, execId, (held) =>
          this.#afterContact(held, async () => ended(await this.#p.updates.settle(update)), startedAt!),
        );
        continue;
      }
      await endLeftover(id!);
      this.#track(requestId, execId, (held) => this.#afterContact(held, async () => DIED, startedAt!));
    }
    for (const entry of ledger.pending()) this.submit(entry.requestId);
  }

  /**
   * Runs a pending request of the ledger in its turn. `cleared` says when it came, if it came live: otherwise it may have
   * been cancelled long ago, and that is read first. `command` is what the ledger holds, for whoever has read it already:
   * reading it costs as much as admitting it.
   */
  submit(requestId: string, { cleared, command }: { cleared?: Cleared; command?: ScriptCommand | UpdateCommand } = {}): void {
    const entry = this.#p.ledger.get(requestId)!;
    this.#track(requestId, entry.execId, (held) => this.#carry(held, entry, command), cleared);
  }

  /** Reports a pending request of the ledger as skipped without ever running it. */
  skip(requestId: string, reason: string): void {
    this.#aside(this.#skipped(requestId, reason));
  }

  /**
   * Something that may forbid what is held was changed: reads `cancelled` for all of it and ends what is cancelled. What
   * is superseded ends only if it has not started, so that is found where every start is asked about.
   */
  async review(): Promise<void> {
    const { knowledge, log, mono } = this.#p;
    await Promise.all(
      [...this.#held.values()].map(async (held) => {
        const cleared = { generation: knowledge.generation, at: mono() };
        try {
          const withdrawn = await knowledge.cancelled(held.execId);
          if (withdrawn === undefined) held.cleared = cleared;
          if (withdrawn !== 'cancelled') return;
          if (held.running) held.running.kill('cancelled');
          else held.stop.abort(new Stopped('cancelled'));
        } catch (error) {
          log.warn(
            { execId: held.execId, error: messageOf(error) },
            'whether it is cancelled could not be read: it does not start before it is known',
          );
        }
      }),
    );
  }

  /** The execution ids of what waits, and of what runs. */
  pending(): string[] {
    return [...this.#held.values()].filter((held) => !held.running).map((held) => held.execId);
  }

  running(): string[] {
    return [...this.#held.values()].filter((held) => held.running).map((held) => held.execId);
  }

  /** The live output of a running script, or undefined when it does not run here. */
  tail(id: string): RunningScript['tail'] | undefined {
    for (const held of this.#held.values()) if (held.running && resultId(held.requestId, this.#p.pcId) === id) return held.running.tail;
    return undefined;
  }

  /** Ends what runs, reports it, and leaves what waits in the ledger for the next start. */
  async stop(why: KillReason): Promise<void> {
    this.#stopping = why;
    const all = [...this.#held.values()];
    for (const held of all) {
      if (held.running) held.running.kill(why);
      else held.stop.abort(new Stopped(why));
    }
    // A disk that takes nothing, or a script that cannot be ended, does not hold up the stop: the ledger knows of both.
    const patience = setTimeout(() => this.#giveUp.abort(), STOP_PATIENCE);
    await Promise.race([Promise.all([...all.map((held) => held.done), ...this.#reporting]), new Wake().next(this.#giveUp.signal)]);
    clearTimeout(patience);
  }

  #track(requestId: string, execId: string, work: (held: Held) => Promise<void>, cleared?: Cleared): void {
    const held: Held = { requestId, execId, stop: new AbortController(), cleared, done: Promise.resolve() };
    this.#held.set(requestId, held);
    held.done = work(held)
      .catch((error) =>
        this.#p.log.error({ requestId, error: messageOf(error) }, 'a command could not be finished: the next start takes it up'),
      )
      .finally(() => this.#held.delete(requestId));
  }

  #aside(report: Promise<void>): void {
    const done = report
      .catch((error) => this.#p.log.error({ error: messageOf(error) }, 'a report could not be handed over: the next start takes it up'))
      .finally(() => this.#reporting.delete(done));
    this.#reporting.add(done);
  }

  async #carry(held: Held, entry: LedgerEntry, known: ScriptCommand | UpdateCommand | undefined): Promise<void> {
    const { log } = this.#p;
    const release = this.#order.enter();
    try {
      const read =
        known === undefined ? readCommand(new TextEncoder().encode(entry.command)) : { kind: 'command' as const, command: known };
      // It passed this check when it was admitted; a record that does not pass it now was written by something else.
      const skip =
        read.kind === 'refuse'
          ? { reason: 'malformed', detail: read.detail }
          : await this.#prepareAndRun(held, read.command, entry.expiresAt, release);
      if (skip?.reason === 'missing') await this.#finish(held.requestId, SCRIPT_MISSING);
      else if (skip !== undefined) await this.#skipped(held.requestId, skip.reason, skip.detail);
    } catch (error) {
      if (error instanceof Stopped && error.why === 'cancelled') await this.#skipped(held.requestId, 'cancelled');
      else if (error instanceof Stopped && this.#p.ledger.get(held.requestId)?.state === 'launching')
        await this.#finish(held.requestId, {
          ...NOTHING_RAN,
          outcome: 'unknown',
          reason: error.why,
          detail: 'the agent stopped before it started',
        });
      else if (error instanceof Stopped) log.info({ requestId: held.requestId }, 'stopping: it waits in the ledger for the next start');
      else
        log.error(
          { requestId: held.requestId, error: messageOf(error) },
          'a command could not be carried on: the ledger keeps it for the next start',
        );
    } finally {
      release();
    }
  }

  /** Runs it, or says why it is skipped. `release` lets the next one start; it is called once this one has started. */
  async #prepareAndRun(
    held: Held,
    command: ScriptCommand | UpdateCommand,
    expiresAt: number,
    release: () => void,
  ): Promise<Skip | undefined> {
    const { random, turns } = this.#p;
    const { signal } = held.stop;
    if (command.jitter_secs) {
      release();
      await orStopped(sleep(Math.floor(random() * command.jitter_secs) * 1000, undefined, { signal }), signal);
    }
    if (isUpdate(command)) {
      // No script waits for it before it is laid down, and then it waits for them.
      release();
      return await this.#update(held, command, expiresAt);
    }
    const turn = await orStopped(turns.acquire(signal), signal);
    try {
      await orStopped(this.#order.myTurn(release, signal), signal);
      const known = () => untilKnown(this.#p, held, command, expiresAt);
      const script = await this.#scriptOf(command, expiresAt, signal);
      if (!(script instanceof Uint8Array)) return { reason: script };
      const verdict = await known();
      if (verdict !== 'go') return verdict;
      return await this.#run(held, command, script, known, release);
    } finally {
      turn();
    }
  }

  /** Fetched before anything is asked about the command: that may take as long as the broker is away. */
  #scriptOf(command: Command, expiresAt: number, signal: AbortSignal): Promise<Uint8Array | 'missing' | 'expired'> {
    const { clock, log, nats } = this.#p;
    return orStopped(scriptBody({ nats, log, expired: () => clock() >= expiresAt }, command, signal), signal);
  }

  async #update(held: Held, command: UpdateCommand, expiresAt: number): Promise<Skip | undefined> {
    const { pcId, clock, updates, writeEvent } = this.#p;
    const id = resultId(held.requestId, pcId);
    let startedAt: number | undefined;
    const end = await updates.carry({
      update: command.update,
      timeoutMs: Math.max(1, command.timeout_secs) * 1000,
      known: () => untilKnown(this.#p, held, command, expiresAt),
      expired: () => clock() >= expiresAt,
      begins: async () => {
        startedAt = clock();
        await this.#announce(held, id, command, startedAt);
        writeEvent('update_started', { exec: held.execId, version: command.update.version, actor: command.actor });
      },
      launching: () => this.#launching(held, id, startedAt ?? clock()),
      signal: held.stop.signal,
    });
    if (end === 'handed_over') return undefined;
    if (!('outcome' in end)) return end;
    await this.#finisher.finish(held.requestId, id, ended(end), startedAt, command);
    return undefined;
  }

  async #run(
    held: Held,
    command: ScriptCommand,
    script: Uint8Array,
    known: () => Promise<'go' | Skip>,
    release: () => void,
  ): Promise<Skip | undefined> {
    const { pcId, clock, reports, start, step, writeEvent } = this.#p;
    const id = resultId(held.requestId, pcId);
    await step('before_launch');
    const startedAt = clock();
    await this.#launching(held, id, startedAt);
    // The disk may have taken its time, and much may have been said meanwhile; when it did not, this asks nobody.
    const verdict = await known();
    if (verdict !== 'go') return verdict;
    await step('before_start');
    // Before the start, and not beside it: starting a process holds everything else up for some milliseconds.
    await this.#announce(held, id, command, startedAt);
    writeEvent('script_started', { exec: held.execId, job: command.id, actor: command.actor, sha256: sha256(script) });
    const running = await start({
      resultId: id,
      shell: command.shell,
      script,
      ...(command.args === undefined ? {} : { args: command.args }),
      ...(command.params === undefined || !isPowerShell(command.shell) ? {} : { params: command.params }),
      ...(command.env === undefined ? {} : { env: command.env }),
      ...(command.cwd === undefined ? {} : { cwd: command.cwd }),
      timeoutMs: Math.max(1, command.timeout_secs) * 1000,
      runAs: command.run_as ?? 'system',
      ...(command.sessions === undefined ? {} : { sessions: command.sessions }),
      ...(command.success_exit_codes === undefined ? {} : { successExitCodes: command.success_exit_codes }),
      ...(command.fail_on_native ? { failOnNative: true } : {}),
    });
    held.running = running;
    // A cancellation or a stop may have come between the last check and the start.
    const { reason } = held.stop.signal;
    if (this.#stopping ?? reason) running.kill(this.#stopping ?? (reason as Stopped).why);
    release();
    await step('started');
    const outcome = await running.done;
    await step('after_run');
    if (outcome.reason === 'abandoned') {
      await reports.event(
        'abandoned',
        { detail: `a script of ${held.execId} could not be ended and still runs`, exec_id: held.execId },
        id,
      );
    }
    await this.#finisher.finish(held.requestId, id, outcome, startedAt, command);
    return undefined;
  }

  async #announce({ requestId, execId }: Held, id: string, { id: job, version }: Command, startedAt: number): Promise<void> {
    const { pcId, reports, log } = this.#p;
    const event = {
      result_id: id,
      request_id: requestId,
      exec_id: execId,
      pc_id: pcId,
      started_at: instant(startedAt),
      manifest_id: job,
      version,
    };
    await reports
      .started(event)
      .catch((error) => log.error({ execId, error: messageOf(error) }, 'that it starts could not be written down; its result will say so'));
  }

  /**
   * What became of something that this process has not begun itself. Nobody needs to know of it before the broker can be told, by then
   * the time is known that the result is to name, and a new version has shown that it works.
   */
  async #afterContact(held: Held, outcome: () => Promise<ScriptOutcome>, startedAt: number): Promise<void> {
    const { pcId, timeIsKnown, standing } = this.#p;
    const { signal } = held.stop;
    while (!timeIsKnown() && !signal.aborted) await sleepOrWake(1000, standing.synced, signal).catch(() => {});
    if (timeIsKnown()) await this.#finisher.finish(held.requestId, resultId(held.requestId, pcId), await outcome(), startedAt);
  }

  /** On disk before the script starts. A disk that is full now may not be later: it waits, and cancelling ends the wait. */
  #launching({ requestId, stop }: Held, id: string, startedAt: number): Promise<void> {
    const { ledger, log } = this.#p;
    const write = () => ledger.launching(requestId, { resultId: id, startedAt });
    const onRefused = (error: Error) => log.error({ requestId, error: error.message }, 'a start cannot be written down: it waits');
    return orStopped(untilWritten(write, { signal: stop.signal, onRefused }), stop.signal);
  }

  #skipped(requestId: string, reason: string, detail?: string): Promise<void> {
    return this.#finish(requestId, { ...NOTHING_RAN, outcome: 'skipped', reason, ...(detail === undefined ? {} : { detail }) });
  }

  /** Of a command whose script never ran. */
  #finish(requestId: string, outcome: ScriptOutcome): Promise<void> {
    return this.#finisher.finish(requestId, resultId(requestId, this.#p.pcId), outcome, undefined);
  }
}

const NOTHING = { bytes: new Uint8Array(), total: 0, truncated: false };
const NOTHING_RAN = { exitCode: null, stdout: NOTHING, stderr: NOTHING };
const SCRIPT_MISSING: ScriptOutcome = {
  ...NOTHING_RAN,
  outcome: 'failed',
  reason: 'script_missing',
  detail: 'the script body is not on the broker any more',
};
const DIED: ScriptOutcome = {
  ...NOTHING_RAN,
  outcome: 'unknown',
  reason: 'agent_died',
  detail: 'the agent or the PC died while the script ran: what became of it is not known',
};
function ended({ outcome, reason, detail }: UpdateEnd): ScriptOutcome {
  return { ...NOTHING_RAN, outcome, ...(reason === undefined ? {} : { reason }), detail };
}

/** Milliseconds. */
const STOP_PATIENCE = 15_000;
