import { AD_HOC } from '#core/contract/command.ts';
import { EXPIRES_MAX } from '#core/contract/streams.ts';
import { cancelRow, factsOf, freshRow, loseRow, type TargetWriter } from './apply-target.ts';
import { noteCompletion } from './completions-table.ts';
import type { ExecRow, ExecStatements } from './executions-table.ts';
import type { Fact, Place } from './fact.ts';
import { sendStrangersAway } from './strangers.ts';
import { graceAfterStart, isFirst } from './target-row.ts';

type Of<K extends Fact['kind']> = Extract<Fact, { kind: K }>;

/** The submission makes a row for each PC, and fills in what facts that came before it could not know. */
export function applySubmitted(w: TargetWriter, sql: ExecStatements, place: Place, fact: Of<'submitted'>, pcs: readonly string[]): void {
  const { exec, body, command } = fact;
  const execution = w.executions.meet(exec, place.recorded, true);
  // Published once; a second one can only come from a stream that was deleted and made again.
  if (!isFirst(place.recorded, execution.submitted_recorded)) return;
  const timeoutMs = Math.round(command.timeout_secs * 1000);
  sql.submit.run({
    exec_id: exec,
    recorded: place.recorded,
    submitted_at: body.submitted_at,
    actor: body.actor,
    job_id: command.id === AD_HOC ? null : command.id,
    target: JSON.stringify(body.target),
    broadcast: body.broadcast ? 1 : 0,
    target_count: body.target_count,
    command: body.command,
    timeout_ms: timeoutMs,
    expires_at: command.expires_at === undefined ? place.recorded + EXPIRES_MAX * 1000 : Date.parse(command.expires_at),
    rerun_of: body.rerun_of ?? null,
    schedule_id: body.fired?.schedule_id ?? null,
    nominal_at: body.fired === undefined ? null : Date.parse(body.fired.nominal_at),
    attempt: body.fired?.attempt ?? null,
    run_now: body.fired === undefined ? null : body.fired.run_now ? 1 : 0,
    version: command.version,
    rollout_id: body.wave?.rollout_id ?? null,
    wave: body.wave?.n ?? null,
  });
  Object.assign(execution, {
    first_recorded: place.recorded,
    last_recorded: place.recorded,
    submitted_recorded: place.recorded,
    own: 1,
    broadcast: body.broadcast ? 1 : 0,
    timeout_ms: timeoutMs,
    schedule_id: body.fired?.schedule_id ?? null,
    version: command.version,
  });
  sendStrangersAway(w, execution, pcs);
  if (execution.schedule_id !== null) {
    w.targets.ofSchedule.run(execution.schedule_id, exec);
    for (const { pc_id, result_recorded } of w.targets.succeeded.all(exec)) noteCompletion(w, execution, pc_id, result_recorded);
  }
  w.targets.deadlines.run(graceAfterStart(timeoutMs), exec);
  const fresh = freshRow(execution);
  const seq = Math.max(place.seq, execution.cancelled_seq ?? 0);
  for (const pc of pcs) {
    if (w.targets.facts.get(exec, pc) !== undefined) {
      w.targets.sawExec.run(place.seq, exec, pc);
    } else {
      w.targets.make.run(exec, pc, fresh.state, execution.cancelled_recorded, execution.cancel_reason, seq, execution.schedule_id);
      w.counts.moved(exec, undefined, fresh.state);
    }
  }
}

export function applyCancelled(w: TargetWriter, sql: ExecStatements, place: Place, fact: Of<'cancelled'>, pcs?: readonly string[]): void {
  const { exec, body } = fact;
  const execution = w.executions.meet(exec, place.recorded, true);
  const reason = body.reason ?? null;
  if (pcs !== undefined) {
    for (const pc of pcs) {
      const row = factsOf(w, execution, pc);
      if (row !== undefined) cancelRow(w, place, execution, pc, row, reason);
    }
    return;
  }
  for (const row of w.targets.factsOfAll.all(exec)) cancelRow(w, place, execution, row.pc_id, row, reason);
  cancelWhole(sql, place, execution, body, reason);
}

function cancelWhole(sql: ExecStatements, place: Place, execution: ExecRow, body: Of<'cancelled'>['body'], reason: string | null): void {
  execution.cancelled_seq = Math.max(execution.cancelled_seq ?? 0, place.seq);
  sql.sawCancel.run(execution.cancelled_seq, execution.exec_id);
  if (!isFirst(place.recorded, execution.cancelled_recorded)) return;
  sql.cancel.run({ exec_id: execution.exec_id, recorded: place.recorded, at: body.at, actor: body.actor, reason });
  execution.cancelled_recorded = place.recorded;
  execution.cancel_reason = reason;
}

export function applyLost(w: TargetWriter, place: Place, { exec, body }: Of<'lost'>, pcs: readonly string[]): void {
  const execution = w.executions.meet(exec, place.recorded, true);
  for (const pc of pcs) loseRow(w, place, execution, pc, body.reason);
}
