import { encode } from '#core/contract/codec.ts';
import { type ErrorCode, KanadeError, messageOf } from '#core/contract/errors.ts';
import type { AgentEvent, AgentEventKind, EventStarted } from '#core/contract/events.ts';
import { deriveId } from '#core/contract/ids.ts';
import type { Log } from '#core/contract/log.ts';
import type { ExecResult } from '#core/contract/result.ts';
import { instant } from '#core/contract/time.ts';
import type { Outbox } from '../outbox/outbox.ts';
import { chunkName } from '../outbox/subject-of.ts';
import { buildResult } from '../run/build-result.ts';
import type { ScriptOutcome } from '../run/script.ts';

export interface ReportsParts {
  pcId: string;
  clock: () => number;
  outbox: Outbox;
  /** A label of what console programs write that is not UTF-8. */
  consoleEncoding: () => Promise<string>;
  log: Log;
}

/** What this agent says for keeps: everything goes through the outbox. */
export class Reports {
  readonly #p: ReportsParts;

  constructor(parts: ReportsParts) {
    this.#p = parts;
  }

  started(event: EventStarted): Promise<void> {
    return this.#p.outbox.enqueue('events', event.result_id, encode(event));
  }

  /** Something an admin should see; `about` makes the event's id, so that saying it twice is one event. Never throws; false when the disk did not take it. */
  async event(
    kind: AgentEventKind,
    what: { code?: ErrorCode; detail?: string; subject?: string; request_id?: string; exec_id?: string },
    about: string,
  ): Promise<boolean> {
    const { pcId, clock, outbox, log } = this.#p;
    const event: AgentEvent = { event_id: deriveId('event', pcId, kind, about), pc_id: pcId, kind, at: instant(clock()), ...what };
    try {
      await outbox.enqueue('events', event.event_id, encode(event));
      return true;
    } catch (error) {
      log.error({ event, error: messageOf(error) }, 'an event could not be written down');
      return false;
    }
  }

  /**
   * The encoded result. Its output chunks are with the outbox when this resolves; when the outbox has no room for them
   * the result keeps its preview and says that it is cut.
   */
  async buildResult(
    said: Omit<ExecResult, 'stdout' | 'stderr' | 'stdout_bytes' | 'stderr_bytes'>,
    outcome: ScriptOutcome,
  ): Promise<Uint8Array> {
    const { outbox, consoleEncoding, log } = this.#p;
    const { message, chunks } = buildResult(said, outcome, await consoleEncoding());
    try {
      for (const { stream, n, bytes } of chunks) await outbox.enqueue('output', chunkName(said.result_id, stream, n), bytes);
      return message;
    } catch (error) {
      if (!(error instanceof KanadeError)) throw error;
      log.error({ resultId: said.result_id, error: error.message }, 'there is no room for the whole output of a script');
      const { stdout_chunks: _, stderr_chunks: __, ...kept } = JSON.parse(new TextDecoder().decode(message)) as ExecResult;
      const note = `the output is cut to a preview: ${error.message}`;
      const detail = kept.detail === undefined ? note : `${kept.detail}; ${note}`;
      return encode({ ...kept, detail, stdout_truncated: true, stderr_truncated: true });
    }
  }

  result(resultId: string, message: Uint8Array): Promise<void> {
    return this.#p.outbox.enqueue('results', resultId, message);
  }
}
