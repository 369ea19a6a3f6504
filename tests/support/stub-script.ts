import { appendFileSync } from 'node:fs';
import type { RunningScript, ScriptOutcome, ScriptRequest } from '#core/agent/run/script.ts';
import { TailRing } from '#core/agent/run/tail-ring.ts';

const NOTHING = { bytes: new Uint8Array(), total: 0, truncated: false };
const OUTPUT = Buffer.from('done\n');
const DONE: ScriptOutcome = {
  outcome: 'succeeded',
  exitCode: 0,
  stdout: { bytes: OUTPUT, total: OUTPUT.length, truncated: false },
  stderr: NOTHING,
};
/** Nobody reads the tail of a script that is over at once, and 10,000 rings would be a gigabyte. */
const TAIL = { stdout: new TailRing(), stderr: new TailRing() };

export interface StubScriptOptions {
  /** Gets a line with the result id for each start, before anything else happens: the count of what really ran. */
  journal?: string;
  /** Milliseconds that a script takes; 0 = it is over at once. */
  takes?: () => number;
}

/** A runner that starts no process: a script succeeds when its time is over, unless it is ended first. */
export function stubScript({ journal, takes = () => 0 }: StubScriptOptions = {}): (request: ScriptRequest) => Promise<RunningScript> {
  return async ({ resultId }) => {
    if (journal !== undefined) appendFileSync(journal, `${resultId}\n`);
    const time = takes();
    const { promise: done, resolve } = Promise.withResolvers<ScriptOutcome>();
    const timer = time > 0 ? setTimeout(() => resolve(DONE), time) : undefined;
    if (timer === undefined) resolve(DONE);
    return {
      done,
      tail: TAIL,
      kill: (why) => {
        clearTimeout(timer);
        resolve({ ...DONE, outcome: why === 'cancelled' ? 'killed' : 'unknown', reason: why, exitCode: null });
      },
    };
  };
}
