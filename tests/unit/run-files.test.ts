import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { invocation } from '#core/agent/run/invocation.ts';
import { jobFile } from '#core/agent/run/job-file.ts';
import { makeRunFolder, readPidRecord, removeRunFolder, writePidRecord } from '#core/agent/run/run-folder.ts';
import type { ScriptRequest } from '#core/agent/run/script.ts';
import { scriptEnv } from '#core/agent/run/script-env.ts';
import { powershellFile } from '#core/agent/run/script-file.ts';
import { parseWrapperReport } from '#core/agent/run/wrapper-report.ts';

const request: ScriptRequest = { resultId: 'r1', shell: 'pwsh', script: Buffer.from('x'), timeoutMs: 1000, runAs: 'system' };

test('a PowerShell script gets a byte order mark unless it has one or is signed', () => {
  expect(Buffer.from(powershellFile(Buffer.from('é'))).toString()).toBe('\ufeffé');
  expect(Buffer.from(powershellFile(Buffer.from('\ufeffé'))).toString()).toBe('\ufeffé');
  expect(Buffer.from(powershellFile(new Uint8Array())).toString()).toBe('\ufeff');
  const signed = Buffer.from("'x'\r\n# SIG # Begin signature block\r\n");
  expect(powershellFile(signed)).toEqual(signed);
});

test('a job file is ASCII and says the type of each value', () => {
  const args = ['é\n\u007f', 1, 2 ** 31, 0.5, -0, 1e300, true, null, ['x', []], { 'k"': [1] }];
  const bytes = Buffer.from(jobFile({ args, params: {}, failOnNative: true }));
  expect(bytes.every((byte) => byte < 0x7f)).toBe(true);
  expect(JSON.parse(bytes.toString())).toEqual({
    args: [
      'a',
      's:é\n\u007f',
      'i:1',
      'l:2147483648',
      'd:0.5',
      'd:-0',
      'd:1e+300',
      true,
      null,
      ['a', 's:x', ['a']],
      ['o', 's:k"', ['a', 'i:1']],
    ],
    params: ['o'],
    failOnNative: true,
  });
});

test('PowerShell is given the wrapper and what the platform says of the policy, and nothing of the script', async () => {
  const { args, files } = await invocation({ ...request, args: ['$(evil)'] }, '/data/run/r1', ['-ExecutionPolicy', 'Bypass']);
  const start = ['-NoLogo', '-NoProfile', '-NonInteractive', '-ExecutionPolicy', 'Bypass', '-File'];
  expect(args).toEqual([...start, join('/data/run/r1', 'wrapper.ps1'), '-Job', '/data/run/r1']);
  expect([...files.keys()].sort()).toEqual(['job.json', 'script.ps1', 'wrapper.ps1']);
});

test('cmd gets the path in quotes that no character in it can end', async () => {
  const { args, files, verbatim } = await invocation({ ...request, shell: 'cmd' }, '/a & b/r1', []);
  expect(args).toEqual(['/d', '/s', '/c', `""${join('/a & b/r1', 'script.cmd')}""`]);
  expect(verbatim).toBe(true);
  expect(files.get('script.cmd')).toBe(request.script);
});

test('on Windows the names of variables are the same whatever their case', () => {
  const own = { Path: 'C:\\x', Kanade_Nats: 'x', node_options: 'x', PSModulePath: 'C:\\of another edition', Temp: 'C:\\t' };
  expect(scriptEnv(own, { ...request, env: { PATH: 'D:\\y' } }, true)).toEqual({
    PATH: 'D:\\y',
    Temp: 'C:\\t',
    NO_COLOR: '1',
    KANADE_RESULT_ID: 'r1',
  });
  expect(scriptEnv({ Path: '1' }, { ...request, shell: 'sh', env: { PATH: '2', KANADE_RESULT_ID: 'mine' } }, false)).toEqual({
    Path: '1',
    PATH: '2',
    KANADE_RESULT_ID: 'r1',
  });
});

test('the record of a process is read back; half of one is none', async () => {
  const warnings: string[] = [];
  const log = { warn: (_: object, message: string) => void warnings.push(message) };
  const dir = await mkdtemp(join(tmpdir(), 'kanade-'));
  try {
    const folder = join(dir, 'run', 'r1');
    expect(await readPidRecord(folder)).toBeUndefined();
    await makeRunFolder(folder, new Map([['pid.json', Buffer.from('{"pid":1')]]));
    expect(await readPidRecord(folder)).toBeUndefined();
    await writePidRecord(folder, { pid: 7, start: 'boot/9' });
    expect(await readPidRecord(folder)).toEqual({ pid: 7, start: 'boot/9' });
    await writePidRecord(folder, { pid: 7, start: null });
    expect(await readPidRecord(folder)).toBeUndefined();
    await removeRunFolder(folder, log);
    await removeRunFolder(folder, log);
    expect(await readPidRecord(folder)).toBeUndefined();
    expect(warnings).toEqual([]);
  } finally {
    await rm(dir, { recursive: true });
  }
});

test('what the wrapper reports is read with or without a mark; a broken report is none', () => {
  const record = { message: 'm', category: '', exception_type: 'T' };
  const report = JSON.stringify({ language_mode: 'FullLanguage', error_record: record });
  expect(parseWrapperReport(`\ufeff${report}\r\n`)).toEqual({
    language_mode: 'FullLanguage',
    error_record: { message: 'm', exception_type: 'T' },
  });
  expect(parseWrapperReport('{"language_mode":"FullLanguage"}')).toEqual({ language_mode: 'FullLanguage' });
  expect(parseWrapperReport(report.slice(0, 20))).toBeUndefined();
  expect(parseWrapperReport('{}')).toBeUndefined();
});
