/** Bytes of a run of messages that are weighed as one. */
const GRAIN = 1024 * 1024;
/** What is left of a PC that had too much, of its quota: the next message is not too much again. */
const LEFT = 3 / 4;

interface Run {
  first: number;
  last: number;
  weight: number;
}

/** How much of OUTPUT is whose, as it was added up message by message, in the order of the stream. */
export class OutputWeights {
  readonly #runs = new Map<string, { total: number; runs: Run[] }>();

  /** The sum of the PC's messages. */
  add(pc: string, seq: number, weight: number): number {
    let of = this.#runs.get(pc);
    if (of === undefined) {
      of = { total: 0, runs: [] };
      this.#runs.set(pc, of);
    }
    of.total += weight;
    const run = of.runs.at(-1);
    if (run === undefined || run.weight >= GRAIN) of.runs.push({ first: seq, last: seq, weight });
    else Object.assign(run, { last: seq, weight: run.weight + weight });
    return of.total;
  }

  /**
   * Before which sequence the messages of a PC are to go, so that it is below its quota; undefined when it is. What lies before
   * `firstSeq` has left the stream by itself.
   */
  cut(pc: string, quota: number, firstSeq: number): number | undefined {
    const of = this.#runs.get(pc);
    if (of === undefined) return undefined;
    const drop = () => {
      of.total -= of.runs.shift()!.weight;
    };
    while (of.runs.length > 0 && of.runs[0]!.last < firstSeq) drop();
    if (of.total <= quota) return undefined;
    let before = 0;
    while (of.runs.length > 1 && of.total > quota * LEFT) {
      before = of.runs[0]!.last + 1;
      drop();
    }
    return before === 0 ? undefined : before;
  }
}
