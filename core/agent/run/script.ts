import type { Sessions, Shell } from '#core/contract/command.ts';
import type { ErrorRecord, Outcome } from '#core/contract/result.ts';
import type { Captured } from './capture.ts';
import type { TailRing } from './tail-ring.ts';

export interface ScriptRequest {
  resultId: string;
  shell: Shell;
  /** The exact bytes the admin sent. */
  script: Uint8Array;
  args?: unknown[];
  /** By name; for the PowerShell shells only. */
  params?: Record<string, unknown>;
  env?: Record<string, string>;
  cwd?: string;
  /** Milliseconds awake. */
  timeoutMs: number;
  runAs: 'system' | 'user';
  /** As a user: in the first session or in all of them. */
  sessions?: Sessions;
  successExitCodes?: readonly number[];
  /** PowerShell: the exit code of the last program it ran counts even if the script did not exit with it. */
  failOnNative?: boolean;
}

export interface ScriptOutcome {
  outcome: Outcome;
  /**
   * unsupported, no_user_session, shell_missing, cwd_missing, spawn_failed, signal, execution_policy, constrained_language, cancelled,
   * agent_stop, reboot; abandoned when a process of it could not be ended and still runs.
   */
  reason?: string;
  detail?: string;
  exitCode: number | null;
  stdout: Captured;
  stderr: Captured;
  errorRecord?: ErrorRecord;
  rebootRequired?: boolean;
  /** No process was started: there is no time at which the script began. */
  neverRan?: true;
}

export type KillReason = 'cancelled' | 'agent_stop' | 'reboot';

export interface RunningScript {
  /** Never rejects. */
  readonly done: Promise<ScriptOutcome>;
  /** Ends all of it; the first reason counts, and none does once the script has ended by itself. */
  kill(why: KillReason): void;
  readonly tail: { stdout: TailRing; stderr: TailRing };
}

/** Where trouble goes that changes no outcome; a pino logger fits. */
export interface RunLog {
  warn(fields: object, message: string): void;
}
