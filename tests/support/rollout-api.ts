import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Json, TestBackend, TestKanade } from './kanade.ts';
import { until } from './until.ts';

/** A script that leaves a line for each run, with the PC that ran it, and fails on the PCs named. */
export interface PerPc {
  script(failing?: readonly string[]): string;
  /** The PCs that ran it, one for each run, sorted. */
  runs(): Promise<string[]>;
}

/** A script's own file lies in the folder of its agent, which tells the PCs of one machine apart. */
export function perPc(kanade: TestKanade, name: string): PerPc {
  const path = join(kanade.dir, `${name}.runs`);
  return {
    script: (failing = []) =>
      [`echo "$0" >> ${path}`, ...failing.map((pc) => `case "$0" in */agent-${pc}/*) exit 9;; esac`), 'exit 0'].join('\n'),
    runs: async () => [...(await readFile(path, 'utf8').catch(() => '')).matchAll(/\/agent-([^/]+)\//g)].map((found) => found[1]!).sort(),
  };
}

/** Starts a rollout and gives its id. */
export async function startRollout(backend: TestBackend, request: Record<string, unknown>): Promise<string> {
  const { status, body } = await backend.call('POST', '/executions', { shell: 'sh', target: { all: true }, ...request });
  if (status !== 202) throw new Error(`submit: ${status} ${JSON.stringify(body)}`);
  return body.rollout_id;
}

/** Waits until `check` holds of the rollout, and gives it. */
export function rolloutIs(backend: TestBackend, id: string, what: string, check: (rollout: Json) => boolean): Promise<Json> {
  const look = async () => {
    const rollout = await backend.get(`/rollouts/${id}`);
    return check(rollout) ? rollout : Promise.reject(new Error(JSON.stringify(rollout)));
  };
  // A backend that is killed over a dispatch has it handed to the next one after 30 s.
  return until(`rollout ${id} is ${what}`, look, 90_000);
}

export function hasStatus(backend: TestBackend, id: string, status: string): Promise<Json> {
  return rolloutIs(backend, id, status, (rollout) => rollout.status === status);
}

export const steps = (rollout: Json): string[] => rollout.history.map((step: Json) => step.what);
export const started = (rollout: Json): number => rollout.waves.filter((wave: Json) => wave.started_at !== null).length;
