import { DEFAULT_SUCCESS_EXIT_CODES, REBOOT_EXIT_CODES } from '#core/contract/command.ts';
import type { ErrorRecord } from '#core/contract/result.ts';
import { refusalIn, refusesWrapper } from './refusal.ts';
import type { KillReason, ScriptOutcome } from './script.ts';
import type { WrapperReport } from './wrapper-report.ts';

export interface Exit {
  code: number | null;
  signal: NodeJS.Signals | null;
}

/** How a script came to its end. */
export interface Ending {
  /** Why we ended it; undefined when it ended by itself. */
  why?: KillReason | 'timeout';
  /** Undefined when it still runs: it could not be ended. */
  exit?: Exit;
  timeoutMs: number;
  successExitCodes?: readonly number[];
  /** PowerShell only. */
  wrapper?: { report: WrapperReport | undefined };
  stderr: Uint8Array;
}

export type Judgement = Omit<ScriptOutcome, 'stdout' | 'stderr'>;

const REFUSED = {
  execution_policy: "the PC's execution policy does not allow this script",
  constrained_language: 'the PC runs scripts in Constrained Language Mode, which does not allow what this one does',
} as const;

export function judge(ending: Ending): Judgement {
  // Windows has unsigned codes; Node may hand them over with a sign.
  const exitCode = ending.exit?.code == null ? null : ending.exit.code >>> 0;
  if (ending.why !== undefined) return judgeKilled(ending, ending.why, exitCode);
  const signal = ending.exit?.signal;
  if (signal) return { outcome: 'failed', reason: 'signal', detail: `the script was ended by ${signal}`, exitCode: null };
  return (ending.wrapper && judgeWrapped(ending.wrapper.report, exitCode, ending.stderr)) ?? judgeExitCode(ending, exitCode);
}

function judgeKilled(ending: Ending, why: NonNullable<Ending['why']>, exitCode: number | null): Judgement {
  const verdict = verdictOf(why, ending.timeoutMs);
  if (ending.exit !== undefined) return { ...verdict, exitCode };
  const detail = [verdict.detail, 'it could not be ended and still runs'].filter(Boolean).join('; ');
  return { ...verdict, reason: 'abandoned', detail, exitCode: null };
}

function verdictOf(why: NonNullable<Ending['why']>, timeoutMs: number): Omit<Judgement, 'exitCode'> {
  switch (why) {
    case 'timeout':
      return { outcome: 'timed_out', detail: `it ran longer than ${timeoutMs / 1000} s` };
    case 'cancelled':
      return { outcome: 'killed', reason: 'cancelled' };
    case 'agent_stop':
      return { outcome: 'unknown', reason: why, detail: 'the agent was stopped while it ran' };
    case 'reboot':
      return { outcome: 'unknown', reason: why, detail: 'the PC was shut down or restarted while it ran' };
  }
}

function judgeWrapped(report: WrapperReport | undefined, exitCode: number | null, stderr: Uint8Array): Judgement | undefined {
  if (report === undefined) {
    if (exitCode === 0 || !refusesWrapper(stderr)) return undefined;
    return { outcome: 'failed', reason: 'execution_policy', detail: REFUSED.execution_policy, exitCode };
  }
  // The exit code of a script that an error ended is ours, not its own, so no list of good codes makes it a success.
  return report.error_record && failedBy(report, report.error_record, exitCode);
}

function failedBy(report: WrapperReport, errorRecord: ErrorRecord, exitCode: number | null): Judgement {
  const refusal = refusalIn(report);
  return { outcome: 'failed', ...(refusal && { reason: refusal, detail: REFUSED[refusal] }), exitCode, errorRecord };
}

function judgeExitCode(ending: Ending, exitCode: number | null): Judgement {
  const good = ending.successExitCodes ?? DEFAULT_SUCCESS_EXIT_CODES;
  if (exitCode === null || !good.includes(exitCode)) return { outcome: 'failed', exitCode };
  return { outcome: 'succeeded', exitCode, ...(REBOOT_EXIT_CODES.includes(exitCode) && { rebootRequired: true }) };
}
