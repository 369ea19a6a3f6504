import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import type { Readable } from 'node:stream';
import { isPowerShell } from '#core/contract/command.ts';
import { messageOf } from '#core/contract/errors.ts';
import { processTree } from '../platform/platform.ts';
import { awakeTime } from './awake-time.ts';
import { Capture } from './capture.ts';
import { drain } from './drain.ts';
import { type EndTreeDeps, endTree } from './end-tree.ts';
import { type Ending, type Exit, judge } from './judge.ts';
import { removeRunFolder } from './run-folder.ts';
import type { KillReason, RunLog, RunningScript, ScriptOutcome, ScriptRequest } from './script.ts';
import { TailRing } from './tail-ring.ts';
import { readWrapperReport, type WrapperReport } from './wrapper-report.ts';

interface Stream {
  pipe: Readable;
  capture: Capture;
  tail: TailRing;
}

/**
 * Follows a script that has been spawned to its end.
 *
 * running: until it exits, its time is over or somebody wants it ended; the first of these decides.
 * ending: (not when it exited by itself) the whole tree is ended; if that takes too long the script is abandoned.
 * draining: what its pipes still hold is read, but nobody who keeps them open is waited for.
 * done: judged, pipes closed, folder deleted. An abandoned one keeps its folder: the next start of the agent ends it.
 */
export function supervise(
  child: ChildProcess,
  folder: string,
  deps: EndTreeDeps,
  request: ScriptRequest,
  /** Settled when nothing more is written into the folder. */
  recorded: Promise<void>,
): RunningScript {
  const stdout = listen(child.stdout!, deps.log);
  const stderr = listen(child.stderr!, deps.log);
  const closed = once(child, 'close');
  const exited = once(child, 'exit').then(([code, signal]): Exit => ({ code, signal }));
  const asked = Promise.withResolvers<KillReason>();
  const hurry = new AbortController();

  async function firstOf(): Promise<{ exit: Exit } | { why: NonNullable<Ending['why']> }> {
    const over = new AbortController();
    try {
      return await Promise.race([
        exited.then((exit) => ({ exit })),
        asked.promise.then((why) => ({ why })),
        awakeTime(request.timeoutMs, deps.mono, deps.timings, over.signal).then(() => ({ why: 'timeout' as const })),
      ]);
    } finally {
      over.abort();
    }
  }

  async function follow(): Promise<ScriptOutcome> {
    const first = await firstOf();
    const why = 'why' in first ? first.why : undefined;
    const ended = why === undefined || (await endTree(deps, processTree(request.resultId, child.pid)));
    const exit = ended ? await exited : undefined;
    if (ended) await drain(closed, () => stdout.capture.total + stderr.capture.total, deps.timings, hurry.signal);
    stdout.pipe.destroy();
    stderr.pipe.destroy();
    if (!ended) child.unref();
    const report = isPowerShell(request.shell) ? { report: await reportIn(folder, deps.log) } : undefined;
    const captured = { stdout: stdout.capture.take(), stderr: stderr.capture.take() };
    const { timeoutMs, successExitCodes } = request;
    const judgement = judge({ why, exit, timeoutMs, successExitCodes, wrapper: report, stderr: captured.stderr.bytes });
    await recorded;
    if (ended) await removeRunFolder(folder, deps.log);
    return { ...judgement, ...captured };
  }

  return {
    done: follow(),
    kill(why) {
      asked.resolve(why);
      hurry.abort();
    },
    tail: { stdout: stdout.tail, stderr: stderr.tail },
  };
}

function listen(pipe: Readable, log: RunLog): Stream {
  const stream = { pipe, capture: new Capture(), tail: new TailRing() };
  pipe.on('data', (bytes: Buffer) => {
    stream.capture.push(bytes);
    stream.tail.push(bytes);
  });
  pipe.on('error', (error) => log.warn({ error: error.message }, 'a pipe of a script broke: its output may lack something'));
  return stream;
}

async function reportIn(folder: string, log: RunLog): Promise<WrapperReport | undefined> {
  try {
    return await readWrapperReport(folder);
  } catch (error) {
    log.warn({ folder, error: messageOf(error) }, 'could not read how a PowerShell script ended');
    return undefined;
  }
}
