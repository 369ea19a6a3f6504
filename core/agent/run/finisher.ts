import { type Command, isUpdate } from '#core/contract/command.ts';
import { KanadeError } from '#core/contract/errors.ts';
import type { Log } from '#core/contract/log.ts';
import { instant } from '#core/contract/time.ts';
import { untilWritten } from '#core/files/until-written.ts';
import type { EventWriter } from '#core/process/event-log.ts';
import { readCommand } from '../intake/judge-command.ts';
import type { CustomSections } from '../inventory/custom-sections.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { LedgerEntry } from '../ledger/ledger-entry.ts';
import type { Reports } from '../report/reports.ts';
import type { ScriptOutcome } from './script.ts';

export interface FinisherParts {
  pcId: string;
  clock: () => number;
  ledger: Ledger;
  reports: Reports;
  customSections: CustomSections;
  writeEvent: EventWriter;
  log: Log;
  /** Aborts when the agent can wait no longer for a disk that takes nothing. */
  signal: AbortSignal;
}

/**
 * Turns an outcome into a result that is not lost any more: into the ledger first, then into the outbox, then the
 * ledger is told. A disk that refuses is tried again for as long as the agent lives; after a restart the ledger knows
 * how far it came.
 */
export class Finisher {
  readonly #p: FinisherParts;

  constructor(parts: FinisherParts) {
    this.#p = parts;
  }

  /** `known` is the command in the ledger, for whoever has read it already. */
  async finish(requestId: string, resultId: string, outcome: ScriptOutcome, startedAt: number | undefined, known?: Command): Promise<void> {
    const { ledger, reports, customSections, clock, pcId, writeEvent } = this.#p;
    const entry = ledger.get(requestId)!;
    const finishedAt = clock();
    const command = known ?? commandOf(entry);
    if (startedAt !== undefined)
      writeEvent(command !== undefined && isUpdate(command) ? 'update_ended' : 'script_ended', {
        exec: entry.execId,
        status: outcome.outcome,
        reason: outcome.reason,
        exit_code: outcome.exitCode ?? undefined,
      });
    // Beside the result, which waits for nobody.
    const section = command && customSections.take(command, entry.execId, outcome);
    const result = await reports.buildResult(
      {
        result_id: resultId,
        request_id: requestId,
        exec_id: entry.execId,
        pc_id: pcId,
        manifest_id: command?.id ?? '',
        version: command?.version ?? '',
        exit_code: outcome.exitCode,
        outcome: outcome.outcome,
        ...(outcome.reason === undefined ? {} : { reason: outcome.reason }),
        ...(outcome.detail === undefined ? {} : { detail: outcome.detail }),
        ...(outcome.errorRecord === undefined ? {} : { error_record: outcome.errorRecord }),
        ...(outcome.rebootRequired ? { reboot_required: true } : {}),
        started_at: startedAt === undefined || outcome.neverRan ? null : instant(startedAt),
        finished_at: instant(finishedAt),
      },
      outcome,
    );
    await this.#written(() => ledger.finished(requestId, { resultId, finishedAt, outcome: outcome.outcome, result }));
    await this.#handOver(requestId, resultId, result);
    await section;
  }

  /** Results that a crash left in the ledger go to the outbox again; that it may have them already does no harm. */
  async handOverUnsent(): Promise<void> {
    const { ledger, log } = this.#p;
    for (const { requestId, resultId } of ledger.finishedUnsent()) {
      try {
        await this.#handOver(requestId, resultId!, await ledger.resultOf(requestId));
      } catch (error) {
        if (!(error instanceof KanadeError)) throw error;
        log.error({ requestId, error: error.message }, 'a result cannot be read from the ledger any more');
      }
    }
  }

  async #handOver(requestId: string, resultId: string, result: Uint8Array): Promise<void> {
    const { ledger, reports } = this.#p;
    await this.#written(() => reports.result(resultId, result));
    await this.#written(() => ledger.sent(requestId));
  }

  #written<T>(write: () => Promise<T>): Promise<T> {
    const { log, signal } = this.#p;
    return untilWritten(write, {
      signal,
      onRefused: (error, pause) => log.error({ error: error.message, retry_in_ms: pause }, 'a result cannot be written down: trying again'),
    });
  }
}

function commandOf({ command }: LedgerEntry): Command | undefined {
  const read = command === undefined ? undefined : readCommand(new TextEncoder().encode(command));
  return read?.kind === 'command' ? read.command : undefined;
}
