import { type Ending, type Judgement, judge } from './judge.ts';
import type { ScriptOutcome } from './script.ts';
import type { Ended, EndedPart } from './started-script.ts';

type Part = EndedPart & Pick<Ending, 'wrapper'>;
/** With what the wrapper of a PowerShell script has said in each place. */
export type EndedScript = { parts: Part[] } | Exclude<Ended, { parts: unknown }>;

/**
 * The one outcome of a script that ran in one place or in several: that of the first, by number of its session, in which it
 * did not succeed. `ended` is undefined when it could not be ended.
 */
export function judgeAll(
  about: Omit<Ending, 'exit' | 'wrapper'>,
  ended: EndedScript | undefined,
): Judgement & Pick<ScriptOutcome, 'neverRan'> {
  if (ended === undefined) return judge(about);
  if ('neverRan' in ended) {
    const verdict = about.why === undefined ? ended.neverRan : judge({ ...about, exit: { code: null, signal: null } });
    return { ...verdict, exitCode: null, neverRan: true };
  }
  const judged = ended.parts.map((part) => ({ part, judgement: judgePart(about, part) }));
  const { judgement } = judged.find((one) => one.judgement.outcome !== 'succeeded') ?? judged[0]!;
  const reboot = judged.some((one) => one.judgement.rebootRequired);
  const detail = [
    judgement.detail,
    judged.length > 1 ? judged.map(inWords).join(', ') : undefined,
    whatIsLeft(ended.parts, about.why !== undefined),
  ];
  const said = detail.filter((text) => text !== undefined).join('; ');
  return { ...judgement, ...(said === '' ? {} : { detail: said }), ...(reboot ? { rebootRequired: true } : {}) };
}

function judgePart(about: Omit<Ending, 'exit' | 'wrapper'>, { exit, wrapper, failed }: Part): Judgement {
  if (failed !== undefined && about.why === undefined) return { outcome: 'failed', reason: 'spawn_failed', detail: failed, exitCode: null };
  return judge({ ...about, exit, wrapper });
}

function inWords({ part, judgement }: { part: Part; judgement: Judgement }): string {
  const { outcome, exitCode } = judgement;
  return `session ${part.session}: ${outcome}${exitCode === null ? '' : ` with exit code ${exitCode}`}`;
}

/** Undefined where it is not known, or nothing that anybody would ask. */
function whatIsLeft(parts: readonly EndedPart[], wasEnded: boolean): string | undefined {
  const left = parts.reduce((sum, part) => sum + (part.left ?? 0), 0);
  if (left > 0) return `processes that it started and left running: ${left}`;
  return wasEnded && parts.every((part) => part.left === 0) ? 'nothing that it started runs any more' : undefined;
}
