import { expect, test } from 'vitest';
import { type Ending, judge } from '#core/agent/run/judge.ts';

const nothing = new Uint8Array();
const ended = (code: number, more: Partial<Ending> = {}): Ending => ({
  exit: { code, signal: null },
  timeoutMs: 1000,
  stderr: nothing,
  ...more,
});

test.each([
  [0, { outcome: 'succeeded', exitCode: 0 }],
  [3010, { outcome: 'succeeded', exitCode: 3010, rebootRequired: true }],
  [1641, { outcome: 'succeeded', exitCode: 1641, rebootRequired: true }],
  [1, { outcome: 'failed', exitCode: 1 }],
  [-1, { outcome: 'failed', exitCode: 0xffff_ffff }],
  [-1073741819, { outcome: 'failed', exitCode: 0xc000_0005 }],
])('the exit code %i without a list of good ones', (code, judgement) => {
  expect(judge(ended(code))).toEqual(judgement);
});

test('a list of good exit codes replaces the usual one; a reboot is asked for all the same', () => {
  const successExitCodes = [5, 3010, 0xffff_ffff];
  expect(judge(ended(0, { successExitCodes }))).toEqual({ outcome: 'failed', exitCode: 0 });
  expect(judge(ended(5, { successExitCodes }))).toEqual({ outcome: 'succeeded', exitCode: 5 });
  expect(judge(ended(-1, { successExitCodes }))).toEqual({ outcome: 'succeeded', exitCode: 0xffff_ffff });
  expect(judge(ended(3010, { successExitCodes }))).toMatchObject({ outcome: 'succeeded', rebootRequired: true });
});

test('a killed script is judged by why it was killed, not by how it then ended', () => {
  expect(judge(ended(0, { why: 'cancelled' }))).toEqual({ outcome: 'killed', reason: 'cancelled', exitCode: 0 });
  expect(judge(ended(0, { why: 'timeout' }))).toMatchObject({ outcome: 'timed_out', exitCode: 0 });
  expect(judge(ended(0, { why: 'reboot' }))).toMatchObject({ outcome: 'unknown', reason: 'reboot' });
});

test.each([
  ['cancelled', 'killed'],
  ['timeout', 'timed_out'],
  ['agent_stop', 'unknown'],
] as const)('one that could not be ended after %s is abandoned', (why, outcome) => {
  const judgement = judge({ why, timeoutMs: 1000, stderr: nothing });
  expect(judgement).toMatchObject({ outcome, reason: 'abandoned', detail: expect.stringContaining('still runs'), exitCode: null });
});

test('a wrapper that was never run points to the policy only when PowerShell says so', () => {
  const wrapper = { report: undefined };
  const localised = Buffer.from(
    'Die Datei "C:\\x\\wrapper.ps1" kann nicht geladen werden. Siehe https:/go.microsoft.com/fwlink/?LinkID=13\r\n5170.\r\n',
  );
  const english = Buffer.from(
    '    + CategoryInfo          : SecurityError: (:) [], PSSecurityException\r\n    + FullyQualifiedErrorId : UnauthorizedAccess',
  );
  for (const stderr of [localised, english]) {
    expect(judge(ended(1, { wrapper, stderr }))).toMatchObject({ outcome: 'failed', reason: 'execution_policy', exitCode: 1 });
  }
  expect(judge(ended(1, { wrapper, stderr: Buffer.from('out of memory') }))).toEqual({ outcome: 'failed', exitCode: 1 });
  const report = { language_mode: 'FullLanguage' };
  expect(judge(ended(1, { wrapper: { report }, stderr: english }))).toEqual({ outcome: 'failed', exitCode: 1 });
});

const record = (id: string, category: string, language_mode = 'FullLanguage') =>
  judge(
    ended(1, {
      successExitCodes: [1],
      wrapper: { report: { language_mode, error_record: { message: 'm', fully_qualified_error_id: id, category, exception_type: 'X' } } },
    }),
  );

test.each([
  ['UnauthorizedAccess', 'SecurityError', 'FullLanguage', 'execution_policy'],
  ['UnauthorizedAccess,Microsoft.PowerShell.Commands.ImportModuleCommand', 'SecurityError', 'FullLanguage', 'execution_policy'],
  ['UnauthorizedAccess', 'PermissionDenied', 'FullLanguage', undefined],
  ['MethodInvocationNotSupportedInConstrainedLanguage', 'InvalidOperation', 'FullLanguage', 'constrained_language'],
  [
    'CannotCreateTypeConstrainedLanguage,Microsoft.PowerShell.Commands.NewObjectCommand',
    'PermissionDenied',
    'FullLanguage',
    'constrained_language',
  ],
  ['CannotDefineNewType,Microsoft.PowerShell.Commands.AddTypeCommand', 'PermissionDenied', 'ConstrainedLanguage', 'constrained_language'],
  ['ConversionSupportedOnlyToCoreTypes', 'InvalidArgument', 'ConstrainedLanguage', 'constrained_language'],
  ['CannotDefineNewType', 'PermissionDenied', 'FullLanguage', undefined],
  ['its own', 'OperationStopped', 'ConstrainedLanguage', undefined],
])('the error %s (%s, %s) gives the reason %s', (id, category, mode, reason) => {
  const judgement = record(id, category, mode);
  expect(judgement).toMatchObject({ outcome: 'failed', exitCode: 1, errorRecord: { message: 'm' } });
  expect(judgement.reason).toBe(reason);
});
