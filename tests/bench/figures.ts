import { cpus, loadavg, totalmem } from 'node:os';

export interface Figure {
  what: string;
  /** What design section 11 asks for, in words; empty where it asks for nothing. */
  goal: string;
  measured: string;
  /** Undefined where there is no goal. */
  met?: boolean;
}

/** What a run has measured: printed as it comes, and as one table at the end, for docs/performance.md. */
export class Figures {
  readonly #all: Figure[] = [];

  add(what: string, measured: string, goal = '', met?: boolean): void {
    this.#all.push({ what, goal, measured, ...(met === undefined ? {} : { met }) });
    console.log(`  ${what}: ${measured}${goal === '' ? '' : `   (goal ${goal}: ${met ? 'met' : 'MISSED'})`}`);
  }

  table(): string {
    const rows = this.#all.map(({ what, goal, measured, met }) => {
      const verdict = met === undefined ? '' : met ? 'yes' : '**no**';
      return `| ${what} | ${measured} | ${goal} | ${verdict} |`;
    });
    return ['| what | measured | goal | met |', '|---|---|---|---|', ...rows].join('\n');
  }
}

/** The value below which `share` of them lie. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.ceil(sorted.length * share) - 1)] ?? Number.NaN;
}

export function median(values: readonly number[]): number {
  return percentile(values, 0.5);
}

export function p50p99(values: readonly number[]): string {
  return `p50 ${ms(percentile(values, 0.5))}, p99 ${ms(percentile(values, 0.99))}`;
}

export function ms(value: number): string {
  return `${value < 10 ? value.toFixed(1) : Math.round(value)} ms`;
}

export function seconds(milliseconds: number): string {
  return `${(milliseconds / 1000).toFixed(2)} s`;
}

export function machine(): string {
  const processors = cpus();
  const load = loadavg()
    .map((value) => value.toFixed(1))
    .join(' ');
  return `${processors.length} cores (${processors[0]?.model.trim()}), ${Math.round(totalmem() / 1024 ** 3)} GiB, ${process.platform}, Node ${process.versions.node}, load ${load}`;
}
