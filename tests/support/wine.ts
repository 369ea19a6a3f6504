import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { findOnPath } from '#core/process/find-on-path.ts';
import { runCommand } from '#core/process/run-command.ts';
import { tempDir } from './temp.ts';

const TOOLS = ['wine', 'wineserver', 'x86_64-w64-mingw32-gcc', 'x86_64-w64-mingw32-windres', 'x86_64-w64-mingw32-windmc'];

/**
 * Whether programs for Windows can be compiled and run here. Without, the tests that need it are skipped, and it is said aloud;
 * with KANADE_REQUIRE_WINE=1 its absence is a failure.
 */
export const HAS_WINE: boolean = process.platform === 'linux' && process.arch === 'x64' && (await missing()).length === 0;

async function missing(): Promise<string[]> {
  const found = await Promise.all(TOOLS.map((name) => findTool(name)));
  return TOOLS.filter((_, i) => found[i] === undefined);
}

/** Debian keeps the server of wine beside its libraries. */
function findTool(name: string): Promise<string | undefined> {
  return findOnPath(name, `${process.env.PATH ?? ''}:/usr/lib/wine`);
}

if (!HAS_WINE) {
  const message = `${(await missing()).join(', ') || 'Linux on x64'} is missing: the tests that run programs for Windows`;
  if (process.env.KANADE_REQUIRE_WINE === '1') throw new Error(`${message} cannot run, and KANADE_REQUIRE_WINE=1 asks for them`);
  process.stderr.write(`\n*** ${message} ARE SKIPPED ***\n\n`);
}

/** Milliseconds: on a busy machine a Windows and the programs for it take their time. */
export const SET_UP_WITHIN = 300_000;

export interface WineProcess {
  /** To its standard input; `undefined` ends that. */
  tell(line: string | undefined): void;
  /** Once it has ended: its exit code, of which wine leaves the lowest eight bits, and what it printed. */
  done: Promise<{ code: number | null; stdout: string; stderr: string }>;
}

export interface Wine extends AsyncDisposable {
  /** Drive C as a folder of this machine. */
  c: string;
  start(program: string, ...args: string[]): WineProcess;
  startWith(variables: NodeJS.ProcessEnv, program: string, ...args: string[]): WineProcess;
  run(program: string, ...args: string[]): Promise<{ code: number | null; stdout: string; stderr: string }>;
  /** Pids, of this machine, of the programs in it whose command line, without quotes, contains that. */
  processesWith(text: string): Promise<number[]>;
}

/** A Windows of the test's own, with these variables in its environment; everything that runs in it ends with it. */
export async function startWine(more: NodeJS.ProcessEnv = {}): Promise<Wine> {
  const dir = await tempDir();
  const prefix = join(dir.path, 'wine');
  // TERM is what a program at a console is told of; there is none here, and no display.
  const { DISPLAY: _, ...rest } = process.env;
  const env: NodeJS.ProcessEnv = {
    ...rest,
    WINEARCH: 'win64',
    WINEDEBUG: '-all',
    WINEPREFIX: prefix,
    WINEDLLOVERRIDES: 'mscoree,mshtml,winemenubuilder.exe=',
    ...more,
  };
  const wine = (await findTool('wine'))!;
  const server = (await findTool('wineserver'))!;
  let started = 0;
  const startWith = (variables: NodeJS.ProcessEnv, program: string, ...args: string[]): WineProcess => {
    // Files and not pipes: what wine itself starts holds those for ever.
    const files = [join(dir.path, `out${++started}`), join(dir.path, `err${started}`)];
    const [out, err] = files.map((file) => openSync(file, 'w'));
    const child = spawn(wine, [program, ...args], { env: { ...env, ...variables }, cwd: dir.path, stdio: ['pipe', out!, err!] });
    closeSync(out!);
    closeSync(err!);
    // One that has ended hears no more.
    child.stdin!.on('error', () => undefined);
    const done = once(child, 'exit').then(async ([code]) => {
      const [stdout, stderr] = await Promise.all(files.map((file) => readFile(file, 'utf8')));
      return { code: code as number | null, stdout: stdout!, stderr: stderr! };
    });
    return { tell: (line) => (line === undefined ? child.stdin!.end() : child.stdin!.write(`${line}\n`)), done };
  };
  const start = (program: string, ...args: string[]) => startWith({}, program, ...args);
  const run = (program: string, ...args: string[]) => {
    const process = start(program, ...args);
    process.tell(undefined);
    return process.done;
  };
  let keeper: WineProcess | undefined;
  const end = async () => {
    keeper?.tell(undefined);
    await runCommand(server, ['-k'], { env });
    await runCommand(server, ['-w'], { env });
    await dir[Symbol.asyncDispose]();
  };
  try {
    for (const [program, ...args] of [['wineboot', '-i'] as const, ['winecfg', '-v', 'win10'] as const]) {
      const { code, stderr } = await run(program, ...args);
      if (code !== 0) throw new Error(`${program} ended with ${code}: ${stderr}`);
    }
    // With nobody in it a Windows of wine goes down, its services with it, and comes up again for each command; one that is
    // on its way down still answers to some. So this one is let go down, and the next has somebody in it.
    await runCommand(server, ['-w'], { env });
    keeper = start('cmd');
  } catch (error) {
    await end();
    throw error;
  }
  return {
    c: join(prefix, 'drive_c'),
    start,
    startWith,
    run,
    processesWith: (text) => processesWith(prefix, text),
    [Symbol.asyncDispose]: end,
  };
}

async function processesWith(prefix: string, text: string): Promise<number[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  // It may end while it is looked at.
  const about = (pid: string, file: string) => readFile(`/proc/${pid}/${file}`, 'utf8').catch(() => '');
  const ours = await Promise.all(
    pids.map(async (pid) => {
      const line = (await about(pid, 'cmdline')).replaceAll('\0', ' ');
      return line.includes(text) && (await about(pid, 'environ')).split('\0').includes(`WINEPREFIX=${prefix}`);
    }),
  );
  return pids.filter((_, i) => ours[i]).map(Number);
}
