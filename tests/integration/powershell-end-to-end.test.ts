import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Json, TestKanade } from '#tests/support/kanade.ts';
import { PWSH } from '#tests/support/pwsh.ts';
import { aliveUnder } from '#tests/support/script-processes.ts';
import { until } from '#tests/support/until.ts';

const FINAL = ['succeeded', 'failed', 'timed_out', 'killed', 'unknown', 'skipped'];
const sha256 = (text: string) => createHash('sha256').update(text).digest('hex').toUpperCase();

describe.skipIf(PWSH === undefined)('PowerShell, over the API', () => {
  let kanade: TestKanade;

  beforeAll(async () => {
    kanade = await TestKanade.start();
    await kanade.readyAgent('pc1');
  });
  afterAll(() => kanade[Symbol.asyncDispose]());

  async function resultOf(exec: string): Promise<Json> {
    const { result_id: id, state } = await kanade.backend.inState(exec, 'pc1', ...FINAL);
    return { ...(await kanade.backend.get(`/results/${id}`)), state };
  }

  async function run(script: string, more: object = {}): Promise<Json> {
    return resultOf(await kanade.backend.submit({ shell: 'pwsh', script, target: { pcs: ['PC1'] }, ...more }));
  }

  const SHOW = `
    function Show($Value) {
      if ($null -eq $Value) { return 'null' }
      if ($Value -is [array]) { return '[' + (@(foreach ($item in $Value) { Show $item }) -join ',') + ']' }
      if ($Value -is [hashtable]) { return '{' + (@(foreach ($k in $Value.Keys | Sort-Object) { "$k=" + (Show $Value[$k]) }) -join ',') + '}' }
      return $Value.GetType().Name + ':' + [System.Convert]::ToString($Value, [cultureinfo]::InvariantCulture)
    }`;
  const VALUES: [unknown, string][] = [
    [`it's "quoted" $(Get-Date) \`n $env:HOME %PATH% @a; exit 9`, `String:it's "quoted" $(Get-Date) \`n $env:HOME %PATH% @a; exit 9`],
    ['two\r\nlines\n\ttab', 'String:two\r\nlines\n\ttab'],
    ['日本語 😀 \u2018curly\u2019 \u2028', 'String:日本語 😀 \u2018curly\u2019 \u2028'],
    ['2024-01-02T03:04:05Z', 'String:2024-01-02T03:04:05Z'],
    ['/Date(0)/', 'String:/Date(0)/'],
    ['-Verbose', 'String:-Verbose'],
    ['', 'String:'],
    ['true', 'String:true'],
    [true, 'Boolean:True'],
    [false, 'Boolean:False'],
    [null, 'null'],
    [42, 'Int32:42'],
    [5_000_000_000, 'Int64:5000000000'],
    [-1.5, 'Double:-1.5'],
    [[], '[]'],
    [[[1], ['a', [null, true]]], '[[Int32:1],[String:a,[null,Boolean:True]]]'],
    [{}, '{}'],
    [{ a: [{ b: null }], c: '2024-01-02' }, '{a=[{b=null}],c=String:2024-01-02}'],
  ];
  const shown = VALUES.map(([, text]) => `${text}\n`).join('');

  test('arguments arrive as they are, by position and by name', async () => {
    const byPosition = await run(`${SHOW}\nforeach ($value in $args) { Show $value }`, { args: VALUES.map(([value]) => value) });
    expect(byPosition).toMatchObject({ state: 'succeeded', stderr: '', stdout: shown });
    const names = VALUES.map((_, i) => `$V${i}`);
    const params = Object.fromEntries(VALUES.map(([value], i) => [`V${i}`, value]));
    const byName = await run(`param(${names})\n${SHOW}\n${names.map((name) => `Show ${name}`).join('\n')}`, { params });
    expect(byName).toMatchObject({ state: 'succeeded', stderr: '', stdout: shown });
    const both = await run('param([string] $First, [switch] $Force, [string[]] $Names) "$First $Force $($Names -join "+")"', {
      args: ['-x'],
      params: { Force: true, Names: ['a', 'b c'] },
    });
    expect(both.stdout).toBe('-x True a+b c\n');
  });

  test('the parameters of a job come with the execution', async () => {
    const script = 'param($Name, [switch] $Loud) "hello $Name $Loud"';
    await kanade.backend.call('PUT', '/jobs/hello', { id: 'hello', version: '1', execute: { shell: 'pwsh', script, timeout: '60s' } });
    const exec = await kanade.backend.submit({
      shell: undefined,
      job_id: 'hello',
      target: { pcs: ['PC1'] },
      params: { Name: 'O\'Brien "x"', Loud: true },
    });
    expect(await resultOf(exec)).toMatchObject({ state: 'succeeded', stdout: 'hello O\'Brien "x" True\n' });
  });

  test('an error that ends the script is told in full', async () => {
    const result = await run("'before'\nthrow [System.ArgumentException]::new('日本 \"quoted\"')", { success_exit_codes: [0, 1] });
    expect(result).toMatchObject({
      state: 'failed',
      exit_code: 1,
      reason: null,
      stdout: 'before\n',
      stderr: expect.stringContaining('日本 "quoted"'),
      error_record: {
        message: '日本 "quoted"',
        category: 'OperationStopped',
        exception_type: 'System.ArgumentException',
        script_stack_trace: expect.stringContaining('line 2'),
        position: expect.stringContaining(':2'),
      },
    });
  });

  test.each([
    ['', { state: 'succeeded', exit_code: 0, stdout: '', error_record: null }],
    [
      "Write-Error 'oops'; 'after'",
      { state: 'succeeded', exit_code: 0, stdout: 'after\n', stderr: expect.stringContaining('oops'), error_record: null },
    ],
    [
      "$ErrorActionPreference = 'Stop'; Write-Error 'oops'; 'after'",
      { state: 'failed', exit_code: 1, stdout: '', error_record: { message: 'oops' } },
    ],
    ['exit 7', { state: 'failed', exit_code: 7, error_record: null }],
    ['& /bin/sh -c "exit 5"', { state: 'succeeded', exit_code: 0 }],
    ['& /bin/sh -c "exit 5"; exit $LASTEXITCODE', { state: 'failed', exit_code: 5 }],
    ['if (', { state: 'failed', exit_code: 1, error_record: { message: expect.stringContaining(':1') } }],
    ['Get-NoSuchThing', { state: 'failed', exit_code: 1, error_record: { fully_qualified_error_id: 'CommandNotFoundException' } }],
  ])('%s ends as it should', async (script, expected) => {
    expect(await run(script)).toMatchObject(expected);
  });

  test('the exit code of a program counts when that is asked for', async () => {
    expect(await run('& /bin/sh -c "exit 5"', { fail_on_native: true })).toMatchObject({ state: 'failed', exit_code: 5 });
  });

  const HASH = '(Get-FileHash -Algorithm SHA256 -LiteralPath $PSCommandPath).Hash';
  const SIGNATURE = '# SIG # Begin signature block\r\n# MIIx+/=\r\n# SIG # End signature block\r\n';

  test.each([
    ['short', `${HASH} # é\r\n\t \r\n${SIGNATURE}`],
    ['with a byte order mark', `\ufeff${HASH}\r\n${SIGNATURE}`],
    ['long enough to lie in blobs', `${HASH}\r\n${'# 日本 \u0001 trailing  \r\n'.repeat(1000)}${SIGNATURE}`],
  ])('a signed script, %s, reaches the shell byte for byte, by itself and as a job', async (name, script) => {
    expect((await run(script)).stdout).toBe(`${sha256(script)}\n`);
    const id = name.replaceAll(' ', '-');
    const put = await kanade.backend.call('PUT', `/jobs/${id}`, { id, version: '1', execute: { shell: 'pwsh', script, timeout: '60s' } });
    expect(put.status).toBe(201);
    const exec = await kanade.backend.submit({ shell: undefined, job_id: id, target: { pcs: ['PC1'] } });
    expect((await resultOf(exec)).stdout).toBe(`${sha256(script)}\n`);
  });

  test('what Constrained Language Mode or the execution policy forbids is named so', async () => {
    const constrained = await run("$ExecutionContext.SessionState.LanguageMode = 'ConstrainedLanguage'\n[System.Net.WebClient]::new()");
    expect(constrained).toMatchObject({
      state: 'failed',
      reason: 'constrained_language',
      exit_code: 1,
      detail: expect.stringContaining('Constrained Language Mode'),
      error_record: { fully_qualified_error_id: 'CannotCreateTypeConstrainedLanguage' },
    });
    // There is no policy on Linux: the same error record as Windows makes.
    const refused = await run(`
      $refusal = [System.Management.Automation.PSSecurityException]::new('x.ps1 is not digitally signed')
      $record = [System.Management.Automation.ErrorRecord]::new($refusal, 'UnauthorizedAccess', 'SecurityError', $null)
      function Invoke-Refused { [CmdletBinding()]param() $PSCmdlet.ThrowTerminatingError($record) }
      Invoke-Refused`);
    expect(refused).toMatchObject({ state: 'failed', reason: 'execution_policy', error_record: { category: 'SecurityError' } });
  });

  test('a script in PowerShell is ended with all it has started', async () => {
    const begun = join(kanade.dir, 'begun');
    const script = `Start-Process /bin/sleep 300; 'begun'; $null > '${begun}'; Start-Sleep 300`;
    const exec = await kanade.backend.submit({ shell: 'pwsh', script, target: { pcs: ['PC1'] } });
    await until('it has begun', () => existsSync(begun));
    await kanade.backend.call('POST', `/executions/${exec}/cancel`);
    const result = await resultOf(exec);
    expect(result).toMatchObject({ state: 'killed', reason: 'cancelled', stdout: 'begun\n' });
    expect(await aliveUnder(result.result_id)).toBe(0);
  });

  test('what a script in PowerShell writes comes as UTF-8, without colours', async () => {
    const result = await run('\'日本語 é\'; Write-Warning careful; Write-Host "`u{1F600}"; Write-Progress x');
    expect(result).toMatchObject({ state: 'succeeded', stdout: '日本語 é\nWARNING: careful\n😀\n', stderr: '' });
  });
});
