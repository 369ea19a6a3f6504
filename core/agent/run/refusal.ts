import type { ErrorRecord } from '#core/contract/result.ts';
import type { WrapperReport } from './wrapper-report.ts';

export type Refusal = 'execution_policy' | 'constrained_language';

/** Error ids by themselves, and those that mean it only where the language is constrained. */
const CONSTRAINED = /ConstrainedLanguage|LanguageMode|AcrossLanguageBoundaries/i;
const CONSTRAINED_THERE = /^(?:CannotDefineNewType|DotSourceNotSupported|ConversionSupportedOnlyToCoreTypes)\b/;

/** Names and links that PowerShell prints in every language when its policy refuses a file; it breaks lines anywhere. */
const POLICY_TEXT = /PSSecurityException|about_Execution_Policies|LinkID=135170/;

/** Whether the PC's own rules, rather than the script, made it fail. */
export function refusalIn({ language_mode, error_record }: WrapperReport): Refusal | undefined {
  if (error_record === undefined) return undefined;
  if (isPolicyError(error_record)) return 'execution_policy';
  const id = error_record.fully_qualified_error_id ?? '';
  if (CONSTRAINED.test(id)) return 'constrained_language';
  return language_mode === 'ConstrainedLanguage' && CONSTRAINED_THERE.test(id) ? 'constrained_language' : undefined;
}

function isPolicyError(record: ErrorRecord): boolean {
  const named = record.fully_qualified_error_id?.startsWith('UnauthorizedAccess') || record.exception_type?.endsWith('PSSecurityException');
  return record.category === 'SecurityError' && named === true;
}

/** Whether the host refused the wrapper itself, going by what it printed. */
export function refusesWrapper(stderr: Uint8Array): boolean {
  return POLICY_TEXT.test(Buffer.from(stderr).toString('latin1').replace(/\s+/g, ''));
}
