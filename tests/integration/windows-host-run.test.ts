import { copyFile, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { until } from '#tests/support/until.ts';
import { windowsPrograms } from '#tests/support/windows-host.ts';
import { HAS_WINE, SET_UP_WITHIN, startWine, type Wine, type WineProcess } from '#tests/support/wine.ts';

let wine: Wine;
let runs = 0;

beforeAll(async () => {
  if (!HAS_WINE) return;
  wine = await startWine();
  const programs = await windowsPrograms();
  await mkdir(join(wine.c, 'kanade here'));
  await copyFile(programs.host, join(wine.c, 'kanade here', 'kanade-host.exe'));
  await copyFile(programs.hostWithSessions, join(wine.c, 'kanade here', 'host-with-sessions.exe'));
  await copyFile(programs.actor, join(wine.c, 'kanade here', 'actor.exe'));
  await copyFile(programs.agent, join(wine.c, 'agent.exe'));
}, SET_UP_WITHIN);
afterAll(() => wine?.[Symbol.asyncDispose]());

const ACTOR = '"C:\\kanade here\\actor.exe"';

interface Run extends WineProcess {
  /** Its folder as Windows has it, in which plans lie. */
  folder: string;
  written(name: string): Promise<string>;
  /** The lines of the report, once one begins like that. */
  reported(begin: string): Promise<string[]>;
  /** Exit code as Windows has it, and all that was written. */
  ended(): Promise<{ code: number; report: string[]; out: string; err: string }>;
}

/** `plans`: files of what the programs do; `main` is the script's. `command`: what follows `run`. */
async function run(
  plans: Record<string, string[]>,
  options: { command?: string; host?: string; env?: NodeJS.ProcessEnv } = {},
): Promise<Run> {
  const name = `run${++runs}`;
  const folder = join(wine.c, name);
  await mkdir(folder);
  const windowsFolder = `C:\\${name}`;
  for (const [plan, lines] of Object.entries(plans))
    await writeFile(join(folder, plan), `${lines.join('\n').replaceAll('FOLDER', windowsFolder)}\n`);
  const rest = options.command ?? `-- ${ACTOR} C:\\${name}\\main`;
  await writeFile(join(folder, 'command'), `kanade-host run ${rest.replaceAll('FOLDER', windowsFolder)}`);
  const host = `C:\\kanade here\\${options.host ?? 'kanade-host.exe'}`;
  const process = wine.startWith(options.env ?? {}, 'C:\\agent.exe', host, windowsFolder);
  const written = (file: string) => readFile(join(folder, file), 'utf8').catch(() => '');
  const lines = async () => (await written('report')).split('\n').slice(0, -1);
  return {
    ...process,
    folder: windowsFolder,
    written,
    reported: (begin) =>
      until(`"${begin}" is reported`, async () => ((await lines()).some((line) => line.startsWith(begin)) ? lines() : undefined)),
    async ended() {
      await process.done;
      return { code: Number(await written('code')), report: await lines(), out: await written('out'), err: await written('err') };
    },
  };
}

describe.skipIf(!HAS_WINE)('kanade-host run', () => {
  test.for([0, 1, 7, 255, 256, 3010, 70000, 0xffffffff, 0xc0000005])('the exit code %d arrives whole', async (code) => {
    const { code: got, report } = await (await run({ main: [`exit ${code}`] })).ended();
    expect(got).toBe(code);
    expect(report).toEqual([expect.stringMatching(/^started \d+$/), `exit ${code} left 0`]);
  });

  test('what the script writes arrives where it went, and its input is empty', async () => {
    const { out, err, code } = await (await run({ main: ['say first', 'err second', 'hear', 'say third', 'exit 4'] })).ended();
    expect({ out, err, code }).toEqual({ out: 'first\nthird\n', err: 'second\n', code: 4 });
  });

  test('arguments arrive as they were written', async () => {
    const rest = 'FOLDER\\main "a b" c\\"d  "e\\\\" \'f\' 日本語 "é -- ^%PATH%^ & | <>" -- run --user all ""';
    const { out } = await (await run({ main: ['args'] }, { command: `--  ${ACTOR}   ${rest}` })).ended();
    expect(out).toBe(`${ACTOR}   ${rest.replace('FOLDER', `C:\\run${runs}`)}\n`);
  });

  test('a lot of output arrives whole', async () => {
    const { out, err } = await (await run({ main: ['fill 20000000', 'say end'] })).ended();
    expect(out.length).toBe(20_000_004);
    expect(err.length).toBe(20_000_000);
  });

  test('`kill` ends the script and all that it started, and says when that is done', async () => {
    const script = await tree();
    script.tell('kill');
    const { code, report } = await script.ended();
    expect(report.at(-1)).toBe(`killed ${code} left 0`);
    expect(await wine.processesWith(`${script.folder}\\`)).toEqual([]);
  });

  test('`end` asks the script as Ctrl+C does; what it started and does not heed it ends with it', async () => {
    const script = await run({ main: ['heed 7', 'spawn FOLDER\\child', 'say ready', 'hang'], child: ['deaf', 'hang'] });
    await until('it listens', () => script.written('out'));
    await until('the child runs', async () => (await wine.processesWith(`${script.folder}\\child`)).length === 1);
    script.tell('end');
    const { code, report, out } = await script.ended();
    expect({ code, last: report.at(-1), out }).toEqual({ code: 7, last: 'killed 7 left 0', out: 'ready\nasked\n' });
    expect(await wine.processesWith(`${script.folder}\\`)).toEqual([]);
  });

  test('one that does not heed it runs on until it is ended', async () => {
    const script = await run({ main: ['deaf', 'say deaf', 'hang'] });
    await until('it is deaf', () => script.written('out'));
    script.tell('end');
    script.tell('kill');
    // ERROR_PROCESS_ABORTED, by which the agent knows that this is no code of the script's own.
    expect((await script.ended()).report.at(-1)).toBe('killed 1067 left 0');
  });

  test('a script whose agent is gone is ended with all that it started', async () => {
    const script = await tree();
    script.tell(undefined);
    const { report } = await script.ended();
    expect(report.at(-1)).toMatch(/^killed \d+ left 0$/);
    await until('nothing of it runs', async () => (await wine.processesWith(`${script.folder}\\`)).length === 0);
  });

  test('a script is ended with all that it started when the one that watches it is killed itself', async () => {
    const script = await tree();
    const [host] = await wine.processesWith(`kanade-host run -- C:\\kanade here\\actor.exe ${script.folder}`);
    process.kill(host!, 'SIGKILL');
    await script.done;
    await until('nothing of it runs', async () => (await wine.processesWith(`${script.folder}\\`)).length === 0);
  });

  test('what a script leaves running lives on when it ends by itself', async () => {
    const script = await run({ main: ['spawn FOLDER\\child', 'sleep 300', 'exit 5'], child: ['hang'] });
    const { code, report } = await script.ended();
    expect({ code, last: report.at(-1) }).toEqual({ code: 5, last: 'exit 5 left 1' });
    const [left, ...more] = await wine.processesWith(`${script.folder}\\child`);
    expect(more).toEqual([]);
    process.kill(left!, 'SIGKILL');
  });

  test('a program that does not exist is reported, with what Windows says', async () => {
    const { code, report } = await (await run({}, { command: '-- "C:\\no such.exe" x' })).ended();
    expect(code).toBe(125);
    expect(report).toEqual([expect.stringMatching(/^failed spawn_failed C:\\no such\.exe: .*\(2\)$/)]);
  });

  test.for([
    ['a name to be searched for', '-- cmd.exe /c echo'],
    ['a relative path', '-- .\\cmd.exe'],
    ['a batch file', '-- C:\\some.cmd'],
    ['no program', '--'],
    ['nothing', ''],
    ['an option without its value', '--user'],
    ['an unknown option', '--shell cmd -- C:\\some.exe'],
    ['an unknown value', '--user none -- C:\\some.exe'],
  ])('%s is refused', async ([, command]) => {
    const { code, report } = await (await run({}, { command: command! })).ended();
    expect({ code, report }).toEqual({ code: 2, report: [expect.stringMatching(/^failed usage /)] });
  });

  test('a line that is no order changes nothing', async () => {
    const script = await run({ main: ['say listening', 'sleep 400', 'say still here', 'hang'] });
    await until('it listens', () => script.written('out'));
    script.tell('nonsense that is longer than any line of ours could be');
    await until('it goes on', async () => (await script.written('out')).includes('still here'));
    script.tell('kill');
    expect((await script.ended()).report.at(-1)).toMatch(/^killed /);
  });

  test('a program that crashes ends, with the code of its exception', async () => {
    const { code } = await (await run({ main: ['crash'] })).ended();
    expect(code).toBe(0xc0000005);
  });

  const asUser = (which: string, sessions: string, more = '') => ({
    command: `--user ${which} --folder FOLDER ${more} -- ${ACTOR} FOLDER\\main`,
    host: 'host-with-sessions.exe',
    env: { KANADE_TEST_SESSIONS: sessions, KEPT: 'for the script', NOT_KEPT: 'for the agent' },
  });

  test('with nobody logged on a script for users is skipped', async () => {
    const { code, report } = await (await run({ main: ['say no'] }, asUser('first', ''))).ended();
    expect({ code, report }).toEqual({ code: 0, report: ['skipped no_user_session'] });
  });

  test('in the first session only, with the environment of the user and the variables that were named', async () => {
    const plan = ['env KEPT', 'env NOT_KEPT', 'env SystemRoot', 'exit 300'];
    const { code, report, out } = await (await run({ main: plan }, asUser('first', '2 3', '--keep KEPT --keep NO_SUCH'))).ended();
    expect(out).toBe('KEPT=for the script\nNOT_KEPT is not set\nSystemRoot=C:\\windows\n');
    expect(report).toEqual([expect.stringMatching(/^session \d+ started \d+$/), expect.stringMatching(/^session \d+ exit 300 left 0$/)]);
    expect(code).toBe(300);
  });

  test('in all sessions at once', async () => {
    const { code, report, out } = await (await run({ main: ['say hello', 'exit 6'] }, asUser('all', '2 3 4'))).ended();
    expect(out).toBe('hello\nhello\nhello\n');
    expect(report.filter((line) => /^session \d+ exit 6 left 0$/.test(line))).toHaveLength(3);
    expect(code).toBe(6);
  });

  test('what a session tells counts for that session alone, and not for ever', async () => {
    const forged = ['session 9 started 1', 'session 9 exit 0 left 0', 'exit 0 left 0', `note ${'x'.repeat(2000)}`];
    const plan = [...forged, ...Array(8).fill(`note ${'y'.repeat(600)}`)].map((line) => `forge ${line}`);
    const { code, report } = await (await run({ main: [...plan, 'exit 6'] }, asUser('all', '2 3'))).ended();
    expect(code).toBe(6);
    expect(report.filter((line) => !/^session [23] /.test(line))).toEqual([]);
    for (const session of [2, 3]) {
      const told = report.filter((line) => line.startsWith(`session ${session} `));
      expect(told.slice(1, 4)).toEqual(forged.slice(0, 3).map((line) => `session ${session} ${line}`));
      expect(told[4]).toBe(`session ${session} ${`note ${'x'.repeat(2000)}`.slice(0, 1024)}`);
      expect(told.join('\n').length).toBeLessThanOrEqual(4096);
    }
  });

  test('in each session a file waits for what that script says of itself, and its name is told to it alone', async () => {
    const script = await run({ main: ['env KANADE_RESULT_FILE', 'exit 0'] }, asUser('all', '2 3'));
    const { out } = await script.ended();
    const files = [2, 3].map((session) => `result-${session}.json`);
    expect(out.trim().split('\n').sort()).toEqual(files.map((file) => `KANADE_RESULT_FILE=${script.folder}\\${file}`));
    for (const file of files) expect(await readFile(join(wine.c, `run${runs}`, file), 'utf8')).toBe('');
  });

  test("a file that is there already is nobody's to be given", async () => {
    const { code, report } = await (await run({ main: ['say no'], 'result-2.json': ['x'] }, asUser('first', '2'))).ended();
    expect({ code, report }).toEqual({ code: 125, report: [expect.stringMatching(/^session 2 failed spawn_failed .*\(80\)$/)] });
  });

  test('a script for users is ended in every session when its agent is gone', async () => {
    const script = await run({ main: ['spawn FOLDER\\child', 'hang'], child: ['hang'] }, asUser('all', '2 3'));
    await until('both run', async () => (await wine.processesWith(`${script.folder}\\child`)).length === 2);
    script.tell(undefined);
    const { report } = await script.ended();
    expect(report.filter((line) => /^session \d+ killed \d+ left 0$/.test(line))).toHaveLength(2);
    expect(await wine.processesWith(`${script.folder}\\`)).toEqual([]);
  });

  test('a program that cannot be started for a user is reported for that session', async () => {
    const command = '--user first -- "C:\\no such.exe"';
    const { code, report } = await (await run({}, { ...asUser('first', '2'), command })).ended();
    expect({ code, report }).toEqual({ code: 125, report: [expect.stringMatching(/^session \d+ failed spawn_failed .*\(2\)$/)] });
  });

  /** A script that has started a child, which has started another; all three run. */
  async function tree(): Promise<Run> {
    const script = await run({ main: ['spawn FOLDER\\child', 'hang'], child: ['spawn FOLDER\\grandchild', 'hang'], grandchild: ['hang'] });
    await until('the grandchild runs', async () => (await wine.processesWith(`${script.folder}\\grandchild`)).length === 1);
    return script;
  }
});
