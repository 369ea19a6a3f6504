import type { Readable } from 'node:stream';
import { isPowerShell, type Shell } from '#core/contract/command.ts';
import { messageOf } from '#core/contract/errors.ts';
import { awakeTime } from './awake-time.ts';
import { Capture } from './capture.ts';
import { drain } from './drain.ts';
import type { EndTreeDeps } from './end-tree.ts';
import type { Ending } from './judge.ts';
import { type EndedScript, judgeAll } from './judge-all.ts';
import { removeRunFolder } from './run-folder.ts';
import type { RunDeps } from './run-script.ts';
import type { KillReason, RunLog, RunningScript, ScriptOutcome, ScriptRequest } from './script.ts';
import type { Ended, StartedScript } from './started-script.ts';
import { TailRing } from './tail-ring.ts';
import { readWrapperReport, type WrapperReport } from './wrapper-report.ts';

interface Stream {
  pipe: Readable;
  capture: Capture;
  tail: TailRing;
}

/**
 * Follows a script that has been started to its end.
 *
 * running: until it exits, its time is over or somebody wants it ended; the first of these decides.
 * ending: (not when it exited by itself) the whole tree is ended; if that takes too long the script is abandoned.
 * draining: what its pipes still hold is read, but nobody who keeps them open is waited for.
 * done: judged, pipes closed, folder deleted. An abandoned one keeps its folder: the next start of the agent ends it.
 */
export function supervise(
  script: StartedScript,
  folder: string,
  deps: EndTreeDeps & Pick<RunDeps, 'outputLimit'>,
  request: ScriptRequest,
  /** Settled when nothing more is written into the folder. */
  recorded: Promise<void>,
): RunningScript {
  const limit = deps.outputLimit?.();
  const stdout = listen(script.stdout, limit, deps.log);
  const stderr = listen(script.stderr, limit, deps.log);
  const asked = Promise.withResolvers<KillReason>();
  const hurry = new AbortController();

  async function firstOf(): Promise<NonNullable<Ending['why']> | undefined> {
    const over = new AbortController();
    try {
      return await Promise.race([
        script.ended.then(() => undefined),
        asked.promise,
        awakeTime(request.timeoutMs, deps.mono, deps.timings, over.signal).then(() => 'timeout' as const),
      ]);
    } finally {
      over.abort();
    }
  }

  async function follow(): Promise<ScriptOutcome> {
    const why = await firstOf();
    const isOver = why === undefined || (await script.end());
    const ended = isOver ? await script.ended : undefined;
    if (isOver) await drain(script.closed, () => stdout.capture.total + stderr.capture.total, deps.timings, hurry.signal);
    stdout.pipe.destroy();
    stderr.pipe.destroy();
    if (!isOver) script.letGo();
    const captured = { stdout: stdout.capture.take(), stderr: stderr.capture.take() };
    const { timeoutMs, successExitCodes } = request;
    const about = { why, timeoutMs, successExitCodes, stderr: captured.stderr.bytes };
    const judgement = judgeAll(about, await withReports(ended, folder, request.shell, deps.log));
    await recorded;
    if (isOver) await removeRunFolder(folder, deps.log);
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

function listen(pipe: Readable, limit: number | undefined, log: RunLog): Stream {
  const stream = { pipe, capture: new Capture(limit), tail: new TailRing() };
  pipe.on('data', (bytes: Buffer) => {
    stream.capture.push(bytes);
    stream.tail.push(bytes);
  });
  pipe.on('error', (error) => log.warn({ error: error.message }, 'a pipe of a script broke: its output may lack something'));
  return stream;
}

async function withReports(ended: Ended | undefined, folder: string, shell: Shell, log: RunLog): Promise<EndedScript | undefined> {
  if (ended === undefined || 'neverRan' in ended || !isPowerShell(shell)) return ended;
  const parts = ended.parts.map(async (part) => ({ ...part, wrapper: { report: await reportIn(folder, part.session, log) } }));
  return { parts: await Promise.all(parts) };
}

async function reportIn(folder: string, session: number | undefined, log: RunLog): Promise<WrapperReport | undefined> {
  try {
    return await readWrapperReport(folder, session);
  } catch (error) {
    log.warn({ folder, error: messageOf(error) }, 'could not read how a PowerShell script ended');
    return undefined;
  }
}
