import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { jobFile } from '#core/agent/run/job-file.ts';
import { parseWrapperReport } from '#core/agent/run/wrapper-report.ts';
import { PWSH } from '#tests/support/pwsh.ts';
import { ScriptRunner, said, text } from '#tests/support/script-runner.ts';

const pwsh = { shell: 'pwsh' } as const;

describe.skipIf(PWSH === undefined)('PowerShell', () => {
  test('output, errors and messages come as plain text in UTF-8', async () => {
    await using runner = await ScriptRunner.create();
    const outcome = await runner.run(
      "'日本語 é'; Write-Warning careful; Write-Host \"`u{1F600}\"; Write-Error oops; Write-Progress x; 'last'",
      pwsh,
    );
    expect(outcome).toMatchObject({ outcome: 'succeeded', exitCode: 0 });
    expect(text(outcome.stdout)).toBe('日本語 é\nWARNING: careful\n😀\nlast\n');
    expect(text(outcome.stderr)).toContain('oops');
    expect(text(outcome.stderr)).not.toContain('\u001b');
    expect(outcome.errorRecord).toBeUndefined();
    expect(runner.warnings).toEqual([]);
  });

  test.each([
    ['', 0],
    ['exit 7', 7],
    ["'x'; exit 255", 255],
    ["Write-Error oops; 'x'", 0],
    ['& /bin/sh -c "exit 5"', 0],
    ['& /bin/sh -c "exit 5"; exit $LASTEXITCODE', 5],
    ['& /bin/sh -c "exit 5"; exit 0', 0],
    ['$LASTEXITCODE', 0],
  ])('%s exits with %i', async (script, exitCode) => {
    await using runner = await ScriptRunner.create();
    expect(await runner.run(script, pwsh)).toMatchObject({ outcome: exitCode === 0 ? 'succeeded' : 'failed', exitCode });
  });

  test.each([
    ['', 0],
    ['; exit 3', 3],
    ["; throw 'oh no'", 1],
    ['; [Environment]::Exit(4)', 4],
  ])('objects are shown, however soon the script ends behind them%s', async (end, exitCode) => {
    await using runner = await ScriptRunner.create();
    const outcome = await runner.run(`1..2 | ForEach-Object { [pscustomobject] @{ Name = "n$_"; Size = $_ } }${end}`, pwsh);
    expect(outcome).toMatchObject({ exitCode });
    // What ends the whole process leaves nobody to show anything.
    if (exitCode !== 4) expect(text(outcome.stdout).replace(/ +/g, ' ').trim()).toBe('Name Size\n---- ----\nn1 1\nn2 2');
  });

  test('the exit code of a program counts when that is asked for', async () => {
    await using runner = await ScriptRunner.create();
    const outcome = await runner.run("& /bin/sh -c 'exit 5'; 'after'", { ...pwsh, failOnNative: true });
    expect(outcome).toMatchObject({ outcome: 'failed', exitCode: 5 });
  });

  test('an error that ends the script is told in full, and no list of good exit codes hides it', async () => {
    await using runner = await ScriptRunner.create();
    const outcome = await runner.run("'before'\nthrow [System.ArgumentException]::new('日本 \"quoted\"')", {
      ...pwsh,
      successExitCodes: [0, 1],
    });
    expect(outcome).toMatchObject({ outcome: 'failed', exitCode: 1 });
    expect(outcome.reason).toBeUndefined();
    expect(outcome.errorRecord).toMatchObject({
      message: '日本 "quoted"',
      fully_qualified_error_id: '日本 "quoted"',
      category: 'OperationStopped',
      exception_type: 'System.ArgumentException',
      script_stack_trace: expect.stringContaining('script.ps1: line 2'),
      position: expect.stringContaining('script.ps1:2'),
    });
    expect(text(outcome.stdout)).toBe('before\n');
    expect(text(outcome.stderr)).toContain('日本');
  });

  test('an error that PowerShell would pass over by itself ends the script', async () => {
    await using runner = await ScriptRunner.create();
    const outcome = await runner.run("1/0; 'after'", pwsh);
    expect(outcome).toMatchObject({
      outcome: 'failed',
      exitCode: 1,
      errorRecord: { fully_qualified_error_id: 'RuntimeException' },
    });
    expect(await runner.run("try { 1/0 } catch { 'caught' }", pwsh)).toMatchObject({ outcome: 'succeeded', exitCode: 0 });
  });

  test('a script that cannot be parsed fails and says where', async () => {
    await using runner = await ScriptRunner.create();
    const outcome = await runner.run("'before'\nif (", pwsh);
    expect(outcome).toMatchObject({ outcome: 'failed', exitCode: 1 });
    expect(outcome.errorRecord?.message).toContain('script.ps1:2');
    expect(text(outcome.stdout)).toBe('');
  });

  const show = `
    function Show($Value) {
      if ($null -eq $Value) { return 'null' }
      if ($Value -is [array]) { return '[' + (@(foreach ($item in $Value) { Show $item }) -join ',') + ']' }
      if ($Value -is [hashtable]) { return '{' + (@(foreach ($k in $Value.Keys | Sort-Object) { "$k=" + (Show $Value[$k]) }) -join ',') + '}' }
      return $Value.GetType().Name + ':' + [System.Convert]::ToString($Value, [cultureinfo]::InvariantCulture)
    }
  `;

  const arguments_: [unknown, string][] = [
    ['it\'s "quoted" $(Get-Date) `n $env:HOME %PATH% @a', 'String:it\'s "quoted" $(Get-Date) `n $env:HOME %PATH% @a'],
    ['two\r\nlines\ttab', 'String:two\r\nlines\ttab'],
    ['日本語 😀 \u2018curly\u2019', 'String:日本語 😀 \u2018curly\u2019'],
    ['2024-01-02T03:04:05Z', 'String:2024-01-02T03:04:05Z'],
    ['/Date(0)/', 'String:/Date(0)/'],
    ['-Name', 'String:-Name'],
    ['-Name:', 'String:-Name:'],
    ['', 'String:'],
    ['true', 'String:true'],
    [true, 'Boolean:True'],
    [false, 'Boolean:False'],
    [null, 'null'],
    [5, 'Int32:5'],
    [-2147483648, 'Int32:-2147483648'],
    [5_000_000_000, 'Int64:5000000000'],
    [1.5, 'Double:1.5'],
    [1e300, 'Double:1E+300'],
    [[], '[]'],
    [[1], '[Int32:1]'],
    [[[]], '[[]]'],
    [[[1], ['a', [null]]], '[[Int32:1],[String:a,[null]]]'],
    [{}, '{}'],
    [{ a: [1], b: { c: null, '': 'x' } }, '{a=[Int32:1],b={=String:x,c=null}}'],
  ];
  const shown = arguments_.map(([, text]) => `${text}\n`).join('');

  test('arguments arrive as they are, by position', async () => {
    await using runner = await ScriptRunner.create();
    const script = `${show}\nforeach ($value in $args) { Show $value }`;
    const outcome = await runner.run(script, { ...pwsh, args: arguments_.map(([value]) => value) });
    expect(text(outcome.stderr)).toBe('');
    expect(text(outcome.stdout)).toBe(shown);
  });

  test('arguments arrive as they are, by name', async () => {
    await using runner = await ScriptRunner.create();
    const names = arguments_.map((_, i) => `$V${i}`);
    const script = `param(${names})\n${show}\n${names.map((name) => `Show ${name}`).join('\n')}`;
    const params = Object.fromEntries(arguments_.map(([value], i) => [`V${i}`, value]));
    const outcome = await runner.run(script, { ...pwsh, params });
    expect(text(outcome.stderr)).toBe('');
    expect(text(outcome.stdout)).toBe(shown);
  });

  test('text that looks like the name of a parameter is an argument, and a parameter that is not there an error', async () => {
    await using runner = await ScriptRunner.create();
    const script = 'param($First, [switch] $Second) "$First $Second $($args.Count)"';
    const both = await runner.run(script, { ...pwsh, args: ['-Second'], params: { Second: true } });
    expect(text(both.stdout)).toBe('-Second True 0\n');
    const unknown = await runner.run(`[CmdletBinding()]${script.replace(' $($args.Count)', '')}`, { ...pwsh, params: { Third: 1 } });
    expect(unknown).toMatchObject({ outcome: 'failed', errorRecord: { fully_qualified_error_id: 'NamedParameterNotFound,script.ps1' } });
  });

  test('a script sees nothing of the wrapper', async () => {
    await using runner = await ScriptRunner.create();
    const script =
      "(Get-Variable | Where-Object Name -like '*Kanade*').Name; $Job; (Get-Command *Kanade* -CommandType Function).Name; $Error.Count";
    expect(text((await runner.run(script, pwsh)).stdout)).toBe('0\n');
  });

  test('a script without a byte order mark gets one, a signed one stays byte for byte', async () => {
    await using runner = await ScriptRunner.create();
    const source = "[System.IO.File]::ReadAllBytes($PSCommandPath).Length; '日本'\n";
    const plain = await runner.run(source, pwsh);
    expect(text(plain.stdout)).toBe(`${Buffer.byteLength(source) + 3}\n日本\n`);
    const signed = `${source}# SIG # Begin signature block\r\n# MIIx\r\n# SIG # End signature block\r\n`;
    expect(text((await runner.run(signed, pwsh)).stdout)).toBe(`${Buffer.byteLength(signed)}\n日本\n`);
  });

  test('a script of 1,000,000 bytes runs', async () => {
    await using runner = await ScriptRunner.create();
    const end = "\n'the end'\n";
    expect(text((await runner.run(`#${'x'.repeat(1_000_000 - 1 - end.length)}${end}`, pwsh)).stdout)).toBe('the end\n');
  });

  test('what Constrained Language Mode forbids is named so', async () => {
    await using runner = await ScriptRunner.create();
    const constrained = "$ExecutionContext.SessionState.LanguageMode = 'ConstrainedLanguage'\n";
    const failed = { outcome: 'failed', reason: 'constrained_language', exitCode: 1 };
    expect(await runner.run(`${constrained}[System.Net.WebClient]::new()`, pwsh)).toMatchObject(failed);
    expect(await runner.run(`${constrained}$ExecutionContext.GetType()`, pwsh)).toMatchObject(failed);
    const allowed = await runner.run(`${constrained}Get-Date | Out-Null; throw 'its own'`, pwsh);
    expect(allowed).toMatchObject({ outcome: 'failed', errorRecord: { message: 'its own' } });
    expect(allowed.reason).toBeUndefined();
  });

  test('a script that the execution policy refuses is named so', async () => {
    await using runner = await ScriptRunner.create();
    // There is no policy on Linux: the same error record as Windows makes.
    const script = `
      $refusal = [System.Management.Automation.PSSecurityException]::new('x.ps1 is not digitally signed')
      $record = [System.Management.Automation.ErrorRecord]::new($refusal, 'UnauthorizedAccess', 'SecurityError', $null)
      function Invoke-Refused { [CmdletBinding()]param() $PSCmdlet.ThrowTerminatingError($record) }
      Invoke-Refused`;
    expect(await runner.run(script, pwsh)).toMatchObject({
      outcome: 'failed',
      reason: 'execution_policy',
      errorRecord: { category: 'SecurityError', exception_type: 'System.Management.Automation.PSSecurityException' },
    });
  });

  test('a script that ends its host, or is ended with it, is judged by the exit code', async () => {
    await using runner = await ScriptRunner.create();
    expect(await runner.run('[System.Environment]::Exit(12)', pwsh)).toMatchObject({ outcome: 'failed', exitCode: 12 });
    expect(await runner.run('Stop-Process -Id $PID', pwsh)).toMatchObject({ outcome: 'failed', reason: 'signal', exitCode: null });
  });

  test('a script that waits for input gets none', async () => {
    await using runner = await ScriptRunner.create();
    const outcome = await runner.run("Read-Host 'name'; 'after'", pwsh);
    expect(outcome).toMatchObject({ outcome: 'failed', exitCode: 1, errorRecord: { message: expect.stringContaining('NonInteractive') } });
  });

  test('its whole tree is ended with it', async () => {
    await using runner = await ScriptRunner.create();
    const resultId = runner.nextId();
    const script = await runner.start("$p = Start-Process /bin/sleep 300 -PassThru; 'ready'; Start-Sleep 300", { ...pwsh, resultId });
    await said(script, 'ready');
    expect(await runner.alive(resultId)).toBe(2);
    script.kill('cancelled');
    expect(await script.done).toMatchObject({ outcome: 'killed', reason: 'cancelled' });
    expect(await runner.alive(resultId)).toBe(0);
  });

  test('the wrapper itself works in Constrained Language Mode', async () => {
    const dir = await mkdtemp(join(tmpdir(), 'kanade clm '));
    try {
      await copyFile(new URL('../../core/agent/run/wrapper.ps1', import.meta.url), join(dir, 'wrapper.ps1'));
      await writeFile(
        join(dir, 'job.json'),
        jobFile({ args: ['日本 $(x)', [], { a: 5_000_000_000 }], params: { Named: 1.5 }, failOnNative: false }),
      );
      await writeFile(
        join(dir, 'script.ps1'),
        '\ufeffparam($Text, $List, $Table, $Named) $Text; $List.Count; $Table.a; $Named; [System.Net.WebClient]::new()',
      );
      const command = `$ExecutionContext.SessionState.LanguageMode = 'ConstrainedLanguage'; & '${dir}/wrapper.ps1' -Job '${dir}'`;
      const child = spawn(PWSH!, ['-NoLogo', '-NoProfile', '-NonInteractive', '-Command', command], {
        env: { ...process.env, NO_COLOR: '1' },
      });
      const out: Buffer[] = [];
      child.stdout.on('data', (bytes) => out.push(bytes));
      const [code] = await once(child, 'close');
      expect(Buffer.concat(out).toString()).toBe('日本 $(x)\n0\n5000000000\n1.5\n');
      expect(code).toBe(1);
      expect(parseWrapperReport(await readFile(join(dir, 'result.json'), 'utf8'))).toMatchObject({
        language_mode: 'ConstrainedLanguage',
        error_record: { fully_qualified_error_id: 'CannotCreateTypeConstrainedLanguage' },
      });
    } finally {
      await rm(dir, { recursive: true });
    }
  });

  test('the wrapper holds nothing but ASCII', async () => {
    expect(await readFile(new URL('../../core/agent/run/wrapper.ps1', import.meta.url), 'latin1')).toMatch(/^[\n -~]*$/);
  });
});
