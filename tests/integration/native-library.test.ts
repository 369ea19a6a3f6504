import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { runCommand } from '#core/process/run-command.ts';
import { HAS_DOTNET, nativeLibrary } from '#tests/support/native-library.ts';
import { PWSH } from '#tests/support/pwsh.ts';
import { tempDir } from '#tests/support/temp.ts';

const SCRIPT = join(import.meta.dirname, '../support/children/native-library.ps1');

type Values = Record<string, number | string | string[] | { bytes: number[] }>;
interface Case {
  /** What is tested, in words. */
  of: string;
  ask: 'user' | 'reboot' | 'defender' | 'all';
  registry?: Record<string, Values>;
  sessions?: { id: number; user: string; domain: string }[];
  console?: number;
  /** Of Defender's service; it does where nothing is said. */
  runs?: boolean;
  is: unknown;
}

const each = (ask: Case['ask'], cases: readonly Omit<Case, 'ask'>[]): Case[] => cases.map((one) => ({ ask, ...one }));

const WINDOWS = 'SOFTWARE\\Microsoft\\Windows\\CurrentVersion';
const MANAGER = 'SYSTEM\\CurrentControlSet\\Control\\Session Manager';
const KEY = 'SOFTWARE\\Microsoft\\Windows Defender';
const POLICY = 'SOFTWARE\\Policies\\Microsoft\\Windows Defender\\Real-Time Protection';

const renames = (...operations: string[]) => ({ [MANAGER]: { PendingFileRenameOperations: operations } });

const ann = { user: 'ann', domain: 'LAB' };
const bob = { user: 'bob', domain: 'PC7' };

const users = each('user', [
  {
    of: 'the console comes before lower numbers',
    sessions: [
      { id: 2, ...ann },
      { id: 7, ...bob },
    ],
    console: 7,
    is: 'PC7\\bob',
  },
  {
    of: 'then the lowest number does',
    sessions: [
      { id: 10, ...ann },
      { id: 9, ...bob },
    ],
    console: -1,
    is: 'PC7\\bob',
  },
  {
    of: 'a console at which nobody has logged on',
    sessions: [
      { id: 1, user: '', domain: '' },
      { id: 3, ...ann },
    ],
    console: 1,
    is: 'LAB\\ann',
  },
  { of: 'a user without a domain', sessions: [{ id: 1, user: 'ann', domain: '' }], console: 1, is: 'ann' },
  { of: 'nobody', sessions: [], console: 1, is: '' },
]);

const reboots = each('reboot', [
  { of: 'nothing waits', registry: { [MANAGER]: {} }, is: [] },
  {
    of: 'keys that are there say it',
    registry: {
      [`${WINDOWS}\\WindowsUpdate\\Auto Update\\RebootRequired`]: {},
      [`${WINDOWS}\\Component Based Servicing\\RebootPending`]: {},
    },
    is: ['component_servicing', 'windows_update'],
  },
  { of: 'a file that is to be another', registry: renames('\\??\\C:\\a', '', '\\??\\C:\\b', '!\\??\\C:\\c'), is: ['file_rename'] },
  { of: 'files that are only to be deleted', registry: renames('\\??\\C:\\a', '', '\\??\\C:\\b', ''), is: [] },
  { of: 'a list cut off in the middle', registry: renames('\\??\\C:\\a'), is: [] },
]);

