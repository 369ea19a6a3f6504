import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { currentPlatform } from '#core/agent/platform/current.ts';
import { processTree } from '#core/agent/platform/platform.ts';
import { endTree } from '#core/agent/run/end-tree.ts';
import { type RunDeps, startScript } from '#core/agent/run/run-script.ts';
import type { RunningScript, ScriptOutcome, ScriptRequest } from '#core/agent/run/script.ts';
import { RUN_TIMINGS } from '#core/agent/run/timings.ts';

let count = 0;

/** The real runner on a folder of its own; disposing of it ends what its scripts have left behind. */
export class ScriptRunner implements AsyncDisposable {
  readonly dir: string;
  readonly warnings: string[] = [];
  readonly deps: RunDeps;
  readonly #ids: string[] = [];

  static async create(overrides: Partial<RunDeps> = {}): Promise<ScriptRunner> {
    return new ScriptRunner(await mkdtemp(join(tmpdir(), 'kanade run ')), overrides);
  }

  private constructor(dir: string, overrides: Partial<RunDeps>) {
    this.dir = dir;
    this.deps = {
      dir: join(dir, 'run'),
      platform: currentPlatform(),
      mono: () => performance.now(),
      log: { warn: (fields, message) => void this.warnings.push(`${message} ${JSON.stringify(fields)}`) },
      ...overrides,
    };
  }

  start(script: string | Uint8Array, request: Partial<ScriptRequest> = {}): Promise<RunningScript> {
    const resultId = request.resultId ?? this.nextId();
    return startScript(this.deps, {
      shell: 'sh',
      script: typeof script === 'string' ? Buffer.from(script) : script,
      timeoutMs: 60_000,
      runAs: 'system',
      ...request,
      resultId,
    });
  }

  async run(script: string | Uint8Array, request: Partial<ScriptRequest> = {}): Promise<ScriptOutcome> {
    return (await this.start(script, request)).done;
  }

  nextId(): string {
    const id = `test_${process.pid}_${++count}`;
    this.#ids.push(id);
    return id;
  }

  /** How many processes that carry the mark of this result are there. */
  alive(resultId: string): Promise<number> {
    return currentPlatform().alive(processTree(resultId));
  }

  /** The run folders that are there. */
  folders(): Promise<string[]> {
    return readdir(this.deps.dir);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const tools = { ...this.deps, platform: currentPlatform(), timings: { ...RUN_TIMINGS, graceMs: 0 } };
    for (const id of this.#ids) await endTree(tools, processTree(id));
    await rm(this.dir, { recursive: true, force: true });
  }
}

export function text(captured: { bytes: Uint8Array }): string {
  return Buffer.from(captured.bytes).toString();
}

/** Resolves when a running script has written that line to stdout. */
export async function said(script: RunningScript, line: string): Promise<string> {
  for (;;) {
    const seen = Buffer.from(script.tail.stdout.read(0).data).toString();
    if (seen.includes(`${line}\n`)) return seen;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
