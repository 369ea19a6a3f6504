import { messageOf } from '#core/contract/errors.ts';
import type { Random } from './generate.ts';

/** Something that is not to happen, with what it takes to have it again. */
export interface Finding {
  target: string;
  /** Which input of the target's; the seed of the run says the rest. */
  n: number;
  what: string;
  input: string;
}

export interface Target {
  name: string;
  /** Which part of all inputs it gets. */
  share: number;
  /** How many at once. */
  width: number;
  /** Rejects with what is wrong. `n` counts from 0. */
  try(n: number, random: Random, input: (text: string) => void): Promise<void> | void;
}

/** Milliseconds one input may take. Nothing that is asked waits for longer by itself. */
export const HANG = 30_000;

const INPUT_MAX = 2000;

/** All inputs of one target; what goes wrong is gathered, and ten of a kind are enough. */
export async function runTarget(target: Target, inputs: number, randomOf: (n: number) => Random): Promise<Finding[]> {
  const findings: Finding[] = [];
  let next = 0;
  const work = async () => {
    while (next < inputs && findings.length < 10) {
      const n = next++;
      let input = '';
      try {
        const began = performance.now();
        await target.try(n, randomOf(n), (text) => (input = text));
        const took = performance.now() - began;
        if (took > HANG) throw new Error(`it took ${Math.round(took / 1000)} s`);
      } catch (error) {
        findings.push({ target: target.name, n, what: messageOf(error), input: input.slice(0, INPUT_MAX) });
      }
    }
  };
  await Promise.all(Array.from({ length: target.width }, work));
  return findings;
}