/** 2026-11-01T00:00:00Z as a FILETIME. */
const NOVEMBER = { bytes: fileTime('2026-11-01T00:00:00Z') };
const defenders = each('defender', [
  { of: 'no Defender', registry: {}, is: null },
  { of: 'a Defender of which nothing more is known', registry: { [KEY]: {} }, is: { real_time_protection: true } },
  { of: 'its service does not run', registry: { [KEY]: {} }, runs: false, is: { real_time_protection: false } },
  ...['PassiveMode', 'DisableAntiVirus', 'DisableAntiSpyware'].map((name) => ({
    of: name,
    registry: { [KEY]: { [name]: 1 } },
    is: { real_time_protection: false },
  })),
  { of: 'what is not set', registry: { [KEY]: { PassiveMode: 0, DisableAntiVirus: 0 } }, is: { real_time_protection: true } },
  {
    of: 'switched off by hand',
    registry: { [KEY]: {}, [`${KEY}\\Real-Time Protection`]: { DisableRealtimeMonitoring: 1 } },
    is: { real_time_protection: false },
  },
  {
    of: 'switched off by policy',
    registry: { [KEY]: {}, [`${KEY}\\Features`]: { TamperProtection: 4 }, [POLICY]: { DisableRealtimeMonitoring: 1 } },
    is: { real_time_protection: false, tamper_protected: false },
  },
  {
    of: 'a policy against which it protects itself',
    registry: { [KEY]: {}, [`${KEY}\\Features`]: { TamperProtection: 5 }, [POLICY]: { DisableRealtimeMonitoring: 1 } },
    is: { real_time_protection: true, tamper_protected: true },
  },
  {
    of: 'a state nobody knows',
    registry: { [KEY]: {}, [`${KEY}\\Features`]: { TamperProtection: 2 } },
    is: { real_time_protection: true },
  },
  ...[
    {
      of: 'signatures made',
      given: { AVSignatureApplied: NOVEMBER, SignaturesLastUpdated: { bytes: fileTime('2026-11-20T00:00:00Z') } },
      days: 20,
    },
    { of: 'signatures that came', given: { SignaturesLastUpdated: NOVEMBER }, days: 20 },
    { of: 'signatures of the future', given: { AVSignatureApplied: { bytes: fileTime('2027-01-01T00:00:00Z') } }, days: 0 },
    { of: 'a time that was never set', given: { AVSignatureApplied: { bytes: [0, 0, 0, 0, 0, 0, 0, 0] } }, days: undefined },
    { of: 'a time that cannot be', given: { AVSignatureApplied: { bytes: [255, 255, 255, 255, 255, 255, 255, 255] } }, days: undefined },
    {
      of: 'a value of another kind',
      given: { AVSignatureApplied: 'yesterday', SignaturesLastUpdated: { bytes: [1, 2] } },
      days: undefined,
    },
  ].map(({ of, given, days }) => ({
    of,
    registry: { [KEY]: {}, [`${KEY}\\Signature Updates`]: given as Values },
    is: { real_time_protection: true, ...(days === undefined ? {} : { signature_age_days: days }) },
  })),
]);

test.skipIf(!HAS_DOTNET)('who works at a PC, why it wants to be restarted, and Defender, of what Windows says', async () => {
  const answers = await ask([...users, ...reboots, ...defenders]);
  const named = (value: unknown, i: number) => [[...users, ...reboots, ...defenders][i]!.of, value];
  expect(answers.map(named)).toEqual([...users, ...reboots, ...defenders].map(({ is }, i) => named(is, i)));
});

test.skipIf(!HAS_DOTNET)('where nothing of Windows is there each fact is a fault of its own, and none is told', async () => {
  const [answer] = await ask([{ of: 'Linux', ask: 'all', is: undefined }]);
  const { faults, ...facts } = answer as { faults: string[] };
  expect(facts).toEqual({});
  expect(faults.map((fault) => fault.split(':')[0])).toEqual(['logged_on_user', 'pending_reboot', 'defender']);
});

async function ask(cases: readonly Case[]): Promise<unknown[]> {
  await using temp = await tempDir();
  const file = join(temp.path, 'cases.json');
  await writeFile(file, JSON.stringify(cases));
  const args = ['-NoProfile', '-NonInteractive', '-File', SCRIPT, '-Library', await nativeLibrary(), '-Cases', file];
  const { code, stdout, stderr } = await runCommand(PWSH!, args);
  expect(code, stderr).toBe(0);
  return (JSON.parse(stdout) as { is: unknown }[]).map(({ is }) => is);
}

function fileTime(instant: string): number[] {
  const bytes = Buffer.alloc(8);
  bytes.writeBigInt64LE((BigInt(Date.parse(instant)) + 11_644_473_600_000n) * 10_000n);
  return [...bytes];
}
