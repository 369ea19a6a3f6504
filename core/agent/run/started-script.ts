import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import type { Readable } from 'node:stream';
import { processTree } from '../platform/platform.ts';
import { type EndTreeDeps, endTree } from './end-tree.ts';
import type { Exit } from './judge.ts';
import type { ScriptOutcome } from './script.ts';

/** The script in one place: the agent's own account, or the session of a user. */
export interface EndedPart {
  session?: number;
  exit: Exit;
  /** Processes that it has left running, where that is known. */
  left?: number;
  /** Why it did not run in this place. */
  failed?: string;
}

/** All of them; or why it ran nowhere. */
export type Ended = { parts: EndedPart[] } | { neverRan: Pick<ScriptOutcome, 'outcome' | 'reason' | 'detail'> };

/** A script that somebody has started: the agent itself, or kanade-host for it. */
export interface StartedScript {
  readonly stdout: Readable;
  readonly stderr: Readable;
  /** Once it has ended, by itself or not. Never rejects. */
  readonly ended: Promise<Ended>;
  /** Once nobody holds its pipes. */
  readonly closed: Promise<unknown>;
  /** Ends all of it. False when something of it still runs. */
  end(): Promise<boolean>;
  /** It is not waited for any more. */
  letGo(): void;
}

/** A script that is a child of the agent. */
export function ownScript(child: ChildProcess, resultId: string, deps: EndTreeDeps): StartedScript {
  return {
    stdout: child.stdout!,
    stderr: child.stderr!,
    ended: once(child, 'exit').then(([code, signal]) => ({ parts: [{ exit: { code, signal } }] })),
    closed: once(child, 'close'),
    end: () => endTree(deps, processTree(resultId, child.pid)),
    letGo: () => child.unref(),
  };
}
