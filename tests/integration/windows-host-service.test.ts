import { existsSync } from 'node:fs';
import { chmod, copyFile, mkdir, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { until } from '#tests/support/until.ts';
import { type WindowsPrograms, windowsPrograms } from '#tests/support/windows-host.ts';
import { HAS_WINE, SET_UP_WITHIN, startWine, type Wine } from '#tests/support/wine.ts';

let wine: Wine;
let programs: WindowsPrograms;
let services = 0;

beforeAll(async () => {
  if (!HAS_WINE) return;
  programs = await windowsPrograms();
  // What a machine may have in its environment, and would make Node load it.
  wine = await startWine({ NODE_OPTIONS: '--no-such-option', OPENSSL_CONF: 'C:\\users\\evil.cnf' });
}, SET_UP_WITHIN);
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
  // In a folder of its own, so that it can be told from the others.
  await mkdir(join(wine.c, `host of ${name}`));
  await copyFile(programs.host, join(wine.c, `host of ${name}`, 'kanade-host.exe'));
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
  const text = `Windows Registry Editor Version 5.00\r\n\r\n[${key}]\r\n${lines.join('\r\n')}\r\n`;
  await writeFile(join(dir, 'values.reg'), `\uFEFF${text}`, 'utf16le');
  await expectDone('sc', 'create', name, 'binPath=', `"C:\\host of ${name}\\kanade-host.exe" service`, 'start=', 'demand');
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
  test('tells the program when its key of the registry, or that of policies, is made or changed', async () => {
    const it = await service(['say @kanade ready', 'hear', 'exit 0'], { Settings: 'Kanade\\Watched' });
    const policy = 'HKLM\\SOFTWARE\\Policies\\Kanade\\Watched';
    const heard = (times: number) =>
      until(`it has heard ${times} times`, async () => (await it.heard()).split('settings changed\n').length === times + 1);
    await it.start();
    await it.runs();
    // Neither key is there yet.
    await expectDone('reg', 'add', policy, '/v', 'Server', '/d', 'https://a.example', '/f', '/reg:64');
    await heard(1);
    await expectDone('reg', 'add', policy, '/v', 'Server', '/d', 'https://b.example', '/f', '/reg:64');
    await heard(2);
    await expectDone('reg', 'add', 'HKLM\\SOFTWARE\\Kanade\\Watched', '/v', 'Server', '/d', 'https://c.example', '/f', '/reg:64');
    await heard(3);
    await it.stop();
    expect(await it.heard()).toBe(`${'settings changed\n'.repeat(3)}end\n`);
  });

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
    expect(await wine.processesWith(`${it.windowsDir}\\`)).toEqual([]);
  });

  test('the host itself is gone when the service has stopped: nobody has to wait who replaces it', async () => {
    const it = await service(['say @kanade ready', 'hear', 'exit 0']);
    await it.start();
    await it.runs();
    await it.stop();
    await until('the host has ended', async () => (await wine.processesWith(`C:\\host of ${it.name}\\`)).length === 0);
  });

  test('the program gets its own folder, absolute paths, its arguments as they are, and nothing that Node would load', async () => {
    const Arguments = '--data-dir "C:\\a b" "日本\\\\"';
    const it = await service(['args', 'folder', 'env NODE_OPTIONS', 'env openssl_conf', 'say @kanade ready', 'hear'], { Arguments });
    await it.start();
    const log = await it.logged('@kanade ready');
    expect(log).toContain(` out "${it.windowsDir}\\node.exe" "${it.windowsDir}\\plan.txt" ${Arguments}\r\n`);
    expect(log).toContain(` out ${it.windowsDir}\r\n`);
    expect(log).toContain(' out NODE_OPTIONS is not set\r\n');
    expect(log).toContain(' out openssl_conf is not set\r\n');
    await it.stop();
  });

  test('a program that does not end when it is asked to is ended, with all that it has started', async () => {
    const it = await service(['spawn FOLDER\\child.txt', 'say @kanade ready', 'hang'], { StopMs: 1000 });
    await writeFile(join(it.dir, 'child.txt'), 'hang\n');
    await it.start();
    await it.runs();
    await until('the child runs', async () => (await wine.processesWith(`${it.windowsDir}\\child.txt`)).length === 1);
    await it.stop();
    expect(await it.log()).toMatch(/event 1003 warning the program was asked to end and did not within 1000 ms/);
    expect(await wine.processesWith(`${it.windowsDir}\\`)).toEqual([]);
  });

  test('what the program has started ends with it also when it obeys', async () => {
    const it = await service(['spawn-heir FOLDER\\child.txt', 'say @kanade ready', 'hear', 'exit 0']);
    await writeFile(join(it.dir, 'child.txt'), 'hang\n');
    await it.start();
    await it.runs();
    await it.stop();
    expect(await wine.processesWith(`${it.windowsDir}\\`)).toEqual([]);
  });

  test('a program that crashes is started again, later each time, and the service runs all the while', async () => {
    const it = await service(['exit 3']);
    await it.start();
    await it.runs();
    const log = await it.logged('event 1002 warning the program ended unexpectedly with code 3 (0x00000003)', 4);
    const started = log.split('\r\n').flatMap((line) => (line.includes(' host started ') ? [Date.parse(line.slice(0, 24))] : []));
    const pauses = started.slice(1, 4).map((at, i) => at - started[i]!);
    expect(pauses[0]).toBeGreaterThanOrEqual(100);
    expect(pauses[1]).toBeGreaterThanOrEqual(200);
    expect(pauses[2]).toBeGreaterThanOrEqual(400);
    expect(await it.state()).toBe('RUNNING');
    await it.stop();
  });

  test('a stop does not wait for the next try', async () => {
    const it = await service(['exit 3'], { BackoffFirstMs: 600_000, BackoffLastMs: 600_000 });
    await it.start();
    await it.logged('ended unexpectedly');
    await it.runs();
    await it.stop();
  });

  test('a program that is never ready keeps the service from nothing: it runs, and stops', async () => {
    const it = await service(['say starting', 'hear'], { ReadyMs: 1000 });
    await it.start();
    await it.logged('out starting');
    await it.runs();
    await it.stop();
    expect(await it.heard()).toBe('end\n');
  });

  test.for([
    ['a program that is not there', { Program: 'missing.exe' }, /event 1004 error .*\(2\)/],
    ['a program outside of its folder', { Program: '..\\node.exe' }, /event 1004 error Program: .*\(123\)/],
    ['a relative folder', { Folder: 'somewhere' }, /event 1004 error Folder: .*\(161\)/],
    ['two places at once', { Versions: 'C:\\versions' }, /event 1004 error either Versions or Folder: .*\(87\)/],
  ] as const)('%s is said, and the service runs', async ([, values, said]) => {
    const it = await service([], values);
    await it.start();
    await it.runs();
    expect(await it.logged('event 1004')).toMatch(said);
    await it.stop();
  });

  /** What lies beside the data folder because it was not believed. */
  const setAside = async (it: Service) => (await readdir(it.dir)).filter((name) => /^data\.untrusted-\d{8}T\d{6}Z$/.test(name));

  test.for([
    ['a data folder that others may write in', 'data can be written in by others', async (data: string) => chmod(data, 0o777)],
    [
      'a link in the data folder',
      'data\\host is a link',
      async (data: string) => {
        await mkdir(`${data} of a user`);
        await symlink(`${data} of a user`, join(data, 'host'));
      },
    ],
  ] as const)('%s is moved away before anything of it is read or written, and made anew', async ([, why, prepare]) => {
    const it = await service(['say @kanade ready', 'hear', 'exit 0']);
    const data = join(it.dir, 'data');
    await mkdir(data);
    await prepare(data);
    await it.start();
    await it.runs();
    const [aside] = await setAside(it);
    const log = await it.logged('@kanade ready');
    expect(log).toContain(`host event 1018 error ${it.windowsDir}\\${why}`);
    expect(log).toContain(`the folder is now ${it.windowsDir}\\${aside}, and nothing in it counts\r\n`);
    // Where the link led nothing was written.
    expect(existsSync(`${data} of a user`) ? await readdir(`${data} of a user`) : []).toEqual([]);
    await it.stop();
    // It is the service's own now: the next start believes it.
    await it.start();
    await it.logged('event 1000 info the service has started', 2);
    await it.stop();
    expect(await setAside(it)).toEqual([aside]);
  });

  test('a data folder that is not believed and cannot be moved away is left alone, and nothing runs until it can be', async () => {
    const it = await service(['say @kanade ready', 'hear', 'exit 0']);
    const data = join(it.dir, 'data');
    await mkdir(data);
    await chmod(data, 0o777);
    const holder = wine.start('cmd', '/c', `cd /d ${it.windowsDir}\\data & echo held>held & pause`);
    await until('it is held', async () => existsSync(join(data, 'held')));
    await it.start();
    await it.runs();
    expect(await readdir(data)).toEqual(['held']);
    expect(await wine.processesWith(`${it.windowsDir}\\node.exe`)).toEqual([]);
    holder.tell(undefined);
    await holder.done;
    await it.logged('@kanade ready');
    expect(await readdir(join(it.dir, ...(await setAside(it))))).toEqual(['held']);
    await it.stop();
  });

  test('only what SYSTEM, Administrators or its own account have made is believed, and only where nobody else may write', async () => {
    const answers = new Map([
      ['folder', 'believed'],
      ['folder there folder ours', 'believed'],
      ['folder there folder ours open', 'can be written in by others than SYSTEM and Administrators'],
      ['folder there folder', 'belongs to somebody else than SYSTEM or Administrators'],
      ['folder there folder link ours', 'is a link'],
      ['folder there ours', 'is no folder'],
      ['folder there hidden', 'cannot be looked at'],
      // What lies in a folder of ours is as open as that.
      ['part there ours open', 'believed'],
      ['part', 'believed'],
      ['part there', 'belongs to somebody else than SYSTEM or Administrators'],
      ['part there link ours', 'is a link'],
      ['part there hidden', 'cannot be looked at'],
      // To read and execute; the same of any object; to write, to make files, to delete, to change the rights, all.
      ['entry 0 1200a9 theirs', 'believed'],
      ['entry 0 a0000000 theirs', 'believed'],
      ['entry 0 2 theirs', 'opens'],
      ['entry 0 4 theirs', 'opens'],
      ['entry 0 10000 theirs', 'opens'],
      ['entry 0 40000 theirs', 'opens'],
      ['entry 0 80000 theirs', 'opens'],
      ['entry 0 40000000 theirs', 'opens'],
      ['entry 0 1f01ff ours', 'believed'],
      ['entry 1 1f01ff theirs', 'believed'],
      // With a condition.
      ['entry 9 1200a9 theirs', 'opens'],
    ]);
    const process = wine.start(programs.trustTable);
    process.tell([...answers.keys()].join('\n'));
    process.tell(undefined);
    const said = (await process.done).stdout.trimEnd().split(/\r?\n/);
    expect(Object.fromEntries([...answers.keys()].map((line, i) => [line, said[i]]))).toEqual(Object.fromEntries(answers));
  });

  test('the program ends when the service itself is killed', async () => {
    const it = await service(['say @kanade ready', 'hang']);
    await it.start();
    await it.runs();
    const program = await wine.processesWith(`${it.windowsDir}\\`);
    expect(program).toHaveLength(1);
    const [host] = await wine.processesWith(`C:\\host of ${it.name}\\`);
    process.kill(host!, 'SIGKILL');
    await until('the program has ended', async () => (await wine.processesWith(`${it.windowsDir}\\`)).length === 0);
  });

  test('events reach the Event Log with their text; what is none is a line like any other', async () => {
    const lines = [
      'say @kanade event 1030 info scrípt started',
      'say @kanade event 999 info x',
      'say @kanade nonsense',
      'say @kanade ready',
      'hear',
    ];
    const it = await service(lines);
    await it.start();
    const log = await it.logged('@kanade ready');
    expect(log).toContain(' host event 1030 info scrípt started\r\n');
    expect(log).toContain(' out @kanade event 999 info x\r\n');
    expect(log).toContain(' out @kanade nonsense\r\n');
    await it.stop();
  });

  test('the log is bounded, and a line without an end is cut', async () => {
    const it = await service(['fill 200000', 'say @kanade ready', 'hear'], { LogBytes: 50_000 });
    await it.start();
    await it.runs();
    await it.logged('@kanade ready');
    await it.stop();
    const older = await readFile(join(it.dir, 'data', 'host', 'log', `${it.name}.log.1`), 'utf8');
    expect(older.length).toBeLessThanOrEqual(51_000);
    expect((await it.log()).length).toBeLessThanOrEqual(51_000);
  });

  test('a log that cannot be changed for another, because somebody holds it, loses lines rather than fill the disk', async () => {
    const it = await service(['fill 200000', 'say @kanade ready', 'hear'], { LogBytes: 50_000 });
    await mkdir(join(it.dir, 'data', 'host', 'log', `${it.name}.log.1`), { recursive: true });
    await it.start();
    await it.runs();
    await it.stop();
    expect((await it.log()).length).toBeGreaterThan(60_000);
    expect((await it.log()).length).toBeLessThanOrEqual(110_000);
  });

  const OLD = ['say @kanade ready', 'say @kanade healthy connected', 'await FOLDER\\go', 'say @kanade update 1.10.0', 'exit 0'];

  /** 1.9.0 runs, and has said that 1.10.0 is there. */
  async function updated(plan: string[]): Promise<Service> {
    const it = await service(undefined);
    await it.version('1.9.0', OLD);
    await it.start();
    await it.logged('healthy connected');
    await it.version('1.10.0', plan);
    await writeFile(join(it.dir, 'go'), '');
    await it.logged('event 1010 info version 1.10.0 runs for the first time; before it ran 1.9.0');
    await rm(join(it.dir, 'go'));
    return it;
  }

  test('an update that works is kept', async () => {
    const it = await updated(['say @kanade ready', 'say @kanade healthy connected', 'hear', 'exit 0']);
    await it.logged('event 1011 info version 1.10.0 works');
    await it.stop();
    expect(await it.hostState()).toMatch(/^current 1\.10\.0\nprevious 1\.9\.0\ntrial 0\nmust-connect 0\ncrashes 0\ncontact \d+\n$/);
  });

  test('an update that crashes three times is taken back and not tried again, also after the next start of the service', async () => {
    const it = await updated(['exit 9']);
    await it.logged('event 1012 error version 1.10.0 crashed again and again: 1.9.0 runs again');
    expect((await it.log()).split('with code 9').length - 1).toBe(3);
    await it.logged('healthy connected', 2);
    expect(await it.hostState()).toMatch(/^current 1\.9\.0\nprevious \ntrial 0\n(?:.*\n)*barred 1\.10\.0\n$/);
    await it.stop();
    await it.start();
    await it.logged('healthy connected', 3);
    // The agent says that it lies there: it knows of a reason to try it again.
    await writeFile(join(it.dir, 'go'), '');
    await it.logged('event 1010 info version 1.10.0 runs for the first time', 2);
    await it.stop();
  });

  test('when it was last connected is remembered of a program that is not any more', async () => {
    const it = await service(undefined);
    await it.version('1.0.0', ['say @kanade ready', 'say @kanade healthy connected', 'await FOLDER\\go', 'say @kanade unproven', 'hear']);
    await it.start();
    await it.logged('healthy connected');
    const since = Math.floor(Date.now() / 1000) + 2;
    while (Date.now() / 1000 < since) await sleep(100);
    await writeFile(join(it.dir, 'go'), '');
    await it.logged('unproven');
    await it.stop();
    expect(Number(/contact (\d+)/.exec(await it.hostState())?.[1])).toBeGreaterThanOrEqual(since);
  });

  test('an update that does not start in time is taken back', async () => {
    const it = await updated(['hang']);
    await it.logged('event 1012 error version 1.10.0 did not start in time');
    await it.logged('healthy connected', 2);
    await it.stop();
  });

  test('an update that cannot connect where the one before it could is taken back', async () => {
    const it = await updated(['say @kanade ready', 'say @kanade healthy offline', 'hear']);
    await it.logged('event 1012 error version 1.10.0 cannot connect');
    await it.logged('healthy connected', 2);
    await it.stop();
  });

  test('an update in a network that is down is kept until somebody can tell', async () => {
    const it = await updated([
      'say @kanade ready',
      'say @kanade unproven',
      'sleep 6000',
      'say later',
      'await FOLDER\\up',
      'say @kanade healthy connected',
      'hear',
    ]);
    await it.logged('out later');
    expect(await it.hostState()).toContain('trial 1\n');
    await writeFile(join(it.dir, 'up'), '');
    await it.logged('event 1011 info version 1.10.0 works');
    await it.stop();
  });

  test('a version that is not whole is none', async () => {
    const it = await service(undefined);
    await it.version('1.0.0', ['say @kanade ready', 'say one', 'hear']);
    await it.version('2.0.0', ['say @kanade ready', 'say two', 'hear']);
    await rm(join(it.dir, '2.0.0', 'release.json'));
    await it.version('3.0.0-beta', ['say @kanade ready', 'say three', 'hear']);
    await it.start();
    await it.logged(' out one');
    await it.stop();
  });
});
