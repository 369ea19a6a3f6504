import { copyFile, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { until } from '#tests/support/until.ts';
import { type WindowsPrograms, windowsPrograms } from '#tests/support/windows-host.ts';
import { HAS_WINE, startWine, type Wine } from '#tests/support/wine.ts';

let wine: Wine;
let programs: WindowsPrograms;
let services = 0;

beforeAll(async () => {
  if (!HAS_WINE) return;
  programs = await windowsPrograms();
  wine = await startWine();
  await mkdir(join(wine.c, 'kanade here'));
  await copyFile(programs.host, join(wine.c, 'kanade here', 'kanade-host.exe'));
});
afterAll(() => wine?.[Symbol.asyncDispose]());

/** Short ones, so that nobody waits; what a real PC has is in parameters.c. */
const TIMES = { ReadyMs: 10_000, StopMs: 3000, BackoffFirstMs: 100, BackoffLastMs: 400, SteadyMs: 600_000, TrialMs: 3000 };

interface Service {
  name: string;
  /** As this machine and as Windows have it. */
  dir: string;
  windowsDir: string;
  state(): Promise<string>;
  start(): Promise<void>;
  /** Once the system is told so. */
  runs(): Promise<void>;
  stop(): Promise<void>;
  log(): Promise<string>;
  /** The log, once it holds that so many times. */
  logged(text: string, times?: number): Promise<string>;
  /** Adds a version. */
  version(version: string, plan: string[]): Promise<void>;
  hostState(): Promise<string>;
  heard(): Promise<string>;
}

/** A service whose program follows the plan; without one there are versions. */
async function service(plan: string[] | undefined, values: Record<string, string | number> = {}): Promise<Service> {
  const name = `Kanade${++services}`;
  const dir = join(wine.c, name);
  const windowsDir = `C:\\${name}`;
  const write = (folder: string, lines: string[]) =>
    writeFile(join(folder, 'plan.txt'), `${lines.join('\n').replaceAll('FOLDER', windowsDir)}\n`);
  const addProgram = async (folder: string, lines: string[]) => {
    await mkdir(folder, { recursive: true });
    await copyFile(programs.actor, join(folder, 'node.exe'));
    await write(folder, lines);
  };
  await addProgram(dir, plan ?? []);
  const all = {
    [plan === undefined ? 'Versions' : 'Folder']: windowsDir,
    Program: 'node.exe',
    Script: 'plan.txt',
    Data: `${windowsDir}\\data`,
    ...TIMES,
    ...values,
  };
  const lines = Object.entries(all).map(([key, value]) =>
    typeof value === 'number'
      ? `"${key}"=dword:${value.toString(16).padStart(8, '0')}`
      : `"${key}"="${value.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`,
  );
  const key = `HKEY_LOCAL_MACHINE\\SYSTEM\\CurrentControlSet\\Services\\${name}\\Parameters`;
  await writeFile(join(dir, 'values.reg'), `Windows Registry Editor Version 5.00\r\n\r\n[${key}]\r\n${lines.join('\r\n')}\r\n`);
  await expectDone('sc', 'create', name, 'binPath=', '"C:\\kanade here\\kanade-host.exe" service', 'start=', 'demand');
  await expectDone('reg', 'import', `${windowsDir}\\values.reg`);
  const read = (...path: string[]) => readFile(join(dir, ...path), 'utf8').catch(() => '');
  const log = () => read('data', 'host', 'log', `${name}.log`);
  const state = async () => /STATE\s+: \d+\s+(\w+)/.exec((await wine.run('sc', 'query', name)).stdout)?.[1] ?? 'unknown';
  return {
    name,
    dir,
    windowsDir,
    state,
    start: () => expectDone('net', 'start', name),
    runs: () => until(`${name} runs`, async () => (await state()) === 'RUNNING').then(() => undefined),
    async stop() {
      await expectDone('net', 'stop', name);
      await until(`${name} has stopped`, async () => (await state()) === 'STOPPED');
    },
    log,
    logged: (text, times = 1) => until(`the log has "${text}"`, async () => ((await log()).split(text).length > times ? log() : undefined)),
    version: async (version, versionPlan) => {
      await addProgram(join(dir, version), versionPlan);
      await writeFile(join(dir, version, 'release.json'), '{}');
    },
    hostState: () => read('data', 'host', 'state.txt'),
    heard: () => read('plan.txt.heard'),
  };
}

async function expectDone(program: string, ...args: string[]): Promise<void> {
  const { code, stdout, stderr } = await wine.run(program, ...args);
  expect({ code, said: code === 0 ? '' : stdout + stderr }).toEqual({ code: 0, said: '' });
}

describe.skipIf(!HAS_WINE)('kanade-host service', () => {
  test('starts the program, is running once that is ready, and stops it by the end of its input', async () => {
    const it = await service(['say hello', 'err trouble', 'say @kanade ready', 'hear', 'say goodbye', 'exit 0']);
    await it.start();
    await it.runs();
    await it.stop();
    const log = await it.log();
    expect(await it.heard()).toBe('end\n');
    expect(log).toContain(' out hello\r\n');
    expect(log).toContain(' err trouble\r\n');
    expect(log).toContain(' out goodbye\r\n');
    expect(log).toContain(' host event 1000 info the service has started\r\n');
    expect(log).toContain(' host event 1001 info the service has stopped\r\n');
    expect(log).not.toContain('unexpectedly');
    expect(await wine.processesWith(it.windowsDir)).toEqual([]);
  });
});
