import { type ErrorCode, KanadeError, messageOf } from '#core/contract/errors.ts';
import { sha256 } from '#core/contract/ids.ts';
import type { Log } from '#core/contract/log.ts';
import { Turns } from '#core/files/turns.ts';
import { fireOf } from '../ledger/fires.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { Refusals } from '../report/refusals.ts';
import type { Executor } from '../run/executor.ts';
import type { Cleared } from '../run/until-known.ts';
import type { Step } from '../steps.ts';
import type { Trust } from '../trust.ts';
import { judgeCommand, type TakenCommand } from './judge-command.ts';
import { sealOf, timeFault } from './judge-seal.ts';
import type { Knowledge } from './knowledge.ts';
import type { Standing } from './standing.ts';

export interface IntakeParts {
  pcId: string;
  clock: () => number;
  ledger: Ledger;
  standing: Standing;
  knowledge: Knowledge;
  executor: Executor;
  refusals: Refusals;
  /** Undefined in open mode: everything is obeyed. */
  trust: Trust | undefined;
  outboxIsFull: () => boolean;
  step: Step;
  log: Log;
}

export interface Delivery {
  subject: string;
  bytes: Uint8Array;
  header(name: string): string | undefined;
  /** Only when it came by the durable. */
  seq?: number;
  storedAt?: number;
  /** Only when it came live: the generation of knowledge and the monotonic time (milliseconds) of that moment. */
  arrived?: Cleared;
}

/**
 * `taken`: acknowledge it. `later`: it could not be written down now, deliver it again. `asking`: deliver it again as soon
 * as may be, for its key is being asked for.
 */
export type Intaken = 'taken' | 'later' | 'asking';

/**
 * The one way in for a command, however it came (design section 4): signed -> addressed to me -> schema -> issue time,
 * expiry -> ledger -> acknowledge -> run. What is bad reserves no id and disturbs nothing else, and of what nobody has
 * signed not a word is read.
 */
export class Intake {
  readonly #p: IntakeParts;
  readonly #turns = new Turns();

  constructor(parts: IntakeParts) {
    this.#p = parts;
  }

  async take(delivery: Delivery): Promise<Intaken> {
    const { pcId, clock, standing, knowledge, log } = this.#p;
    // While it is open whether this PC is the one that is meant, nothing is judged: it will be delivered again, here or to that one.
    if (!standing.confirmed) return 'later';
    const verdict = sealOf(delivery, this.#p.trust, clock());
    if (verdict instanceof KanadeError) {
      // Its key may be newer than what this PC was told of: that is being asked.
      const about = verdict.code === 'unknown_key' ? this.#p.trust?.unknownKey(delivery) : undefined;
      if (about === 'open') return 'asking';
      const refused = await this.#refuse(delivery, verdict.code, verdict.message, undefined);
      return about === 'doubtful' ? 'asking' : refused;
    }
    const replayed = delivery.seq !== undefined;
    const group = delivery.subject.startsWith('commands.group.');
    let groups: readonly string[] | undefined;
    try {
      if (group && replayed) groups = await knowledge.groups();
    } catch (error) {
      log.warn({ subject: delivery.subject, error: messageOf(error) }, 'the groups of this PC cannot be read: its command waits');
      return 'later';
    }
    const judgement = judgeCommand(delivery.subject, delivery.bytes, {
      pcId,
      now: clock(),
      enrolledAt: standing.enrolledAt,
      groups,
      storedAt: delivery.storedAt,
    });
    if (judgement.kind === 'refuse') return this.#refuse(delivery, judgement.code, judgement.detail, judgement.requestId);
    const { taken } = judgement;
    const fault = timeFault(verdict, judgement, clock());
    if (fault !== undefined) return this.#refuse(delivery, fault.code, fault.message, taken.command.request_id);
    const skip = judgement.kind === 'skip' ? judgement.reason : undefined;
    // One after another: of two commands the disk might take the later one first, and they start in the order they were taken.
    return this.#turns.run('', () => this.#admit(delivery, taken, skip));
  }

  async #admit(delivery: Delivery, { command, execId, expiresAt }: TakenCommand, skip: string | undefined): Promise<Intaken> {
    const { request_id: requestId } = command;
    const { ledger, executor, log, step } = this.#p;
    const { subject, bytes, seq } = delivery;
    if (this.#p.outboxIsFull()) {
      log.error({ subject }, 'the outbox is full: no more is done than can be told, the command will be delivered again');
      return 'later';
    }
    try {
      await step('before_ledger');
      const fire = fireOf(command);
      const known = { requestId, execId, subject, expiresAt, ...(seq === undefined ? {} : { seq }), ...(fire && { fire }) };
      const admission = await ledger.admit({ ...known, bytes });
      if (admission === 'admitted') {
        if (skip === undefined) executor.submit(requestId, { cleared: delivery.arrived, command });
        else executor.skip(requestId, skip);
      } else if (admission === 'unreadable') {
        return this.#refuse(
          delivery,
          'ledger_corrupt',
          `request ${requestId} came before and its record is unreadable: it is not run again`,
          requestId,
        );
      } else if (admission === 'conflict') {
        return this.#refuse(delivery, 'conflicting_bytes', `request ${requestId} came before with other bytes`, requestId);
      }
      await step('before_ack');
      return 'taken';
    } catch (error) {
      log.error(
        { subject, requestId, error: messageOf(error) },
        'a command could not be written down: it is not run and will be delivered again',
      );
      return 'later';
    }
  }

  /** Acknowledged only once the refusal is on disk for an admin to see. */
  async #refuse(delivery: Delivery, code: ErrorCode, detail: string, requestId: string | undefined): Promise<Intaken> {
    const what = { code, detail, subject: delivery.subject, ...(requestId === undefined ? {} : { request_id: requestId }) };
    // The same message may come live and by the durable.
    return (await this.#p.refusals.report(what, sha256(delivery.bytes))) ? 'taken' : 'later';
  }
}
