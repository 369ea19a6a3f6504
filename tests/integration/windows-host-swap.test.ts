import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type WindowsPrograms, windowsPrograms } from '#tests/support/windows-host.ts';
import { HAS_WINE, SET_UP_WITHIN, startWine, type Wine } from '#tests/support/wine.ts';

let wine: Wine;
let programs: WindowsPrograms;

beforeAll(async () => {
  if (!HAS_WINE) return;
  wine = await startWine();
  programs = await windowsPrograms();
}, SET_UP_WITHIN);
afterAll(() => wine?.[Symbol.asyncDispose]());

/** What follows from each line that has an answer. */
async function follow(...lines: string[]): Promise<string[]> {
  const process = wine.start(programs.swapTable);
  process.tell(lines.join('\n'));
  process.tell(undefined);
  const { code, stdout, stderr } = await process.done;
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return stdout.trimEnd().split(/\r?\n/);
}

const TRIAL = ['versions 1.0.0', 'choose 1000', 'contact 990', 'versions 1.0.0 1.1.0', 'choose 1000'];
const IN_TRIAL = ['chosen | 1.0.0 -', 'chosen | 1.1.0 1.0.0 trial must-connect'];

describe.skipIf(!HAS_WINE)('the version that runs', () => {
  test('names of versions are three numbers and nothing else', async () => {
    const good = ['0.0.0', '1.2.3', '10.20.30', '65535.65535.65535'];
    const bad = [
      '',
      '1',
      '1.2',
      '1.2.3.4',
      '01.2.3',
      '1.2.3-rc',
      '1..3',
      '1.2.',
      '65536.0.0',
      '100000.0.0',
      ' 1.2.3',
      '1.2.3 ',
      '-1.2.3',
      '..',
    ];
    const answers = await follow(...[...good, ...bad].map((name) => `is-version ${name}`));
    expect(answers).toEqual([...good.map(() => 'yes'), ...bad.map(() => 'no')]);
  });

  test('the first to be installed is no trial, and nothing is nothing', async () => {
    expect(await follow('choose 1000', 'versions 1.0.0 0.9.0', 'choose 1000')).toEqual(['nothing | - -', 'chosen | 1.0.0 -']);
  });

  test('the highest runs, by number and not by letter', async () => {
    expect(await follow('versions 1.9.0 1.10.0 1.2.30', 'choose 1000')).toEqual(['chosen | 1.10.0 -']);
  });

  test('a newer one is on trial, and has to connect when the last contact was less than five minutes ago', async () => {
    const start = ['versions 1.0.0', 'choose 1000'];
    const then = ['versions 1.0.0 1.1.0', 'choose 1000'];
    expect((await follow(...start, ...then)).at(-1)).toBe('chosen | 1.1.0 1.0.0 trial');
    expect((await follow(...start, 'contact 700', ...then)).at(-1)).toBe('chosen | 1.1.0 1.0.0 trial must-connect');
    expect((await follow(...start, 'contact 699', ...then)).at(-1)).toBe('chosen | 1.1.0 1.0.0 trial');
    // A clock that was set back says little, and the same either way.
    expect((await follow(...start, 'contact 1300', ...then)).at(-1)).toBe('chosen | 1.1.0 1.0.0 trial must-connect');
  });

  test('a repair by an older installer lowers nothing', async () => {
    expect(await follow('versions 1.1.0', 'choose 1000', 'versions 1.0.0 1.1.0', 'choose 1000')).toEqual([
      'chosen | 1.1.0 -',
      'chosen | 1.1.0 -',
    ]);
  });

  test('with the one before it gone, or itself gone, there is no trial', async () => {
    expect(await follow('versions 1.0.0', 'choose 1000', 'versions 1.1.0', 'choose 1000')).toEqual([
      'chosen | 1.0.0 -',
      'chosen | 1.1.0 -',
    ]);
    expect(await follow('versions 1.1.0', 'choose 1000', 'versions 1.0.0', 'choose 1000')).toEqual([
      'chosen | 1.1.0 -',
      'chosen | 1.0.0 -',
    ]);
  });

  test('a trial goes on over a restart', async () => {
    expect(await follow(...TRIAL, 'crash', 'choose 2000', 'crash')).toEqual([
      ...IN_TRIAL,
      'undecided | 1.1.0 1.0.0 trial must-connect',
      'chosen | 1.1.0 1.0.0 trial must-connect',
      'undecided | 1.1.0 1.0.0 trial must-connect',
    ]);
  });

  test('while one is on trial the next one leads back to what was proven', async () => {
    expect(await follow(...TRIAL, 'versions 1.0.0 1.1.0 1.2.0', 'choose 5000')).toEqual([
      ...IN_TRIAL,
      'chosen | 1.2.0 1.0.0 trial must-connect',
    ]);
  });

  test('three crashes are proof; without a trial no number is', async () => {
    expect((await follow(...TRIAL, 'crash', 'crash', 'crash')).at(-1)).toBe('failed | 1.1.0 1.0.0 trial must-connect');
    expect((await follow('versions 1.0.0', 'choose 1', 'crash', 'crash', 'crash')).at(-1)).toBe('undecided | 1.0.0 -');
  });

  test('what failed is barred, and what comes after it is not', async () => {
    expect(await follow(...TRIAL, 'back', 'choose 1000', 'versions 1.0.0 1.1.0 1.2.0', 'choose 1000')).toEqual([
      ...IN_TRIAL,
      'back | 1.0.0 - barred 1.1.0',
      'chosen | 1.0.0 - barred 1.1.0',
      'chosen | 1.2.0 1.0.0 trial must-connect barred 1.1.0',
    ]);
  });

  test('what failed is tried again when it is allowed, and then it is on trial as at first', async () => {
    expect((await follow(...TRIAL, 'back', 'allow 1.1.0', 'choose 1000')).slice(-2)).toEqual([
      'allowed | 1.0.0 -',
      expect.stringContaining('chosen | 1.1.0 1.0.0 trial'),
    ]);
    expect(
      await follow(
        'read current 1.0.0;previous ;trial 0;must-connect 0;crashes 0;contact 0;barred 1.1.0;barred 1.2.0;',
        'allow 1.3.0',
        'allow 1.1.0',
      ),
    ).toEqual(['read | 1.0.0 - barred 1.1.0 1.2.0', 'allowed | 1.0.0 - barred 1.1.0 1.2.0', 'allowed | 1.0.0 - barred 1.2.0']);
  });

  test('with no way back nothing is barred, and a barred one beats none', async () => {
    expect((await follow(...TRIAL, 'versions 1.1.0', 'back')).at(-1)).toBe('no way back | 1.1.0 1.0.0');
    expect((await follow(...TRIAL, 'back', 'versions 1.1.0', 'choose 1000')).at(-1)).toBe('chosen | 1.1.0 - barred 1.1.0');
  });

  test('sixteen are barred at most: the oldest gives way', async () => {
    const lines = ['versions 1.0.0', 'choose 1'];
    for (let i = 1; i <= 17; i++) lines.push(`versions 1.0.0 1.${i}.0`, 'choose 1', 'back');
    const barred = Array.from({ length: 16 }, (_, i) => `1.${i + 2}.0`).join(' ');
    expect((await follow(...lines)).at(-1)).toBe(`back | 1.0.0 - barred ${barred}`);
  });

  test.for([
    ['not ready, in time', true, '', 59_999, 'undecided'],
    ['not ready, too late', true, '', 60_000, 'failed'],
    ['ready, and nothing said yet', true, 'ready', 600_000, 'undecided'],
    ['connected', true, 'ready connected', 1, 'proven'],
    ['cannot connect, for less than a minute', true, 'ready offline', 59_999, 'undecided'],
    ['cannot connect, for a minute', true, 'ready offline', 60_000, 'failed'],
    ['cannot connect, and the one before it could not', false, 'ready offline', 1, 'proven'],
    ['connected before it is ready', true, 'connected', 1, 'undecided'],
  ] as const)('%s', async ([, mustConnect, run, at, verdict]) => {
    const lines = mustConnect ? TRIAL : TRIAL.filter((line) => !line.startsWith('contact'));
    expect((await follow(...lines, `run ${run}`, `judge ${at}`)).at(-1)).toBe(verdict);
  });

  test('time in which the network was down does not count', async () => {
    const lines = [...TRIAL, 'run ready offline', 'offline-counts-from 100000'];
    expect((await follow(...lines, 'judge 159999', 'judge 160000')).slice(-2)).toEqual(['undecided', 'failed']);
  });

  test('without a trial nothing is judged', async () => {
    expect((await follow(...TRIAL, 'keep', 'run', 'judge 900000')).at(-1)).toBe('undecided');
  });

  test('the state is read as it was written', async () => {
    const [, , written] = await follow(...TRIAL, 'write');
    expect(written).toBe('current 1.1.0;previous 1.0.0;trial 1;must-connect 1;crashes 0;contact 990;');
    expect(await follow(`read ${written}barred 0.9.0;barred 0.8.0;`, 'write')).toEqual([
      'read | 1.1.0 1.0.0 trial must-connect barred 0.9.0 0.8.0',
      `${written}barred 0.9.0;barred 0.8.0;`,
    ]);
  });

  test.for([
    '',
    'current 1.1.0',
    'current 1.1.0;',
    'current ..\\evil;previous ;trial 0;must-connect 0;crashes 0;contact 0;',
    'current 1.1.0;previous ;trial 2;must-connect 0;crashes 0;contact 0;',
    'current 1.1.0;previous ;trial 0;must-connect 0;crashes 99;contact 0;',
    'current 1.1.0;previous ;trial 0;must-connect 0;crashes 0;contact -1;',
    'current 1.1.0;previous ;trial 0;must-connect 0;crashes 0;contact 99999999999999999999;',
    'current 1.1.0;previous ;trial 0;must-connect 0;crashes 0;contact 0;barred ;',
    'current 1.1.0;previous ;trial 0;must-connect 0;crashes 0;contact 0;more 1;',
    'previous ;current 1.1.0;trial 0;must-connect 0;crashes 0;contact 0;',
    `current ${'1'.repeat(500)};previous ;trial 0;must-connect 0;crashes 0;contact 0;`,
    `current 1.1.0;previous ;trial 0;must-connect 0;crashes 0;contact 0;${'barred 1.0.0;'.repeat(17)}`,
  ])('a state that is anything else is none: %s', async (text) => {
    expect(await follow(`read ${text}`)).toEqual(['refused | - -']);
  });

  test.for([
    ['@kanade ready', 'ready'],
    ['@kanade ready ', 'bad'],
    ['@kanade healthy connected', 'connected'],
    ['@kanade healthy offline', 'offline'],
    ['@kanade healthy', 'bad'],
    ['@kanade unproven', 'unproven'],
    ['@kanade update 1.2.3', 'update 1.2.3'],
    ['@kanade update 1.2.3 now', 'bad'],
    ['@kanade update ..\\..\\evil', 'bad'],
    ['@kanade event 1000 info one two', 'event 1000 0 one two'],
    ['@kanade event 1099 error x', 'event 1099 2 x'],
    ['@kanade event 1100 info x', 'bad'],
    ['@kanade event 999 info x', 'bad'],
    ['@kanade event 10000 info x', 'bad'],
    ['@kanade event 1000 loud x', 'bad'],
    ['@kanade event 1000 info ', 'bad'],
    ['@kanade event 1000', 'bad'],
    ['@kanade', 'none'],
    ['@kanade ', 'bad'],
    [' @kanade ready', 'none'],
    ['ready', 'none'],
  ] as const)('the program says "%s"', async ([line, meaning]) => {
    expect(await follow(`message ${line}`)).toEqual([meaning]);
  });
});
