import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, test } from 'vitest';
import { linuxProcesses, parseStat } from '#core/agent/platform/linux-processes.ts';
import { processTree } from '#core/agent/platform/platform.ts';
import { parsePs } from '#core/agent/platform/ps-processes.ts';
import { type ProcessRow, treeOf } from '#core/agent/platform/tree-of.ts';
import { codePageLabel, isPolicySet, parseProcesses, parseRegistryValues } from '#core/agent/platform/windows-text.ts';
import { processStart } from '#core/process/process-start.ts';

const row = (pid: number, ppid: number, more: Partial<ProcessRow> = {}): ProcessRow => ({ pid, ppid, start: pid, marked: false, ...more });

test('a tree is the group and session of its root, what is marked, and all their descendants', () => {
  const rows = [
    row(1, 0),
    row(10, 1),
    row(11, 10, { group: 10 }),
    row(12, 1, { session: 10 }),
    row(13, 11),
    row(14, 13),
    row(20, 1, { marked: true }),
    row(21, 20),
    row(30, 1),
    row(31, 30),
  ];
  expect(treeOf(rows, processTree('r', 10), 30).sort()).toEqual([10, 11, 12, 13, 14, 20, 21]);
  expect(treeOf(rows, processTree('r'), 30).sort()).toEqual([20, 21]);
});

test('whoever looks never finds itself', () => {
  expect(treeOf([row(10, 1), row(11, 10), row(12, 11)], processTree('r', 10), 11)).toEqual([10]);
});

test('a member stays one when its parents are gone, but its pid in other hands is not', () => {
  const tree = processTree('r', 10);
  expect(treeOf([row(10, 1), row(11, 10)], tree, 99)).toEqual([10, 11]);
  expect(treeOf([row(11, 1)], tree, 99)).toEqual([11]);
  expect(treeOf([row(11, 1, { start: 500 })], tree, 99)).toEqual([]);
});

test('a process that is older than its parent has lost its real one', () => {
  expect(treeOf([row(10, 1, { start: 100 }), row(11, 10, { start: 50 })], processTree('r', 10), 99)).toEqual([10]);
});

test('a line of /proc is read whatever the name of the process; what has ended is no process', () => {
  const rest = '5 6 7 0 -1 4194560 104 0 0 0 0 0 0 0 20 0 1 0 11706 6078464 208';
  expect(parseStat(`42 (odd) name (x) S ${rest}`)).toEqual({ pid: 42, ppid: 5, group: 6, session: 7, start: 11706 });
  expect(parseStat(`42 (sh) Z ${rest}`)).toBeUndefined();
});

test.runIf(process.platform === 'linux')('real processes are listed with their marker and start', async () => {
  const child = spawn('/bin/sleep', ['300'], { env: { KANADE_RESULT_ID: 'unit_1' }, detached: true });
  try {
    await once(child, 'spawn');
    const marked = (await linuxProcesses('unit_1')).filter((process) => process.marked);
    expect(marked).toEqual([expect.objectContaining({ pid: child.pid, ppid: process.pid, group: child.pid, session: child.pid })]);
    expect((await linuxProcesses('unit_')).some((process) => process.marked)).toBe(false);
    expect(await processStart(child.pid!)).toMatch(new RegExp(`^[0-9a-f-]{36}/${marked[0]!.start}$`));
  } finally {
    child.kill('SIGKILL');
    await once(child, 'exit');
  }
  expect(await processStart(child.pid!)).toBeUndefined();
});

test('what ps prints is read', () => {
  const text =
    '    1     0     1 Ss   Sat Nov 21 13:01:22 2026\n   77     1    77 Z    Sat Nov 21 13:01:22 2026\n  812     1   800 S+   Sat Nov 21 13:05:00 2026\n';
  expect(parsePs(text)).toEqual([
    { pid: 1, ppid: 0, group: 1, start: new Date(2026, 10, 21, 13, 1, 22).getTime(), marked: false },
    { pid: 812, ppid: 1, group: 800, start: new Date(2026, 10, 21, 13, 5, 0).getTime(), marked: false },
  ]);
});

test('what Windows prints of its processes, registry and code pages is read', () => {
  expect(parseProcesses('4 0 13345 0\r\n900 4 13346 1\r\nnoise\r\n')).toEqual([
    { pid: 4, ppid: 0, start: 13345, marked: false },
    { pid: 900, ppid: 4, start: 13346, marked: true },
  ]);
  const query =
    '\r\nHKEY_LOCAL_MACHINE\\SOFTWARE\\X\r\n    ExecutionPolicy    REG_SZ    AllSigned\r\n    Path    REG_SZ    C:\\a b\\x.exe\r\n\r\n';
  expect(parseRegistryValues(query, 'executionpolicy')).toEqual(['AllSigned']);
  expect(parseRegistryValues(query, 'Path')).toEqual(['C:\\a b\\x.exe']);
  expect(parseRegistryValues(query, 'Other')).toEqual([]);
  expect([undefined, '', 'Undefined', 'RemoteSigned'].map(isPolicySet)).toEqual([false, false, false, true]);
  expect(['932', '65001', '1252', '850', undefined].map(codePageLabel)).toEqual(['shift_jis', 'utf-8', 'windows-1252', 'cp850', 'utf-8']);
});
